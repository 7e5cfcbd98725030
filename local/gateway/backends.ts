/** Asking the parts behind the gateway whether they answer, and how far the processor is behind. */
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import kafkajs, { type Admin } from 'kafkajs'
import type { LocalConfig } from '../../config.ts'
import { createRuns } from '../../functions/shared/runs.ts'
import { buckets, processTrigger, resourceName, tables } from '../../platform.ts'
import type { PartitionLag } from './metrics.ts'

export type Backends = {
  readonly checks: Record<'s3' | 'dynamodb' | 'kafka', () => Promise<void>>
  /** Records between the end of each partition and what the processor has committed. */
  readonly lag: () => Promise<PartitionLag[]>
  /** When the newest run that removed something ended, epoch milliseconds; undefined where none has. */
  readonly lastRemoval: () => Promise<number | undefined>
}

/** Hourly runs of four days; erasures on request always remove something, so that the newest suffices. */
const runsToLookAt = 100

export function createBackends(config: LocalConfig): Backends {
  const aws = { region: config.region, credentials: config.s3Credentials, maxAttempts: 1 }
  const s3 = new S3Client({ ...aws, endpoint: config.urls.s3, forcePathStyle: true })
  const dynamodb = new DynamoDBClient({ ...aws, endpoint: config.urls.dynamodb })
  const named = (name: string) => resourceName(config.environment, name)

  /** kafkajs runs a timer every millisecond for each open connection: connect, ask, and leave. */
  async function withAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    const kafka = new kafkajs.Kafka({
      clientId: 'darkroom-gateway',
      brokers: config.urls.kafka.split(','),
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      // A fresh broker has no group coordinator at the first question.
      retry: { retries: 2, initialRetryTime: 100 },
      logLevel: kafkajs.logLevel.NOTHING,
    })
    const admin = kafka.admin()
    try {
      await admin.connect()
      return await ask(admin)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  const { topic, consumerGroup: group } = processTrigger
  const runs = createRuns(DynamoDBDocumentClient.from(dynamodb), named(tables.runs.name))
  return {
    lastRemoval: async () => {
      const removing = (await runs.list(runsToLookAt)).filter(
        ({ versions, metadata_files }) => versions + metadata_files > 0,
      )
      const ends = removing.map(({ finished_at }) => Date.parse(finished_at))
      return ends.length > 0 ? Math.max(...ends) : undefined
    },
    checks: {
      s3: async () => {
        await s3.send(new HeadBucketCommand({ Bucket: named(buckets.lake.name) }))
      },
      dynamodb: async () => {
        await dynamodb.send(new DescribeTableCommand({ TableName: named(tables.ledger.name) }))
      },
      kafka: () =>
        withAdmin(async (admin) => {
          const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
          const without = topics[0]?.partitions.filter(({ leader }) => leader < 0) ?? []
          if (without.length > 0) throw new Error(`${without.length} partitions have no leader`)
        }),
    },
    lag: () =>
      withAdmin(async (admin) => {
        const ends = await admin.fetchTopicOffsets(topic)
        const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
        const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
        return ends.map(({ partition, high, low }) => {
          const offset = offsets.get(partition) ?? -1n
          // Nothing committed yet: the trigger starts at the oldest record.
          const from = offset < 0n ? BigInt(low) : offset
          return { group, topic, partition, lag: Number(BigInt(high) - from) }
        })
      }),
  }
}
