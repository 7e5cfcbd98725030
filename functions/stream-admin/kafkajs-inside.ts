/**
 * Five requests that kafkajs 2.2.4 does not offer: reading records without joining a consumer group, the offsets of many
 * topics at once, committing the offsets of an empty group (its own `setOffsets` joins the group and waits for a fetch),
 * changing single settings (its own `alterConfigs` replaces them all, so that two engineers would undo each other), and
 * sizes. They go over the connections that kafkajs signs in and keeps. kafkajs is pinned and no longer changes; nothing
 * else in the project looks inside of it in this way.
 */
import type { Kafka } from 'kafkajs'
// @ts-expect-error kafkajs has no types for its inside.
import Decoder from 'kafkajs/src/protocol/decoder.js'
// @ts-expect-error kafkajs has no types for its inside.
import Encoder from 'kafkajs/src/protocol/encoder.js'

export type FetchedMessage = {
  readonly offset: string
  /** Epoch milliseconds, as text. */
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer | readonly Buffer[]>>
  readonly isControlRecord?: boolean
}

type Broker = {
  fetch(request: {
    maxWaitTime: number
    minBytes: number
    maxBytes: number
    isolationLevel: number
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[]
  }): Promise<{ responses: { partitions: { partition: number; messages: FetchedMessage[] }[] }[] }>
  offsetCommit(request: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
  }): Promise<unknown>
  readonly connectionPool: { send(call: { request: object; response: object }): Promise<unknown> }
}
export type Cluster = {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  addMultipleTargetTopics(topics: string[]): Promise<void>
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[]
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>
  findBroker(which: { nodeId: string | number }): Promise<Broker>
  findGroupCoordinator(which: { groupId: string }): Promise<Broker>
}

/** A kafkajs cluster with the same brokers and sign-in as the client's own. */
export function clusterOf(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  if (!create) throw new Error('This kafkajs is not 2.2.4: its clients make clusters in another way')
  const client = kafka as unknown as Record<symbol, (options: { allowAutoTopicCreation: boolean }) => Cluster>
  return client[create]?.({ allowAutoTopicCreation: false }) as Cluster
}

/** First and next offsets of many topics' partitions, those without a leader left out: kafkajs's own `fetchTopicOffsets` asks topic by topic. */
export async function rangesOf(
  cluster: Cluster,
  topics: readonly string[],
): Promise<[topic: string, ranges: { partition: number; low: bigint; high: bigint }[]][]> {
  await cluster.addMultipleTargetTopics([...topics])
  // Otherwise new partitions and new leaders would be seen only minutes later.
  await cluster.refreshMetadata()
  const led = (topic: string) => cluster.findTopicPartitionMetadata(topic).filter(({ leader }) => leader >= 0)
  const ask = (fromBeginning: boolean) =>
    cluster.fetchTopicsOffset(
      topics.map((topic) => ({
        topic,
        partitions: led(topic).map(({ partitionId }) => ({ partition: partitionId })),
        fromBeginning,
      })),
    )
  const [first, next] = await Promise.all([ask(true), ask(false)])
  const lows = new Map(first.map(({ topic, partitions }) => [topic, partitions]))
  return next.map(({ topic, partitions }) => [
    topic,
    partitions
      .map(({ partition, offset }) => ({
        partition,
        low: BigInt(lows.get(topic)?.find((one) => one.partition === partition)?.offset ?? 0),
        high: BigInt(offset),
      }))
      .sort((a, b) => a.partition - b.partition),
  ])
}

/** One answer of a broker for one partition; records before the offset may come along. */
export async function fetchOnce(
  cluster: Cluster,
  topic: string,
  partition: number,
  offset: bigint,
  maxBytes: number,
): Promise<readonly FetchedMessage[]> {
  const leaders = cluster.findLeaderForPartitions(topic, [partition])
  const [leader] = Object.keys(leaders)
  if (leader === undefined) return []
  const broker = await cluster.findBroker({ nodeId: leader })
  const { responses } = await broker.fetch({
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes,
    // Records of unfinished transactions are not there yet.
    isolationLevel: 1,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
  })
  return responses[0]?.partitions[0]?.messages ?? []
}

