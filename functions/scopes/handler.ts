/** Lambda entry: Cognito's pre-token-generation trigger, version 2 of its event. */
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda'
import { readScopesEnvironment } from './env.ts'
import { grantScopes } from './grant.ts'

// Fails at the start where a variable is missing, as every function does.
readScopesEnvironment()

export const handler = async (event: PreTokenGenerationV2TriggerEvent): Promise<PreTokenGenerationV2TriggerEvent> =>
  grantScopes(event)
