/** Variables of the function that adds scopes to tokens. */
import { observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const scopesVariables = [...observabilityVariables] as const
export type ScopesEnvironment = Environment<typeof scopesVariables>
export const readScopesEnvironment = (): ScopesEnvironment => readEnvironment(scopesVariables, process.env)
