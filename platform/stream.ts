/** Topics, and the trigger that feeds the processor from them. */
import { retention } from './retention.ts'
import { hour, KiB } from './units.ts'

export type TopicDefinition = {
  readonly name: string
  readonly partitions: number
  /** Copies of each partition on a cluster; a single local broker lowers it to 1. */
  readonly replicationFactor: number
  /** Kafka's own names and values, as its admin API takes them. */
  readonly settings: Readonly<Record<string, string>>
}

const topicSettings = (retentionMs: number) => ({
  'retention.ms': String(retentionMs),
  // Kafka deletes whole, inactive segments only: rolling every six hours bounds a record's life to retention + 6 h.
  'segment.ms': String(6 * hour),
  // A producer's clock in the future would otherwise keep its segment from being deleted.
  'message.timestamp.type': 'LogAppendTime',
  'cleanup.policy': 'delete',
  'max.message.bytes': String(64 * KiB),
  'min.insync.replicas': '2',
})

export const topics = {
  images: { name: 'images', partitions: 6, replicationFactor: 3, settings: topicSettings(retention.events) },
  quarantine: {
    name: 'images.quarantine',
    partitions: 3,
    replicationFactor: 3,
    settings: {
      ...topicSettings(retention.quarantine),
      // The largest record of `images` fits in with the headers that say why it is here, or it could never leave.
      'max.message.bytes': String(80 * KiB),
    },
  },
} as const satisfies Record<string, TopicDefinition>

/**
 * How the Kafka trigger (event source mapping) feeds the processor.
 * AWS's defaults retry for ever, so one bad image would stall its partition: every argument is set on purpose.
 */
export const processTrigger = {
  topic: topics.images.name,
  consumerGroup: 'darkroom-process',
  batchSize: 10,
  /** Longest wait for a fuller batch, in milliseconds. AWS takes 0 or 500 ms and more for Kafka. */
  batchWindowMs: 0,
  /** With the pauses between them some three minutes; what fails for longer is sent again by the sweep. */
  maximumRetryAttempts: 10,
  maximumRecordAgeSeconds: 86_400,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
  pollers: { minimum: 1, maximum: 4 },
} as const
