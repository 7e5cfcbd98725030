/** Variables of the outbox sweep. */

import { kafkaVariables, lakeVariables, ledgerVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const republishVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...kafkaVariables,
  'IMAGES_TOPIC',
  ...observabilityVariables,
] as const
export type RepublishEnvironment = Environment<typeof republishVariables>
export const readRepublishEnvironment = (): RepublishEnvironment => readEnvironment(republishVariables, process.env)
