/** Variables of the outbox sweep. */

import { kafkaVariables, ledgerVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const republishVariables = [
  ...ledgerVariables,
  ...kafkaVariables,
  'IMAGES_TOPIC',
  ...observabilityVariables,
] as const
export type RepublishEnvironment = Environment<typeof republishVariables>
export const readRepublishEnvironment = (): RepublishEnvironment => readEnvironment(republishVariables, process.env)
