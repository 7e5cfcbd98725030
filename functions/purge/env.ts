/** Variables of the purge. */

import {
  lakeVariables,
  ledgerVariables,
  observabilityVariables,
  receiptVariables,
  runsVariables,
} from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const purgeVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...runsVariables,
  ...receiptVariables,
  'FAILURES_BUCKET',
  ...observabilityVariables,
] as const
export type PurgeEnvironment = Environment<typeof purgeVariables>
export const readPurgeEnvironment = (): PurgeEnvironment => readEnvironment(purgeVariables, process.env)
