/** The narrow port to the administration of Kafka. kafkajs stays behind it, and so do its pitfalls. */
import { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import {
  type Cluster,
  clusterOf,
  commitEmptyGroup,
  type FetchedMessage,
  fetchOnce,
  partitionSizes,
} from './kafkajs-inside.ts'

export type BrokerView = { readonly id: number; readonly host: string; readonly port: number }
export type ClusterView = {
  readonly id: string
  readonly controller: number | undefined
  readonly brokers: BrokerView[]
}
export type PartitionView = {
  readonly partition: number
  /** −1 where nobody leads. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}
export type TopicView = {
  readonly name: string
  readonly internal: boolean
  readonly partitions: readonly PartitionView[]
}
/** `low` is the first record's, `high` the next one's offset. */
export type OffsetRange = { readonly partition: number; readonly low: bigint; readonly high: bigint }
export type Position = { readonly partition: number; readonly offset: bigint }
export type Setting = {
  readonly name: string
  readonly value: string
  /** What would hold without the topic's own; absent where the broker keeps it to itself. */
  readonly defaultValue: string | undefined
  /** The topic itself says so. */
  readonly set: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
}
export type GroupView = {
  readonly id: string
  /** Kafka's names: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead. */
  readonly state: string
  readonly members: readonly {
    readonly id: string
    readonly client: string
    readonly host: string
    readonly assigned: Readonly<Record<string, readonly number[]>>
  }[]
}
export type CommittedTopic = { readonly topic: string; readonly partitions: readonly Position[] }
export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly settings: Readonly<Record<string, string>>
}
export type SizeOfPartition = {
  readonly topic: string
  readonly partition: number
  readonly broker: number
  readonly bytes: number
}

export type KafkaAdmin = {
  cluster(): Promise<ClusterView>
  topics(): Promise<TopicView[]>
  /** @throws RequestError 404 where there is no such topic */
  topic(name: string): Promise<TopicView>
  offsets(topic: string): Promise<OffsetRange[]>
  /** First records at or after a moment (epoch milliseconds); the end where there is none. */
  offsetsAt(topic: string, time: number): Promise<Position[]>
  settings(topic: string): Promise<Setting[]>
  /**
   * Replaces all settings of the topic's own, as Kafka's AlterConfigs does: whoever calls merges first.
   * @throws RequestError 422 where the broker refuses a value
   */
  replaceSettings(topic: string, settings: Readonly<Record<string, string>>, dryRun: boolean): Promise<void>
  /** @throws RequestError 409 where there is one, 422 where the broker refuses a value */
  createTopic(topic: NewTopic, dryRun: boolean): Promise<void>
  addPartitions(topic: string, total: number, dryRun: boolean): Promise<void>
  groups(): Promise<string[]>
  describeGroups(ids: readonly string[]): Promise<GroupView[]>
  /** What a group has committed; partitions without a commit are left out. */
  committed(group: string): Promise<CommittedTopic[]>
  /** Only for a group without members. @throws RequestError 409 where it has some */
  commit(group: string, topic: string, positions: readonly Position[]): Promise<void>
  /** Up to `limit` records of one partition from an offset on, and none at or beyond `until`. */
  read(topic: string, partition: number, from: bigint, until: bigint, limit: number): Promise<FetchedMessage[]>
  /** Sizes on disk, each replica for itself. */
  sizes(): Promise<SizeOfPartition[]>
  disconnect(): Promise<void>
}

/** Bytes of one fetch; records here have at most 80 KiB. */
const fetchBytes = 1024 * 1024

/** One connection for all requests of the function; a failure makes it anew at the next one. */
export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let open: Promise<{ admin: Admin; cluster: Cluster }> | undefined

  async function connect() {
    const admin = kafka.admin()
    const cluster = clusterOf(kafka)
    await Promise.all([admin.connect(), cluster.connect()])
    // Connecting alone asks a seed broker; who else there is comes with the metadata.
    await cluster.refreshMetadata()
    return { admin, cluster }
  }

  async function ask<T>(work: (admin: Admin, cluster: Cluster) => Promise<T>): Promise<T> {
    open ??= connect()
    const connection = open
    try {
      const { admin, cluster } = await connection
      return await work(admin, cluster)
    } catch (cause) {
      const refusal = cause instanceof RequestError ? cause : refusalOf(cause)
      // kafkajs goes on asking for a topic that has been deleted, and would then fail for all others.
      if (!refusal || refusal.status === 404) {
        if (open === connection) open = undefined
        connection.then(leave, () => {})
      }
      if (refusal) throw refusal
      throw new UnavailableError('stream-unavailable', 'Kafka did not answer', {
        cause,
        hint: 'Try again in a few seconds.',
      })
    }
  }

  const leave = async ({ admin, cluster }: { admin: Admin; cluster: Cluster }) => {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()])
  }

  const metadata = (admin: Admin, names: string[]) =>
    admin.fetchTopicMetadata(names.length > 0 ? { topics: names } : undefined)

  return {
    cluster: () =>
      ask(async (admin) => {
        const { brokers, controller, clusterId } = await admin.describeCluster()
        return {
          id: clusterId,
          controller: controller ?? undefined,
          brokers: brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })).sort((a, b) => a.id - b.id),
        }
      }),
    topics: () => ask(async (admin) => (await metadata(admin, [])).topics.map(topicView).sort(byName)),
    topic: (name) =>
      ask(async (admin) => {
        const [found] = (await metadata(admin, [name])).topics
        if (!found) throw noTopic()
        return topicView(found)
      }),
    offsets: (topic) =>
      ask(async (admin) =>
        (await admin.fetchTopicOffsets(topic))
          .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
          .sort(byPartition),
      ),
    offsetsAt: (topic, time) =>
      ask(async (admin) => (await admin.fetchTopicOffsetsByTimestamp(topic, time)).map(position).sort(byPartition)),
    settings: (topic) =>
      ask(async (admin) => {
        const { resources } = await admin.describeConfigs({
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
          includeSynonyms: true,
        })
        return (resources[0]?.configEntries ?? []).map(settingView).sort(byName)
      }),
    replaceSettings: (topic, settings, dryRun) =>
      ask(async (admin) => {
        const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
        await admin.alterConfigs({
          validateOnly: dryRun,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
        })
      }),
    createTopic: ({ name, partitions, replicas, settings }, dryRun) =>
      ask(async (admin) => {
        const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
        const made = await admin.createTopics({
          validateOnly: dryRun,
          waitForLeaders: !dryRun,
          topics: [{ topic: name, numPartitions: partitions, replicationFactor: replicas, configEntries }],
        })
        if (!made) throw new RequestError(409, 'topic-exists', `There is a topic ${name} already`)
      }),
    addPartitions: (topic, total, dryRun) =>
      ask(async (admin) => {
        await admin.createPartitions({ validateOnly: dryRun, topicPartitions: [{ topic, count: total }] })
      }),
    groups: () => ask(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort()),
    describeGroups: (ids) =>
      ask(async (admin) => {
        if (ids.length === 0) return []
        return (await admin.describeGroups([...ids])).groups.map(groupView)
      }),
    committed: (group) =>
      ask(async (admin) =>
        (await admin.fetchOffsets({ groupId: group })).map(({ topic, partitions }) => ({
          topic,
          partitions: partitions
            .filter(({ offset }) => BigInt(offset) >= 0n)
            .map(position)
            .sort(byPartition),
        })),
      ),
    commit: (group, topic, positions) =>
      ask((_admin, cluster) =>
        commitEmptyGroup(
          cluster,
          group,
          topic,
          positions.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
        ),
      ),
    read: (topic, partition, from, until, limit) =>
      ask(async (_admin, cluster) => {
        await cluster.addTargetTopic(topic)
        const found: FetchedMessage[] = []
        for (let next = from; next < until && found.length < limit; ) {
          const messages = await fetchOnce(cluster, topic, partition, next, fetchBytes)
          const last = messages.at(-1)
          // Nothing comes: the rest has been deleted meanwhile, or belongs to a transaction that goes on.
          if (!last || BigInt(last.offset) < next) break
          found.push(
            ...messages.filter(
              ({ offset, isControlRecord }) => !isControlRecord && BigInt(offset) >= next && BigInt(offset) < until,
            ),
          )
          next = BigInt(last.offset) + 1n
        }
        return found.slice(0, limit)
      }),
    sizes: () =>
      ask(async (admin, cluster) => {
        const { brokers } = await admin.describeCluster()
        const all = await Promise.all(
          brokers.map(async ({ nodeId }) =>
            (await partitionSizes(cluster, nodeId)).map((size) => ({ ...size, broker: nodeId })),
          ),
        )
        return all.flat()
      }),
    async disconnect() {
      await open?.then(leave, () => {})
      open = undefined
    },
  }
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
const byPartition = (a: { partition: number }, b: { partition: number }) => a.partition - b.partition
const position = ({ partition, offset }: { partition: number; offset: string }): Position => ({
  partition,
  offset: BigInt(offset),
})
const noTopic = (cause?: unknown) => new RequestError(404, 'unknown-topic', 'There is no such topic', { cause })

