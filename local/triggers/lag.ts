/** How far the trigger's group is behind, asked of the broker; works while the trigger is disabled, too. */
import type { Admin, Kafka } from 'kafkajs'

export type PartitionLag = {
  readonly partition: number
  /** The next offset that will be delivered; null where the group has committed nothing yet. */
  readonly committedOffset: number | null
  readonly endOffset: number
  /** Records that are not done. */
  readonly lag: number
}

export type LagReader = { read(): Promise<PartitionLag[]>; stop(): Promise<void> }

/** Several people looking at once ask the broker no more than once in this time. Milliseconds. */
const freshFor = 500

/** @param fromStart whether a group without commits starts at the oldest record */
export function createLagReader(options: {
  readonly kafka: () => Kafka
  readonly topic: string
  readonly consumerGroup: string
  readonly fromStart: boolean
}): LagReader {
  const { topic, consumerGroup, fromStart } = options
  let connection: Promise<Admin> | undefined
  let last: { readonly at: number; readonly answer: Promise<PartitionLag[]> } | undefined

  async function connect(): Promise<Admin> {
    const admin = options.kafka().admin()
    await admin.connect()
    return admin
  }

  async function ask(): Promise<PartitionLag[]> {
    connection ??= connect()
    try {
      const admin = await connection
      const [ends, [group]] = await Promise.all([
        admin.fetchTopicOffsets(topic),
        admin.fetchOffsets({ groupId: consumerGroup, topics: [topic] }),
      ])
      const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      return ends
        .map(({ partition, low, high }) => {
          const offset = committed.get(partition) ?? -1
          const position = offset >= 0 ? Math.max(offset, Number(low)) : Number(fromStart ? low : high)
          const lag = Math.max(0, Number(high) - position)
          return { partition, committedOffset: offset >= 0 ? offset : null, endOffset: Number(high), lag }
        })
        .sort((a, b) => a.partition - b.partition)
    } catch (error) {
      const failed = connection
      connection = undefined
      failed?.then((admin) => admin.disconnect()).catch(() => {})
      throw error
    }
  }

  return {
    read() {
      if (!last || Date.now() - last.at > freshFor) last = { at: Date.now(), answer: ask() }
      return last.answer
    },
    async stop() {
      await connection?.then((admin) => admin.disconnect()).catch(() => {})
    },
  }
}
