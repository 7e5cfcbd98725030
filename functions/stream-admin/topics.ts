/** Topics: what they are, making one, changing one. */
import type {
  StreamNewTopic,
  StreamTopic,
  StreamTopicChange,
  StreamTopicChanged,
  StreamTopicPage,
  StreamTopicSummary,
} from '../../contract/stream-schemas.ts'
import { RequestError } from '../shared/errors.ts'
import { type Consumers, readConsumers } from './consumers.ts'
import { refuseWhereChanged } from './expected.ts'
import type { SizeOfPartition, TopicView } from './kafka-views.ts'
import { endOf, isUnderReplicated, recordsOf } from './lag.ts'
import { sizesOf } from './overview.ts'
import type { StreamAdminParts } from './parts.ts'
import type { Intent } from './records.ts'
import { checkPromise, differencesOf, isDefined, mergedSettings, warningsOf } from './settings-change.ts'

export async function listTopics(parts: StreamAdminParts): Promise<StreamTopicPage> {
  const [topics, sizes] = await Promise.all([parts.kafka.topics(), sizesOf(parts.kafka)])
  const names = topics.map(({ name }) => name)
  const consumers = await readConsumers(parts, topics, names)
  const bytes = sizes && Map.groupBy(sizes, (size) => size.topic)
  return { items: topics.map((topic) => summaryOf(topic, consumers, bytes && (bytes.get(topic.name) ?? []), parts)) }
}

export async function showTopic(parts: StreamAdminParts, name: string): Promise<StreamTopic> {
  const topic = await parts.kafka.topic(name)
  const [settings, sizes, consumers] = await Promise.all([
    parts.kafka.settings(name),
    sizesOf(parts.kafka),
    readConsumers(parts, [topic], [name]),
  ])
  const ranges = new Map(consumers.ranges.get(name)?.map((range) => [range.partition, range]))
  return {
    ...summaryOf(
      topic,
      consumers,
      sizes?.filter((size) => size.topic === name),
      parts,
    ),
    partition_list: topic.partitions.map(({ partition, leader, replicas, inSync }) => {
      const size = sizes?.find((one) => one.topic === name && one.partition === partition && one.broker === leader)
      return {
        partition,
        leader,
        replicas: [...replicas],
        in_sync: [...inSync],
        first_offset: String(ranges.get(partition)?.low ?? 0),
        next_offset: String(ranges.get(partition)?.high ?? 0),
        ...(size && { bytes: size.bytes }),
      }
    }),
    settings: settings.map(({ name: setting, value, defaultValue, set, readOnly, sensitive }) => ({
      name: setting,
      value,
      ...(defaultValue !== undefined && { default_value: defaultValue }),
      set,
      read_only: readOnly,
      sensitive,
    })),
  }
}

function summaryOf(
  { name, internal, partitions }: TopicView,
  { consumers, ranges }: Consumers,
  sizes: readonly SizeOfPartition[] | undefined,
  { meter }: Pick<StreamAdminParts, 'meter'>,
): StreamTopicSummary {
  const range = ranges.get(name) ?? []
  const rate = meter(`topic ${name}`, endOf(range))
  return {
    name,
    internal,
    defined: isDefined(name),
    partitions: partitions.length,
    replicas: partitions[0]?.replicas.length ?? 0,
    under_replicated: partitions.filter(isUnderReplicated).length,
    records: recordsOf(range),
    // All replicas together: what the topic takes up.
    ...(sizes && { bytes: sizes.reduce((sum, size) => sum + size.bytes, 0) }),
    ...(rate !== undefined && { rate }),
    consumers: consumers.filter((consumer) => consumer.topic === name),
  }
}

export type Audit = (
  change: Pick<Intent, 'action' | 'target' | 'before' | 'after'>,
  work: () => Promise<void>,
) => Promise<void>

export async function createTopic(
  parts: StreamAdminParts,
  wanted: StreamNewTopic,
  audit: Audit,
): Promise<StreamTopicChanged> {
  const { name, partitions, replicas, settings = {}, dry_run: dryRun = false } = wanted
  if (name === '.' || name === '..' || name.startsWith('__')) {
    throw new RequestError(400, 'topic-name-refused', 'name: names that begin with two underscores are kept for Kafka')
  }
  const topic = { name, partitions, replicas, settings }
  const after = { ...settings, partitions: String(partitions), replicas: String(replicas) }
  await parts.kafka.createTopic(topic, true)
  if (!dryRun) {
    await audit({ action: 'topic-create', target: name, before: {}, after }, () =>
      parts.kafka.createTopic(topic, false),
    )
  }
  return {
    dry_run: dryRun,
    name,
    differences: Object.entries(after).map(([setting, value]) => ({ name: setting, after: value })),
    warnings: [],
  }
}

/** Both parts of a change are validated by the brokers before either is made. */
export async function changeTopic(
  { kafka }: StreamAdminParts,
  name: string,
  change: StreamTopicChange,
  audit: Audit,
): Promise<StreamTopicChanged> {
  const { dry_run: dryRun = false, partitions: total } = change
  const [topic, current] = [await kafka.topic(name), await kafka.settings(name)]
  if (topic.internal) throw new RequestError(403, 'internal-topic', "Kafka's own topics are left alone")
  refuseWhereChanged(
    {
      ...Object.fromEntries(current.map(({ name: setting, value }) => [setting, value])),
      partitions: topic.partitions.length,
    },
    change.expected,
  )
  const merged = mergedSettings(current, change)
  const settings = differencesOf(current, merged)
  const grows = total !== undefined && total !== topic.partitions.length
  if (grows && total < topic.partitions.length) {
    throw new RequestError(
      422,
      'partitions-refused',
      `partitions: there are ${topic.partitions.length}, and none can be taken away`,
    )
  }
  const namesChanged = Object.keys(change.set ?? {}).length + (change.unset?.length ?? 0) > 0
  if (!namesChanged && total === undefined) {
    throw new RequestError(400, 'nothing-to-change', 'Name settings in set or unset, or a number of partitions')
  }
  const wanted = { set: change.set ?? {}, unset: change.unset ?? [] }
  if (namesChanged) {
    await kafka.changeSettings(name, wanted, true)
    // After the brokers: a value that is no number is theirs to refuse.
    checkPromise(name, current, merged)
  }
  if (grows) await kafka.addPartitions(name, total, true)

  const before = topic.partitions.length
  const differences = [
    ...settings,
    ...(grows ? [{ name: 'partitions', before: String(before), after: String(total) }] : []),
  ]
  if (!dryRun && differences.length + Number(namesChanged) > 0) {
    const values = (side: 'before' | 'after') =>
      Object.fromEntries(differences.flatMap((one) => (one[side] === undefined ? [] : [[one.name, one[side]]])))
    await audit(
      { action: 'topic-change', target: name, before: values('before'), after: values('after') },
      async () => {
        if (namesChanged) await kafka.changeSettings(name, wanted, false)
        if (grows) await kafka.addPartitions(name, total, false)
      },
    )
  }
  return { dry_run: dryRun, name, differences, warnings: warningsOf(name, { settings, partitions: grows }) }
}
