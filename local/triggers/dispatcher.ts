/**
 * Brings what has been read to the function: as many batches at once as the settings allow, each until it is done, and
 * each position committed only after that. A dispatcher has one life; a trigger that is enabled again gets a new one.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { InvokeResult } from '../lambda/result.ts'
import type { Counters } from './counters.ts'
import {
  afterDiscard,
  afterInvoke,
  type Delivery,
  type Discard,
  nextStep,
  pauseBefore,
  positions,
  startDelivery,
  withoutPartitions,
} from './delivery.ts'
import type { Destination } from './destination.ts'
import { createLanes, type Lane, type LaneLimits, type Taken } from './lanes.ts'
import { type EventSource, type MskEvent, mskEvent, type TriggerRecord } from './record.ts'
import { interpret } from './response.ts'
import { parallelism, type TriggerSettings } from './settings.ts'

export type Log = (level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR', message: string, details?: object) => void

export type DispatcherOptions = {
  readonly source: EventSource
  /** Asked anew before each step, so that a change takes effect with the next batch. */
  readonly settings: () => TriggerSettings
  readonly functionConcurrency: number
  readonly invoke: (event: MskEvent, requestId: string) => Promise<InvokeResult>
  readonly discard: Destination
  /** @throws when the positions are not committed; it is called again then */
  readonly commit: (positions: ReadonlyMap<number, number>) => Promise<void>
  /** Reading from a partition stops while too much of it waits. */
  readonly pause: (partition: number) => void
  readonly resume: (partition: number) => void
  readonly counters: Counters
  readonly onError: (message: string) => void
  readonly log: Log
  readonly clock?: () => number
  /** Scales the pauses between attempts; tests make them short. */
  readonly pauseScale?: number
}

export type Dispatcher = {
  assign(partitions: readonly number[]): void
  lost(): void
  push(partition: number, records: readonly TriggerRecord[]): void
  /** To be called after a change of settings. */
  poke(): void
  /** Starts nothing more, and waits for what runs; what is not done by then is left uncommitted. */
  stop(graceMs: number): Promise<void>
  state(): { readonly invocations: number; readonly batches: number; readonly waitingRecords: number }
}

/** Reading pauses when this much of a partition waits, and goes on at half of it. */
const waitingLimits = { records: 500, bytes: 16 * 1024 * 1024 }
/** First and longest pause before a commit or a failure record is tried again, in milliseconds. */
const persistPause = { firstMs: 50, mostMs: 5_000 }

