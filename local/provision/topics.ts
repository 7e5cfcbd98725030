/** Topics as platform.ts defines them; on a single broker with a single copy. */
import kafkajs, { type Admin } from 'kafkajs'
import '../../functions/shared/kafkajs-timers.ts'
import { type TopicDefinition, topics } from '../../platform.ts'
import { poll } from '../supervisor/poll.ts'

// CommonJS whose exports Node cannot tell by name.
const { ConfigResourceTypes, ConfigSource, Kafka, logLevel } = kafkajs

/** Milliseconds; a busy machine has taken more than ten seconds. */
const leaderWithinMs = 60_000

/** One broker can hold one copy. */
export function onOneBroker(definition: TopicDefinition): TopicDefinition {
  return { ...definition, replicationFactor: 1, settings: { ...definition.settings, 'min.insync.replicas': '1' } }
}

/** Settings of `wanted` that are not so in `present`. */
export function differences(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => present[name] !== value))
}

/**
 * Creates the topics that are missing, adds missing partitions, and puts right settings that differ. Settings that
 * platform.ts does not name are left as they are. Repeating it changes nothing.
 * @param bootstrap the brokers, `host:port` with commas between; all of them are waited for
 * @returns what was changed, a line each
 */
export async function provisionTopics(
  bootstrap: string,
  definitions: readonly TopicDefinition[] = Object.values(topics),
): Promise<string[]> {
  const brokers = bootstrap.split(',')
  const kafka = new Kafka({ clientId: 'darkroom-provision', brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    await untilRegistered(admin, brokers.length)
    const existing = new Set(await admin.listTopics())
    const changes: string[] = []
    for (const definition of definitions.map((each) => (brokers.length === 1 ? onOneBroker(each) : each))) {
      const change = existing.has(definition.name) ? bringInLine : create
      changes.push(...(await change(admin, definition)))
    }
    return changes
  } finally {
    await admin.disconnect()
  }
}

/** A topic with three copies needs three brokers, which come up side by side. */
async function untilRegistered(admin: Admin, count: number): Promise<void> {
  const check = async () => {
    const { brokers } = await admin.describeCluster()
    if (brokers.length < count) throw new Error(`${brokers.length} of ${count} brokers have registered`)
  }
  await poll(check, { limitMs: leaderWithinMs })
}

async function create(admin: Admin, definition: TopicDefinition): Promise<string[]> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic: definition.name,
        numPartitions: definition.partitions,
        replicationFactor: definition.replicationFactor,
        configEntries: Object.entries(definition.settings).map(([name, value]) => ({ name, value })),
      },
    ],
  })
  await untilLed(admin, definition.name)
  return [`created topic ${definition.name}`]
}

/** Waits until every partition has a leader, so that the first producer finds one. kafkajs's own wait gives up early. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const check = async () => {
    const { topics: described } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = described[0]?.partitions ?? []
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0))
      throw new Error(`${topic} has no leader`)
  }
  await poll(check, { limitMs: leaderWithinMs })
}

async function bringInLine(admin: Admin, { name, partitions, settings }: TopicDefinition): Promise<string[]> {
  const changes: string[] = []
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [name] })
  const count = described[0]?.partitions.length ?? 0
  if (count < partitions) {
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }] })
    await untilLed(admin, name)
    changes.push(`topic ${name}: ${count} → ${partitions} partitions`)
  }
  const resource = { type: ConfigResourceTypes.TOPIC, name }
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false })
  const entries = resources[0]?.configEntries ?? []
  const present = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
  const different = differences(settings, present)
  if (Object.keys(different).length === 0) return changes
  // AlterConfigs replaces the whole set: what was set on the topic by others goes along, or it would be lost.
  const own = entries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
  const merged = {
    ...Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue])),
    ...settings,
  }
  const configEntries = Object.entries(merged).map(([key, value]) => ({ name: key, value }))
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] })
  const described2 = Object.entries(different).map(([key, value]) => `topic ${name}: ${key} ${present[key]} → ${value}`)
  return [...changes, ...described2]
}
