/** Reading a whole topic and writing to it, past the platform's own code. */
import { Kafka, logLevel } from 'kafkajs'
import '../../functions/shared/kafkajs-timers.ts'

export type TopicRecord = {
  readonly partition: number
  readonly offset: string
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

const clientOf = (brokers: string) => new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING })

/** Every record that the topic holds at the moment of the call. */
export async function readTopic(brokers: string, topic: string): Promise<TopicRecord[]> {
  const kafka = clientOf(brokers)
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  const left = new Set(ends.filter(({ high, low }) => BigInt(high) > BigInt(low)).map(({ partition }) => partition))
  const records: TopicRecord[] = []
  if (left.size > 0) {
    const consumer = kafka.consumer({ groupId: `test-${crypto.randomUUID()}` })
    const { promise, resolve } = Promise.withResolvers<void>()
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const key = message.key?.toString() ?? ''
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        )
        records.push({ partition, offset: message.offset, key, value: message.value?.toString() ?? '', headers })
        const end = ends.find((one) => one.partition === partition)
        if (end && BigInt(message.offset) + 1n >= BigInt(end.high)) left.delete(partition)
        if (left.size === 0) resolve()
      },
    })
    await promise
    await consumer.disconnect()
  }
  await admin.disconnect()
  return records
}

export async function produce(
  brokers: string,
  topic: string,
  messages: readonly { key?: string | null; value: string | null }[],
): Promise<void> {
  const producer = clientOf(brokers).producer()
  await producer.connect()
  await producer.send({ topic, messages: messages.map(({ key = null, value }) => ({ key, value })) })
  await producer.disconnect()
}

/** How many records a consumer group has not committed yet, over all partitions. */
export async function lagOf(brokers: string, topic: string, groupId: string): Promise<number> {
  const admin = clientOf(brokers).admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  return ends.reduce((sum, { partition, high, low }) => {
    const at = committed.get(partition) ?? -1
    return sum + Number(high) - (at < 0 ? Number(low) : at)
  }, 0)
}
