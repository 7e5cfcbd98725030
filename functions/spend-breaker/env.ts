/** Variables of the spend breaker. `TRIGGER_IDS` lists event source mappings, comma-separated. */
import { observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const spendBreakerVariables = ['TRIGGER_IDS', ...observabilityVariables] as const
export type SpendBreakerEnvironment = Environment<typeof spendBreakerVariables>
export const readSpendBreakerEnvironment = (): SpendBreakerEnvironment =>
  readEnvironment(spendBreakerVariables, process.env)
