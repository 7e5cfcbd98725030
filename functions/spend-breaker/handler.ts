/** Lambda entry: a budget or an alarm says, through SNS, that spending runs away. */
import { GetEventSourceMappingCommand, LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda'
import type { SNSEvent } from 'aws-lambda'
import { createLogger } from '../shared/log.ts'
import { readSpendBreakerEnvironment } from './env.ts'
import { isAllClear, type Paused, pauseTriggers, type TriggerControl, triggerIds } from './pause.ts'

const env = readSpendBreakerEnvironment()
const logger = createLogger()
const lambda = new LambdaClient({})

const control: TriggerControl = {
  state: async (UUID) => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State,
  disable: async (UUID) => {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }))
  },
}

export async function handler(event: SNSEvent): Promise<Paused[]> {
  if (event.Records.every(({ Sns }) => isAllClear(Sns.Message))) return []
  const paused = await pauseTriggers(triggerIds(env.TRIGGER_IDS), control)
  logger.warn('triggers paused: spending runs away', { paused, subject: event.Records[0]?.Sns.Subject })
  return paused
}