type Metadata = Awaited<ReturnType<Admin['fetchTopicMetadata']>>['topics'][number]
const topicView = ({ name, partitions }: Metadata): TopicView => ({
  name,
  // Kafka's own; the metadata that kafkajs gives does not tell.
  internal: name.startsWith('__'),
  partitions: partitions
    .map(({ partitionId, leader, replicas, isr }) => ({ partition: partitionId, leader, replicas, inSync: isr }))
    .sort(byPartition),
})

/** The topic's own setting, in Kafka's numbering of where a value comes from. */
const fromTopic = 1
type Entry = Awaited<ReturnType<Admin['describeConfigs']>>['resources'][number]['configEntries'][number]
function settingView({ configName, configValue, configSource, configSynonyms, readOnly, isSensitive }: Entry): Setting {
  const fallback = configSynonyms?.find((synonym) => (synonym.configSource as number) !== fromTopic)
  const set = (configSource as number) === fromTopic
  return {
    name: configName,
    value: configValue ?? '',
    defaultValue: set ? (fallback?.configValue ?? undefined) : (configValue ?? ''),
    set,
    readOnly,
    sensitive: isSensitive,
  }
}

type Described = Awaited<ReturnType<Admin['describeGroups']>>['groups'][number]
const groupView = ({ groupId, state, members }: Described): GroupView => ({
  id: groupId,
  state,
  members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
    id: memberId,
    client: clientId,
    host: clientHost.replace(/^\//, ''),
    assigned: assignment(memberAssignment),
  })),
})

