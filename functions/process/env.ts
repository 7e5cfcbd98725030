/** Variables of the processor. */

import { kafkaVariables, lakeVariables, ledgerVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const processVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...kafkaVariables,
  'QUARANTINE_TOPIC',
  ...observabilityVariables,
] as const
export type ProcessEnvironment = Environment<typeof processVariables>
export const readProcessEnvironment = (): ProcessEnvironment => readEnvironment(processVariables, process.env)
