/**
 * Reads the topic as a member of the trigger's consumer group, and keeps doing so: kafkajs ends its runner on errors
 * that it takes for final, and can stall without one; in both cases the consumer is made anew. kafkajs only fetches
 * and keeps the membership; when a record is done, and so what is committed, is the dispatcher's business.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Consumer, Kafka } from 'kafkajs'
import { type TriggerRecord, toRecord } from './record.ts'

export type SourceOptions = {
  /** A fresh client each time, so that no stale connection or metadata survives a failure. */
  readonly kafka: () => Kafka
  readonly topic: string
  readonly consumerGroup: string
  /** Where a group without committed offsets starts. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  /** The consumer is a member of its group and reads these partitions from their committed offsets. */
  readonly onAssigned: (partitions: readonly number[]) => void
  readonly onRecords: (partition: number, records: readonly TriggerRecord[], highWatermark: number) => void
  /** The consumer is gone; another is being made. */
  readonly onLost: (error: Error) => void
}

export type Source = {
  /** Settles when the consumer has joined its group for the first time. */
  readonly joined: Promise<void>
  isJoined(): boolean
  /** @throws NotJoinedError, or kafkajs's error, when the offsets are not committed */
  commit(positions: ReadonlyMap<number, number>): Promise<void>
  pause(partition: number): void
  resume(partition: number): void
  /** Leaves the group, so that its partitions are free at once. */
  stop(): Promise<void>
}

/** There is no consumer at the moment; the next one is on its way. */
export class NotJoinedError extends Error {
  override readonly name = 'NotJoinedError'
  readonly retriable = true
}

/** kafkajs says nothing when it drops a commit because its runner is ending. */
export class NotCommittedError extends Error {
  override readonly name = 'NotCommittedError'
  readonly retriable = true
}

/** The consumer neither failed nor fetched. */
export class StalledError extends Error {
  override readonly name = 'StalledError'
  readonly retriable = true
}

const tuning = {
  // The least that a broker takes by default. After a crash the group waits this long for its lost member.
  sessionTimeout: 6_000,
  heartbeatInterval: 1_500,
  rebalanceTimeout: 15_000,
  // A fetch returns as soon as there is one byte, so this is no latency; it bounds how late a paused partition is
  // read again and how long leaving takes, and costs two requests a second when nothing happens.
  minBytes: 1,
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 1024 * 1024,
  // A few quick attempts inside kafkajs; after that the consumer is made anew here.
  retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 },
}
/** First and longest pause before a consumer is made anew, in milliseconds. */
const restartPause = { firstMs: 100, mostMs: 2_000 }
/** A healthy consumer fetches twice a second; joining takes up to the session of a lost member and the rebalance. */
const stalledAfterMs = 30_000

export function createSource(options: SourceOptions): Source {
  const { topic, consumerGroup } = options
  const stopping = new AbortController()
  const firstJoin = Promise.withResolvers<void>()
  firstJoin.promise.catch(() => {})
  let current: { consumer: Consumer; joined: boolean; committed: Map<number, number> } | undefined
  let failures = 0
  const ended = keepReading()

  async function keepReading(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await readUntilFailure()
      } catch (error) {
        if (stopping.signal.aborted) break
        options.onLost(error as Error)
        const milliseconds = Math.min(restartPause.firstMs * 2 ** failures, restartPause.mostMs)
        failures += 1
        await pause(milliseconds, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  /** Returns when the source is stopped; throws when the consumer failed. */
  async function readUntilFailure(): Promise<void> {
    const consumer = options.kafka().consumer({
      groupId: consumerGroup,
      allowAutoTopicCreation: false,
      ...tuning,
      retry: { ...tuning.retry, restartOnFailure: async () => false },
    })
    const mine = { consumer, joined: false, committed: new Map<number, number>() }
    current = mine
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    let lastSign = Date.now()
    const alive = () => {
      lastSign = Date.now()
    }
    consumer.on('consumer.fetch', alive)
    consumer.on('consumer.heartbeat', alive)
    consumer.on('consumer.crash', ({ payload }) => failed.reject(payload.error))
    consumer.on('consumer.group_join', ({ payload }) => {
      if (current !== mine) return
      alive()
      mine.joined = true
      failures = 0
      options.onAssigned(payload.memberAssignment[topic] ?? [])
      firstJoin.resolve()
    })
    consumer.on('consumer.commit_offsets', ({ payload }) => {
      for (const { partition, offset } of payload.topics.flatMap(({ partitions }) => partitions)) {
        mine.committed.set(Number(partition), Number(offset))
      }
    })
    const watchdog = setInterval(() => {
      if (Date.now() - lastSign > stalledAfterMs) failed.reject(new StalledError(`no fetch for ${stalledAfterMs} ms`))
    }, 1_000)
    const stopped = new Promise<void>((resolve) => {
      stopping.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      await Promise.race([run(consumer, mine), failed.promise, stopped])
      await Promise.race([failed.promise, stopped])
    } finally {
      clearInterval(watchdog)
      current = undefined
      await leave(consumer)
    }
  }

  async function run(consumer: Consumer, mine: object): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: options.startingPosition === 'TRIM_HORIZON' })
    await consumer.run({
      autoCommit: false,
      // Returning at once lets kafkajs fetch on: a partition that is being retried holds back no other.
      eachBatch: async ({ batch }) => {
        if (current !== mine) return
        const records = batch.messages.map((message) => toRecord(batch.topic, batch.partition, message))
        options.onRecords(batch.partition, records, Number(batch.highWatermark))
      },
    })
  }

  async function commit(positions: ReadonlyMap<number, number>): Promise<void> {
    if (!current?.joined) throw new NotJoinedError('The consumer is not a member of its group at the moment')
    const { consumer, committed } = current
    const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
    await consumer.commitOffsets(offsets)
    for (const [partition, offset] of positions) {
      if (committed.get(partition) !== offset) throw new NotCommittedError(`Offset ${offset} was not committed`)
    }
  }

  function setReading(partition: number, method: 'pause' | 'resume'): void {
    try {
      current?.consumer[method]([{ topic, partitions: [partition] }])
    } catch {
      // kafkajs throws while its consumer is ending; the next one starts with nothing paused.
    }
  }

  return {
    joined: firstJoin.promise,
    isJoined: () => current?.joined ?? false,
    commit,
    pause: (partition) => setReading(partition, 'pause'),
    resume: (partition) => setReading(partition, 'resume'),
    async stop() {
      stopping.abort()
      firstJoin.reject(new NotJoinedError('stopped before it had joined'))
      await ended
    },
  }
}

/** A broker that is away must not keep us: what remains of the membership ends with its session. */
const leaveLimitMs = 2_000

async function leave(consumer: Consumer): Promise<void> {
  const limit = new AbortController()
  const gone = consumer.disconnect().catch(() => {})
  await Promise.race([gone, pause(leaveLimitMs, undefined, { signal: limit.signal }).catch(() => {})])
  limit.abort()
}
