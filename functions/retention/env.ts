/** Variables of the application that answers about retention. */

import { lakeVariables, ledgerVariables, observabilityVariables, runsVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const retentionVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...runsVariables,
  ...observabilityVariables,
] as const
export type RetentionEnvironment = Environment<typeof retentionVariables>
export const readRetentionEnvironment = (): RetentionEnvironment => readEnvironment(retentionVariables, process.env)