type Job = { readonly lanes: readonly Lane[]; readonly committed: Map<number, number>; holdsSlot: boolean }

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { source, counters, log } = options
  const clock = options.clock ?? Date.now
  const lanes = createLanes()
  const paused = new Set<number>()
  const jobs = new Map<Job, Promise<void>>()
  const slotWaiters: ((granted: boolean) => void)[] = []
  const stopping = new AbortController()
  let partitionCount = 0
  let active = 0
  let timer: NodeJS.Timeout | undefined

  const limits = (): LaneLimits & { invocations: number } => {
    const settings = options.settings()
    const { pollers, invocations } = parallelism(settings, partitionCount, options.functionConcurrency)
    return { source, batchSize: settings.batchSize, windowMs: settings.batchWindowMs, pollers, invocations }
  }

  /** Starts every batch that is due and for which there is a slot. */
  function dispatch(): void {
    clearTimeout(timer)
    if (stopping.signal.aborted) return
    const current = limits()
    while (active < current.invocations && slotWaiters.length > 0) {
      active += 1
      slotWaiters.shift()?.(true)
    }
    while (active < current.invocations) {
      const taken = lanes.take(current, clock())
      if (!taken) break
      active += 1
      resumeReading(taken.lanes)
      const job: Job = { lanes: taken.lanes, committed: new Map(), holdsSlot: true }
      jobs.set(job, run(job, taken))
    }
    const due = active < current.invocations ? lanes.nextDueAt(current) : undefined
    if (due !== undefined) timer = setTimeout(dispatch, Math.max(1, due - clock()))
  }

  async function run(job: Job, { records }: Taken): Promise<void> {
    try {
      await deliver(job, startDelivery(records))
    } catch (error) {
      // Nothing here throws by design; if it does, the batch stays uncommitted and is read again after a restart.
      options.onError(String(error))
      log('ERROR', 'a batch was abandoned', { error: String(error), stack: (error as Error).stack })
    } finally {
      releaseSlot(job)
      for (const lane of job.lanes) lanes.release(lane, job.committed.get(lane.partition), clock())
      jobs.delete(job)
      dispatch()
    }
  }

  async function deliver(job: Job, start: Delivery): Promise<void> {
    let delivery = start
    for (;;) {
      delivery = withoutPartitions(delivery, gone(job))
      const settings = options.settings()
      const step = nextStep(delivery, settings, source, clock())
      if (step.kind === 'done') return
      if (step.kind === 'discard') {
        releaseSlot(job)
        if (!(await discard(job, step))) return
        delivery = afterDiscard(delivery, step.records)
      } else {
        if (!(await acquireSlot(job))) return
        const requestId = randomUUID()
        const { records } = step.piece
        counters.invocations += 1
        counters.invokedEvents += records.length
        const result = await options.invoke(mskEvent(source, records), requestId)
        releaseSlot(job)
        const outcome = interpret(result, records, settings.reportBatchItemFailures)
        const { delivery: next, effect } = afterInvoke(delivery, outcome, settings)
        note(effect, next, records, requestId)
        delivery = next
      }
      if (!(await commit(job, delivery))) return
      if (nextStep(delivery, settings, source, clock()).kind === 'invoke') await pauseFor(delivery)
      if (stopping.signal.aborted) return
    }
  }

  async function pauseFor(delivery: Delivery): Promise<void> {
    const milliseconds = pauseBefore(delivery, Math.random()) * (options.pauseScale ?? 1)
    if (milliseconds > 0) await pause(milliseconds, undefined, { signal: stopping.signal }).catch(() => {})
  }

  function note(effect: string, next: Delivery, records: readonly TriggerRecord[], requestId: string): void {
    if (effect === 'done') return
    const reason = next.pieces[0]?.reason ?? ''
    if (effect === 'throttled') counters.throttles += 1
    else counters.failedInvokeEvents += records.length
    if (effect === 'bisect') counters.bisects += 1
    if (effect === 'partial') counters.partialFailures += 1
    if (effect === 'retry' || effect === 'partial') counters.retries += 1
    options.onError(reason)
    log('WARN', `batch not done: ${effect}`, { reason, requestId, ...describe(records) })
  }

  async function discard(job: Job, step: Discard): Promise<boolean> {
    const { condition, records, piece } = step
    const { response, invocations, reason } = piece
    const requestId = randomUUID()
    log('ERROR', 'records given up on', { condition, reason, ...describe(records) })
    return persist(job, 'failure destination', async () => {
      const keys = await options.discard({ records, condition, response, invocations, requestId })
      counters.droppedEvents += records.length
      counters.onFailureDestinationDeliveredEvents += records.length
      counters.failureRecords += keys.length
    })
  }

  async function commit(job: Job, delivery: Delivery): Promise<boolean> {
    const advanced = new Map([...positions(delivery)].filter(([p, next]) => job.committed.get(p) !== next))
    if (advanced.size === 0) return true
    return persist(job, 'commit', async () => {
      const ours = new Map([...advanced].filter(([partition]) => !gone(job).has(partition)))
      if (ours.size > 0) await options.commit(ours)
      for (const [partition, next] of ours) {
        const before = job.committed.get(partition) ?? delivery.batch.find((r) => r.partition === partition)?.offset
        counters.committedEvents += delivery.batch.filter(
          ({ partition: p, offset }) => p === partition && offset >= (before ?? 0) && offset < next,
        ).length
        job.committed.set(partition, next)
      }
    })
  }

  /** Tries until it succeeds. @returns false where the trigger stops, or all of the job's partitions are gone */
  async function persist(job: Job, what: string, action: () => Promise<void>): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await action()
        return true
      } catch (error) {
        options.onError(`${what}: ${(error as Error).message}`)
        if (attempt === 0) log('WARN', `${what} failed, trying again`, { error: String(error) })
        if (stopping.signal.aborted || gone(job).size === job.lanes.length) return false
        const milliseconds = Math.min(persistPause.firstMs * 2 ** attempt, persistPause.mostMs)
        await pause(milliseconds, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  const gone = (job: Job) => new Set(job.lanes.filter((lane) => !lanes.has(lane)).map(({ partition }) => partition))

  /** @returns false where the trigger stops */
  async function acquireSlot(job: Job): Promise<boolean> {
    if (!job.holdsSlot && !stopping.signal.aborted) {
      const turn = Promise.withResolvers<boolean>()
      slotWaiters.push(turn.resolve)
      dispatch()
      job.holdsSlot = await turn.promise
    }
    return job.holdsSlot && !stopping.signal.aborted
  }

  function releaseSlot(job: Job): void {
    if (!job.holdsSlot) return
    job.holdsSlot = false
    active -= 1
    dispatch()
  }

  function resumeReading(taken: readonly Lane[]): void {
    for (const { partition, queue, bytes } of taken) {
      if (!paused.has(partition) || queue.length * 2 > mostWaiting() || bytes * 2 > waitingLimits.bytes) continue
      paused.delete(partition)
      options.resume(partition)
    }
  }
  const mostWaiting = () => Math.max(waitingLimits.records, 2 * options.settings().batchSize)

  return {
    assign(partitions) {
      partitionCount = partitions.length
      const dropped = lanes.assign(partitions)
      // kafkajs keeps its pauses over a rebalance, but all queues are empty now.
      for (const partition of paused) options.resume(partition)
      paused.clear()
      if (dropped.length > 0) log('INFO', 'partitions taken away', { partitions: dropped.map((l) => l.partition) })
      dispatch()
    },
    lost: () => lanes.clear(),
    push(partition, records) {
      const lane = lanes.push(partition, records, clock())
      if (!lane) return
      counters.polledEvents += records.length
      if (lane.queue.length >= mostWaiting() || lane.bytes >= waitingLimits.bytes) {
        paused.add(partition)
        options.pause(partition)
      }
      dispatch()
    },
    poke: dispatch,
    async stop(graceMs) {
      stopping.abort()
      clearTimeout(timer)
      for (const answer of slotWaiters.splice(0)) answer(false)
      await Promise.race([Promise.allSettled(jobs.values()), pause(graceMs, undefined, { ref: false })])
    },
    state: () => ({ invocations: active, batches: jobs.size, waitingRecords: lanes.waiting() }),
  }
}

/** Offsets by partition and the first keys (image ids), for logs: no values. */
function describe(records: readonly TriggerRecord[]): object {
  const grouped = Map.groupBy(records, ({ partition }) => partition)
  return {
    offsets: Object.fromEntries([...grouped].map(([p, list]) => [p, `${list[0]?.offset}-${list.at(-1)?.offset}`])),
    keys: records.slice(0, 10).map(({ key }) => (key ? Buffer.from(key, 'base64').toString() : null)),
  }
}
