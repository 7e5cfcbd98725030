/** Reading a topic whole, and putting records into it again. */
import kafkajs from 'kafkajs'
import { chunks } from '../functions/shared/chunks.ts'
import '../functions/shared/kafkajs-timers.ts'
import { poll } from '../local/supervisor/poll.ts'

export type StreamRecord = {
  readonly partition: number
  readonly offset: string
  readonly key: string
  readonly value: string
}

const clientOf = (broker: string) =>
  new kafkajs.Kafka({ clientId: 'faults', brokers: [broker], logLevel: kafkajs.logLevel.NOTHING })

/**
 * Every record that the topic holds at the moment of the call.
 * @param limitMs while a broker is being struck, a minute is long enough
 * @throws Error where the broker stays away for so long
 */
export const readTopic = (broker: string, topic: string, limitMs = 60_000): Promise<StreamRecord[]> =>
  poll(() => readOnce(broker, topic), { limitMs, everyMs: 1_000 })

async function readOnce(broker: string, topic: string): Promise<StreamRecord[]> {
  const kafka = clientOf(broker)
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect())
  const left = new Map(
    ends.filter(({ high, low }) => BigInt(high) > BigInt(low)).map(({ partition, high }) => [partition, BigInt(high)]),
  )
  const records: StreamRecord[] = []
  if (left.size === 0) return records
  const consumer = kafka.consumer({ groupId: `faults-${crypto.randomUUID()}` })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new Error(`${topic} was not read within a minute`)), 60_000)
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const { offset, key, value } = message
        records.push({ partition, offset, key: key?.toString() ?? '', value: value?.toString() ?? '' })
        if (BigInt(offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition)
        if (left.size === 0) resolve()
      },
    })
    await promise
  } finally {
    clearTimeout(late)
    await consumer.disconnect()
  }
  return records
}

/** Some 50 kB: the broker takes no more than a mebibyte at once, and a long run has thousands. */
const recordsAtOnce = 200

/** Puts copies of records into a topic, in the order given. */
export async function produceCopies(
  broker: string,
  topic: string,
  records: readonly Pick<StreamRecord, 'key' | 'value'>[],
): Promise<void> {
  if (records.length === 0) return
  const producer = clientOf(broker).producer()
  await producer.connect()
  try {
    for (const some of chunks(records, recordsAtOnce)) {
      const messages = some.map(({ key, value }) => ({ key, value }))
      await producer.send({ topic, messages })
    }
  } finally {
    await producer.disconnect()
  }
}
