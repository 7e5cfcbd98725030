/** Variables of the function that measures the stream. */
import { kafkaVariables, observabilityVariables, runsVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const measureVariables = [
  'IMAGES_TOPIC',
  'QUARANTINE_TOPIC',
  ...kafkaVariables,
  ...runsVariables,
  ...observabilityVariables,
] as const
export type MeasureEnvironment = Environment<typeof measureVariables>
export const readMeasureEnvironment = (): MeasureEnvironment => readEnvironment(measureVariables, process.env)
