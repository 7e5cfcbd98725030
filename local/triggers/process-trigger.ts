/** The one trigger of the platform, put together from its definition: images topic → processor → failures bucket. */
import { join } from 'node:path'
import { logLevel } from 'kafkajs'
import type { LocalConfig } from '../../config.ts'
import { createKafka } from '../../functions/shared/kafka.ts'
import { buckets, functions, processTrigger, resourceName } from '../../platform.ts'
import { createS3Client } from '../services/s3.ts'
import { createS3Destination } from './destination.ts'
import type { Log } from './dispatcher.ts'
import type { EventSource } from './record.ts'
import { loadState, saveState } from './state.ts'
import { createTrigger, type Trigger, type TriggerOptions } from './trigger.ts'

export const triggerName = 'process'

/** What a test may replace: its own topic, group and function. */
export type TriggerOverrides = Partial<
  Pick<TriggerOptions, 'topic' | 'consumerGroup' | 'startingPosition' | 'functionConcurrency' | 'clock' | 'pauseScale'>
>

const accountId = '000000000000'

/** A cluster's ARN ends in an UUID and a number; there is one cluster on this machine. */
const clusterUuid = '00000000-0000-4000-8000-000000000000-1'

export const eventSource = (config: LocalConfig): EventSource => ({
  eventSourceArn: `arn:aws:kafka:${config.region}:${accountId}:cluster/${resourceName(config.environment, 'stream')}/${clusterUuid}`,
  bootstrapServers: config.urls.kafka,
})

/** @throws StateFileError when the saved state is damaged */
export async function createProcessTrigger(
  config: LocalConfig,
  { invoke, log }: { invoke: TriggerOptions['invoke']; log: Log },
  overrides: TriggerOverrides = {},
): Promise<Trigger> {
  const file = join(config.home, 'data', 'triggers', `${triggerName}.json`)
  const saved = await loadState(file)
  const source = eventSource(config)
  const functionName = resourceName(config.environment, 'process')
  const bucket = resourceName(config.environment, buckets.failures.name)
  const topic = overrides.topic ?? processTrigger.topic
  const kafka = () =>
    createKafka({ brokers: config.urls.kafka, auth: 'none', clientId: `trigger-${triggerName}` }, kafkaOverrides(log))
  return createTrigger({
    name: triggerName,
    kafka,
    consumerGroup: processTrigger.consumerGroup,
    startingPosition: processTrigger.startingPosition,
    source,
    functionName,
    functionConcurrency: functions.process.concurrency.local,
    invoke,
    destination: createS3Destination({
      s3: createS3Client(config),
      bucket,
      mappingUuid: saved.uuid,
      functionArn: `arn:aws:lambda:${config.region}:${accountId}:function:${functionName}`,
      source,
      clock: overrides.clock ?? Date.now,
    }),
    destinationName: `s3://${bucket}`,
    saved,
    save: (state) => saveState(file, state),
    log,
    ...overrides,
    topic,
  })
}

/** kafkajs repeats itself while the broker is away; what matters of it, the trigger says itself. */
const kafkaOverrides = (log: Log) => ({
  logLevel: logLevel.ERROR,
  logCreator: () => (entry: { namespace: string; log: { message: string; error?: unknown } }) =>
    log('DEBUG', `kafkajs ${entry.namespace}: ${entry.log.message}`, { error: entry.log.error }),
})
