/** Variables of the producer application. */

import { kafkaVariables, lakeVariables, ledgerVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const uploadVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...kafkaVariables,
  'IMAGES_TOPIC',
  ...observabilityVariables,
] as const
export type UploadEnvironment = Environment<typeof uploadVariables>
export const readUploadEnvironment = (): UploadEnvironment => readEnvironment(uploadVariables, process.env)
