/** Topics as platform.ts defines them (on a single broker with a single copy), by the code that ensures them in the cloud. */
import { setTimeout as pause } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import '../../functions/shared/kafkajs-timers.ts'
import { ensureTopics, type TopicAdmin } from '../../functions/topics/ensure.ts'
import { type TopicDefinition, topics } from '../../platform.ts'
import { poll } from '../supervisor/poll.ts'

// CommonJS whose exports Node cannot tell by name.
const { Kafka, KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, logLevel } = kafkajs

/** Milliseconds; a busy machine has taken more than ten seconds. */
const leaderWithinMs = 60_000

/** One broker can hold one copy. */
export function onOneBroker(definition: TopicDefinition): TopicDefinition {
  return { ...definition, replicationFactor: 1, settings: { ...definition.settings, 'min.insync.replicas': '1' } }
}

/**
 * Creates the topics that are missing, adds missing partitions, and puts right settings that differ. Settings that
 * platform.ts does not name are left as they are. Repeating it changes nothing.
 * @param bootstrap the brokers, `host:port` with commas between; all of them are waited for
 * @returns what was changed and what could not be, a line each
 */
export async function provisionTopics(
  bootstrap: string,
  definitions: readonly TopicDefinition[] = Object.values(topics),
): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await provisionOnce(bootstrap.split(','), definitions)
    } catch (error) {
      if (attempt === attempts || !isBroken(error)) throw error
      await pause(betweenAttemptsMs)
    }
  }
}

/** Brokers that find their quorum close connections that they have just accepted. */
const isBroken = (error: unknown): boolean =>
  error instanceof KafkaJSConnectionError || error instanceof KafkaJSNumberOfRetriesExceeded
const attempts = 5
const betweenAttemptsMs = 1_000

async function provisionOnce(brokers: readonly string[], definitions: readonly TopicDefinition[]): Promise<string[]> {
  const kafka = new Kafka({ clientId: 'darkroom-provision', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    await untilRegistered(admin, brokers.length)
    const wanted = brokers.length === 1 ? definitions.map(onOneBroker) : definitions
    const { changes, warnings } = await ensureTopics(patient(admin), wanted)
    return [...changes, ...warnings].map((line) => `topic ${line}`)
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

/** kafkajs's own wait for leaders gives up early, so that the first producer would find none. */
const patient = (admin: Admin): TopicAdmin => ({
  listTopics: () => admin.listTopics(),
  fetchTopicMetadata: (options) => admin.fetchTopicMetadata(options),
  describeConfigs: (options) => admin.describeConfigs(options),
  alterConfigs: (options) => admin.alterConfigs(options),
  async createTopics(options) {
    const created = await admin.createTopics({ ...options, waitForLeaders: false })
    for (const { topic } of options.topics) await untilLed(admin, topic)
    return created
  },
  async createPartitions(options) {
    const grown = await admin.createPartitions(options)
    for (const { topic } of options.topicPartitions) await untilLed(admin, topic)
    return grown
  },
})

async function untilLed(admin: Admin, topic: string): Promise<void> {
  const check = async () => {
    const { topics: described } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = described[0]?.partitions ?? []
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0))
      throw new Error(`${topic} has no leader`)
  }
  await poll(check, { limitMs: leaderWithinMs })
}