/** Commits for a group without members; Kafka refuses it where there are some. */
export async function commitEmptyGroup(
  cluster: Cluster,
  groupId: string,
  topic: string,
  partitions: readonly { partition: number; offset: string }[],
): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  // As Java's AdminClient does it: no generation, no member.
  await coordinator.offsetCommit({
    groupId,
    groupGenerationId: -1,
    memberId: '',
    topics: [{ topic, partitions: [...partitions] }],
  })
}

export type PartitionSize = { readonly topic: string; readonly partition: number; readonly bytes: number }

/** DescribeLogDirs, version 1, which Kafka 4 still takes. @returns the sizes on one broker's disks */
export async function partitionSizes(cluster: Cluster, nodeId: number): Promise<PartitionSize[]> {
  const broker = await cluster.findBroker({ nodeId: String(nodeId) })
  const request = {
    apiKey: 35,
    apiVersion: 1,
    apiName: 'DescribeLogDirs',
    // A null array asks for all topics.
    encode: async () => new Encoder().writeInt32(-1),
  }
  const response = { decode: async (data: Buffer) => decodeLogDirs(data), parse: async (decoded: unknown) => decoded }
  const { sizes } = (await broker.connectionPool.send({ request, response })) as { sizes: PartitionSize[] }
  return sizes
}

function decodeLogDirs(data: Buffer): { sizes: PartitionSize[] } {
  const decoder = new Decoder(data)
  const sizes: PartitionSize[] = []
  decoder.readInt32() // throttle time
  decoder.readArray(() => {
    decoder.readInt16() // error code
    decoder.readString() // folder
    decoder.readArray(() => {
      const topic: string = decoder.readString()
      decoder.readArray(() => {
        const partition: number = decoder.readInt32()
        const bytes = Number(decoder.readInt64())
        decoder.readInt64() // lag of a copy that is being moved
        const moving: boolean = decoder.readBoolean()
        if (!moving) sizes.push({ topic, partition, bytes })
      })
    })
  })
  return { sizes }
}

/** A broker's "no" to a change of settings, in its own words. */
export class SettingsRefusedError extends Error {
  override readonly name = 'SettingsRefusedError'
  readonly errorCode: number

  constructor(errorCode: number, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}

const topicResource = 2
const operations = { set: 0, delete: 1 } as const

/**
 * IncrementalAlterConfigs, version 0: settings that are not named stay as they are.
 * @param dryRun the brokers check the change and do not make it
 * @throws SettingsRefusedError
 */
export async function alterSettings(
  cluster: Cluster,
  nodeId: number,
  topic: string,
  change: { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] },
  dryRun: boolean,
): Promise<void> {
  const broker = await cluster.findBroker({ nodeId: String(nodeId) })
  const entries = [
    ...Object.entries(change.set).map(([name, value]) => ({ name, operation: operations.set, value })),
    ...change.unset.map((name) => ({ name, operation: operations.delete, value: null })),
  ]
  const configs = entries.map(({ name, operation, value }) =>
    new Encoder().writeString(name).writeInt8(operation).writeString(value),
  )
  const resource = new Encoder().writeInt8(topicResource).writeString(topic).writeArray(configs)
  const request = {
    apiKey: 44,
    apiVersion: 0,
    apiName: 'IncrementalAlterConfigs',
    encode: async () => new Encoder().writeArray([resource]).writeBoolean(dryRun),
  }
  const response = {
    decode: async (data: Buffer) => {
      const decoder = new Decoder(data)
      decoder.readInt32() // throttle time
      decoder.readInt32() // one answer, for the one resource
      return { code: decoder.readInt16() as number, message: (decoder.readString() as string | null) ?? '' }
    },
    parse: async (answer: { code: number; message: string }) => {
      if (answer.code !== 0) throw new SettingsRefusedError(answer.code, answer.message)
      return answer
    },
  }
  await broker.connectionPool.send({ request, response })
}