/** A member's partitions; what another protocol than the consumers' writes there is left alone. */
function assignment(bytes: Buffer): Record<string, number[]> {
  try {
    return kafkajsAssignment(bytes)
  } catch {
    return {}
  }
}

/** ConsumerProtocolAssignment: version, then topics with their partitions. */
function kafkajsAssignment(bytes: Buffer): Record<string, number[]> {
  let at = 2
  const int = () => {
    const value = bytes.readInt32BE(at)
    at += 4
    return value
  }
  const assigned: Record<string, number[]> = {}
  for (let topics = int(); topics > 0; topics -= 1) {
    const length = bytes.readInt16BE(at)
    const name = bytes.toString('utf8', at + 2, at + 2 + length)
    at += 2 + length
    assigned[name] = Array.from({ length: int() }, int)
  }
  return assigned
}

const codes: Readonly<Record<string, readonly [RequestError['status'], string, string]>> = {
  UNKNOWN_TOPIC_OR_PARTITION: [404, 'unknown-topic', 'There is no such topic'],
  INVALID_TOPIC_EXCEPTION: [422, 'topic-name-refused', 'The brokers do not take this name'],
  TOPIC_ALREADY_EXISTS: [409, 'topic-exists', 'There is such a topic already'],
  INVALID_CONFIG: [422, 'setting-refused', 'The brokers refuse a setting or its value'],
  INVALID_REQUEST: [422, 'setting-refused', 'The brokers refuse a setting or its value'],
  INVALID_PARTITIONS: [422, 'partitions-refused', 'The brokers refuse this number of partitions'],
  INVALID_REPLICATION_FACTOR: [422, 'replicas-refused', 'There are fewer brokers than replicas asked for'],
  POLICY_VIOLATION: [422, 'policy-violation', "The cluster's policy forbids it"],
  UNKNOWN_MEMBER_ID: [409, 'group-in-use', 'The group has members'],
  TOPIC_AUTHORIZATION_FAILED: [403, 'not-permitted', "The function's role may not do this with the topic"],
  GROUP_AUTHORIZATION_FAILED: [403, 'not-permitted', "The function's role may not do this with the group"],
}

/** The broker's own "no" as an error for the person; undefined where it is no refusal. */
function refusalOf(error: unknown): RequestError | undefined {
  const { type, errors, originalError } = error as { type?: string; errors?: unknown[]; originalError?: unknown }
  if (type && codes[type]) {
    const [status, code, message] = codes[type]
    return new RequestError(status, code, message, { cause: error })
  }
  if (errors?.[0]) return refusalOf(errors[0])
  // kafkajs wraps what it has retried.
  return originalError && originalError !== error ? refusalOf(originalError) : undefined
}
