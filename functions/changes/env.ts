/** Variables of the application that tells of changes. */

import { lakeVariables, ledgerVariables, observabilityVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const changesVariables = [...lakeVariables, ...ledgerVariables, ...observabilityVariables] as const
export type ChangesEnvironment = Environment<typeof changesVariables>
export const readChangesEnvironment = (): ChangesEnvironment => readEnvironment(changesVariables, process.env)
