/** The narrow port to the administration of Kafka. kafkajs stays behind it, and so do its pitfalls. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import { refusalOf } from './kafka-refusals.ts'
import {
  brokerTimes,
  byName,
  byPartition,
  type ClusterView,
  type CommittedTopic,
  type GroupView,
  groupView,
  type NewTopic,
  noTopic,
  type OffsetRange,
  type Position,
  position,
  type Setting,
  type SettingsChange,
  type SizeOfPartition,
  settingView,
  type TopicView,
  topicView,
  withBrokerDefault,
} from './kafka-views.ts'
import {
  alterSettings,
  type Cluster,
  clusterOf,
  commitEmptyGroup,
  type FetchedMessage,
  fetchOnce,
  partitionSizes,
  rangesOf,
} from './kafkajs-inside.ts'

export type KafkaAdmin = {
  cluster(): Promise<ClusterView>
  topics(): Promise<TopicView[]>
  /** @throws RequestError 404 where there is no such topic */
  topic(name: string): Promise<TopicView>
  offsets(topic: string): Promise<OffsetRange[]>
  /** The same for many topics, in two requests to each broker. @throws RequestError 404 where one of them is missing */
  offsetsOf(topics: readonly string[]): Promise<Map<string, OffsetRange[]>>
  /** First records at or after a moment (epoch milliseconds); the end where there is none. */
  offsetsAt(topic: string, time: number): Promise<Position[]>
  settings(topic: string): Promise<Setting[]>
  /**
   * Changes the settings that are named, and no other.
   * @throws RequestError 422 with the broker's own words where it refuses a value
   */
  changeSettings(topic: string, change: SettingsChange, dryRun: boolean): Promise<void>
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
    offsetsOf: (topics) =>
      ask(async (_admin, cluster) => new Map(topics.length === 0 ? [] : await rangesOf(cluster, topics))),
    offsetsAt: (topic, time) =>
      ask(async (admin) => (await admin.fetchTopicOffsetsByTimestamp(topic, time)).map(position).sort(byPartition)),
    settings: (topic) =>
      ask(async (admin) => {
        const { resources } = await admin.describeConfigs({
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
          includeSynonyms: true,
        })
        const settings = (resources[0]?.configEntries ?? []).map(settingView).sort(byName)
        if (settings.every(({ defaultValue }) => defaultValue !== undefined)) return settings
        const { brokers } = await admin.describeCluster()
        const { resources: own } = await admin.describeConfigs({
          resources: [
            { type: ConfigResourceTypes.BROKER, name: String(brokers[0]?.nodeId), configNames: brokerTimes.slice() },
          ],
          includeSynonyms: false,
        })
        return settings.map((setting) => withBrokerDefault(setting, own[0]?.configEntries ?? []))
      }),
    changeSettings: (topic, change, dryRun) =>
      ask(async (admin, cluster) => {
        const { brokers } = await admin.describeCluster()
        // Any broker hands it on to the controller.
        await alterSettings(cluster, brokers[0]?.nodeId ?? 0, topic, change, dryRun)
      }),
    createTopic: ({ name, partitions, replicas, settings }, dryRun) =>
      ask(async (admin) => {
        const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
        const made = await admin.createTopics({
          validateOnly: dryRun,
          // kafkajs takes a topic whose leaders are not elected yet for an unknown one, and what was made for a failure.
          waitForLeaders: false,
          topics: [{ topic: name, numPartitions: partitions, replicationFactor: replicas, configEntries }],
        })
        if (!made) throw new RequestError(409, 'topic-exists', `There is a topic ${name} already`)
        if (!dryRun) await appeared(admin, name)
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

const looks = 20
const lookAgainMs = 100

/** Waits a moment until the brokers tell of a new topic. It is there in any case, so nothing fails that does not see it. */
async function appeared(admin: Admin, topic: string): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined)
    if (found?.topics[0]?.partitions.every(({ leader }) => leader >= 0)) return
    await pause(lookAgainMs)
  }
}
