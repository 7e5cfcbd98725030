/** Variables of the function that ensures topics. */
import { kafkaVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const topicsVariables = [...kafkaVariables, ...observabilityVariables] as const
export type TopicsEnvironment = Environment<typeof topicsVariables>
export const readTopicsEnvironment = (): TopicsEnvironment => readEnvironment(topicsVariables, process.env)
