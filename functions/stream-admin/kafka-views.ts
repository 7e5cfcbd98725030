/** What the port to Kafka's administration answers, and how it follows from kafkajs's answers. Pure. */
import type { Admin } from 'kafkajs'
import { RequestError } from '../shared/errors.ts'

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
export type SettingsChange = {
  readonly set: Readonly<Record<string, string>>
  /** Back to the default. */
  readonly unset: readonly string[]
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

export const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
export const byPartition = (a: { partition: number }, b: { partition: number }) => a.partition - b.partition
export const position = ({ partition, offset }: { partition: number; offset: string }): Position => ({
  partition,
  offset: BigInt(offset),
})
export const noTopic = (cause?: unknown) => new RequestError(404, 'unknown-topic', 'There is no such topic', { cause })

type Metadata = Awaited<ReturnType<Admin['fetchTopicMetadata']>>['topics'][number]
export const topicView = ({ name, partitions }: Metadata): TopicView => ({
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
export function settingView({
  configName,
  configValue,
  configSource,
  configSynonyms,
  readOnly,
  isSensitive,
}: Entry): Setting {
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

const minute = 60_000
const hour = 60 * minute
/** Brokers tell no default of times that they hold in another unit; the first that has a value counts. */
const timesOfBroker: Readonly<Record<string, readonly (readonly [name: string, milliseconds: number])[]>> = {
  'retention.ms': [
    ['log.retention.ms', 1],
    ['log.retention.minutes', minute],
    ['log.retention.hours', hour],
  ],
  'segment.ms': [
    ['log.roll.ms', 1],
    ['log.roll.hours', hour],
  ],
}
export const brokerTimes: readonly string[] = Object.values(timesOfBroker).flatMap((times) =>
  times.map(([name]) => name),
)

/** The setting with the default that follows from the broker's own settings, where the broker has not told it. */
export function withBrokerDefault(
  setting: Setting,
  broker: readonly { readonly configName: string; readonly configValue: string | null }[],
): Setting {
  if (setting.defaultValue !== undefined) return setting
  for (const [name, milliseconds] of timesOfBroker[setting.name] ?? []) {
    const value = broker.find(({ configName }) => configName === name)?.configValue
    if (value) return { ...setting, defaultValue: String(Number(value) < 0 ? -1 : Number(value) * milliseconds) }
  }
  return setting
}

type Described = Awaited<ReturnType<Admin['describeGroups']>>['groups'][number]
export const groupView = ({ groupId, state, members }: Described): GroupView => ({
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
    return consumerAssignment(bytes)
  } catch {
    return {}
  }
}

/** ConsumerProtocolAssignment: version, then topics with their partitions. */
function consumerAssignment(bytes: Buffer): Record<string, number[]> {
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
