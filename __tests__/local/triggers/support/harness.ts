/** A trigger under test against a real broker and a real S3: its own topic, group, mapping and home. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Kafka, Producer } from 'kafkajs'
import type { LocalConfig } from '../../../../config.ts'
import { createKafka } from '../../../../functions/shared/kafka.ts'
import { failure, type InvokeResult } from '../../../../local/lambda/result.ts'
import { createS3Client } from '../../../../local/services/s3.ts'
import type { FailureRecord } from '../../../../local/triggers/failure-record.ts'
import { createProcessTrigger, type TriggerOverrides } from '../../../../local/triggers/process-trigger.ts'
import type { MskEvent, MskRecord } from '../../../../local/triggers/record.ts'
import { savedSchema, type TriggerChanges } from '../../../../local/triggers/settings.ts'
import { saveState } from '../../../../local/triggers/state.ts'
import type { Trigger } from '../../../../local/triggers/trigger.ts'
import { buckets, resourceName } from '../../../../platform.ts'

/** Stands in for the function: gets each record's value, and answers for the whole batch. */
export type FakeFunction = (records: readonly MskRecord[], event: MskEvent) => unknown

export type Delivered = { readonly partition: number; readonly offset: number; readonly value: string }
export type Harness = {
  readonly topic: string
  readonly uuid: string
  readonly home: string
  readonly trigger: Trigger
  /** Each invocation's records, in the order in which the invocations began. */
  readonly invocations: Delivered[][]
  /** Values of records in invocations that the function ended well, in that order. */
  readonly done: Delivered[]
  produce(messages: readonly { partition?: number; key?: string | null; value: string }[]): Promise<void>
  /** What the failure destination holds for this trigger. */
  failures(): Promise<{ key: string; record: FailureRecord; values: string[] }[]>
  /** Committed offset of each partition; −1 where there is none. */
  committed(): Promise<number[]>
  stop(): Promise<void>
}

export const textOf = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString()
export const recordText = (record: MskRecord) => textOf(record.value)
const delivered = (record: MskRecord): Delivered => ({
  partition: record.partition,
  offset: record.offset,
  value: recordText(record),
})

/** The answer that reports one record as failed. */
export const failedAt = (record: MskRecord | undefined) => ({
  batchItemFailures: [
    { itemIdentifier: { partition: `${record?.topic}-${record?.partition}`, offset: record?.offset } },
  ],
})

/** Makes the host's result a timeout or crash, as `local/lambda` reports it. */
export class HostFailure extends Error {
  readonly kind: 'Timeout' | 'Crash' | 'Throttled'
  constructor(kind: 'Timeout' | 'Crash' | 'Throttled') {
    super(kind)
    this.kind = kind
  }
}

export type HarnessOptions = {
  readonly partitions?: number
  readonly changes?: Omit<TriggerChanges, 'enabled'>
  readonly overrides?: TriggerOverrides
  readonly fake: FakeFunction
}

export const kafkaOf = (config: LocalConfig): Kafka =>
  createKafka({ brokers: config.urls.kafka, auth: 'none', clientId: 'test' })

/** Creates a topic of its own and waits until its partitions have leaders. */
export async function createTopic(config: LocalConfig, topic: string, partitions: number): Promise<void> {
  const admin = kafkaOf(config).admin()
  await admin.connect()
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
  })
  await admin.disconnect()
}

export async function createHarness(platform: LocalConfig, options: HarnessOptions): Promise<Harness> {
  const topic = `trigger-${randomUUID()}`
  const home = await mkdtemp(join(tmpdir(), 'darkroom-trigger-'))
  const config = { ...platform, home }
  const partitions = options.partitions ?? 1
  await createTopic(config, topic, partitions)
  const uuid = randomUUID()
  const state = savedSchema.parse({ uuid, enabled: true, changes: options.changes ?? {} })
  await mkdir(join(home, 'data', 'triggers'), { recursive: true })
  await saveState(join(home, 'data', 'triggers', 'process.json'), state)

  const invocations: Delivered[][] = []
  const done: Delivered[] = []
  async function fakeInvoke(event: MskEvent): Promise<InvokeResult> {
    const records = Object.values(event.records).flat()
    invocations.push(records.map(delivered))
    try {
      const payload = (await options.fake(records, event)) ?? null
      done.push(...records.filter((record) => !isReported(payload, record)).map(delivered))
      return { ok: true, payload }
    } catch (error) {
      if (error instanceof HostFailure) return failure(error.kind, `Sandbox.${error.kind}`, error.message)
      return failure('Unhandled', (error as Error).name, (error as Error).message)
    }
  }
  const trigger = await createProcessTrigger(
    config,
    { invoke: fakeInvoke, log: () => {} },
    { topic, consumerGroup: topic, pauseScale: 0.02, ...options.overrides },
  )
  trigger.start()
  await trigger.ready()

  let producer: Producer | undefined
  return {
    topic,
    uuid,
    home,
    trigger,
    invocations,
    done,
    async produce(messages) {
      if (!producer) {
        producer = kafkaOf(config).producer({ allowAutoTopicCreation: false })
        await producer.connect()
      }
      await producer.send({ topic, acks: -1, messages: messages.map((message) => ({ key: null, ...message })) })
    },
    failures: () => failuresOf(config, uuid),
    committed: () => committedOf(config, topic, partitions),
    async stop() {
      await trigger.stop(1_000)
      await producer?.disconnect()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Records of a partition from a reported offset on are not done, whatever the function did with them. */
function isReported(payload: unknown, { topic, partition, offset }: MskRecord): boolean {
  const failures = (payload as ReturnType<typeof failedAt> | null)?.batchItemFailures ?? []
  return failures.some(
    ({ itemIdentifier }) =>
      itemIdentifier.partition === `${topic}-${partition}` &&
      offset >= (itemIdentifier.offset ?? Number.POSITIVE_INFINITY),
  )
}

export async function committedOf(config: LocalConfig, topic: string, partitions: number): Promise<number[]> {
  const admin = kafkaOf(config).admin()
  await admin.connect()
  const [group] = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
  await admin.disconnect()
  const offsets = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  return Array.from({ length: partitions }, (_, partition) => offsets.get(partition) ?? -1)
}

async function failuresOf(config: LocalConfig, uuid: string) {
  const s3 = createS3Client(config)
  const Bucket = resourceName(config.environment, buckets.failures.name)
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `aws/lambda/${uuid}/` }))
  const found = await Promise.all(
    Contents.map(async ({ Key = '' }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
      const record = JSON.parse((await Body?.transformToString()) ?? '') as FailureRecord
      const event = JSON.parse(record.payload) as MskEvent
      return { key: Key, record, values: Object.values(event.records).flat().map(recordText) }
    }),
  )
  s3.destroy()
  return found
}
