/** The event source mapping from the images topic to the processor: can be changed, disabled and enabled again. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import type { InvokeResult } from '../lambda/result.ts'
import { type Counters, newCounters } from './counters.ts'
import type { Destination } from './destination.ts'
import { createDispatcher, type Dispatcher, type Log } from './dispatcher.ts'
import { createLagReader, type PartitionLag } from './lag.ts'
import type { EventSource, MskEvent } from './record.ts'
import {
  applyChanges,
  effectiveSettings,
  parallelism,
  type SavedTrigger,
  type TriggerChanges,
  type TriggerSettings,
} from './settings.ts'
import { createSource, type Source } from './source.ts'

export type TriggerOptions = {
  readonly name: string
  readonly kafka: () => Kafka
  readonly topic: string
  readonly consumerGroup: string
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  readonly source: EventSource
  readonly functionName: string
  readonly functionConcurrency: number
  readonly invoke: (event: MskEvent, requestId: string) => Promise<InvokeResult>
  readonly destination: Destination
  readonly destinationName: string
  readonly saved: SavedTrigger
  readonly save: (state: SavedTrigger) => Promise<void>
  readonly log: Log
  readonly clock?: () => number
  readonly pauseScale?: number
}

/** AWS's names for the states of an event source mapping. */
export type TriggerState = 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled'

export type TriggerView = {
  readonly name: string
  readonly uuid: string
  readonly state: TriggerState
  readonly enabled: boolean
  readonly topic: string
  readonly consumerGroup: string
  readonly functionName: string
  readonly startingPosition: string
  readonly failureDestination: string
  readonly settings: TriggerSettings
  /** What the settings, the number of partitions and the function's concurrency come to. */
  readonly parallelism: { readonly pollers: number; readonly invocations: number }
  /** Names of the settings that differ from the platform's definition. */
  readonly changed: readonly string[]
  /** ISO 8601, when this process began to count. */
  readonly since: string
  readonly counters: Counters
  readonly running: { readonly invocations: number; readonly batches: number; readonly waitingRecords: number }
  /** Partitions that are read at the moment. */
  readonly assigned: readonly number[]
  /** Absent when the broker does not answer. */
  readonly lag?: { readonly total: number; readonly partitions: readonly PartitionLag[] }
  readonly lastError?: { readonly at: string; readonly message: string }
}

export type Trigger = {
  /** Begins to read, if the trigger is enabled. */
  start(): void
  /** Settles when the trigger reads, or is disabled. */
  ready(): Promise<void>
  view(): Promise<TriggerView>
  /** Saves the change, then acts on it; disabling goes on until what runs is done. @throws when it cannot be saved */
  change(changes: TriggerChanges): Promise<void>
  stop(graceMs: number): Promise<void>
}

/** A function may run for its whole timeout while its trigger is being disabled; AWS allows 14 minutes. */
const longestDrainMs = 14 * 60_000
const lagLimitMs = 2_000

type Session = { readonly source: Source; readonly dispatcher: Dispatcher }

export function createTrigger(options: TriggerOptions): Trigger {
  const { log, topic, consumerGroup } = options
  const counters = newCounters()
  const clock = options.clock ?? Date.now
  const since = clock()
  const lagReader = createLagReader({ ...options, fromStart: options.startingPosition === 'TRIM_HORIZON' })
  let saved = options.saved
  let session: Session | undefined
  let ending: Promise<void> | undefined
  let assigned: readonly number[] = []
  let lastError: { at: number; message: string } | undefined
  let stopped = false
  let changing: Promise<void> = Promise.resolve()

  const onError = (message: string) => {
    lastError = { at: clock(), message }
  }

  function begin(): Session {
    const dispatcher = createDispatcher({
      ...options,
      settings: () => effectiveSettings(saved),
      discard: options.destination,
      commit: (positions) => source.commit(positions),
      pause: (partition) => source.pause(partition),
      resume: (partition) => source.resume(partition),
      counters,
      onError,
    })
    const source = createSource({
      ...options,
      onAssigned(partitions) {
        counters.rebalances += 1
        assigned = partitions
        log('INFO', 'joined the consumer group', { topic, consumerGroup, partitions })
        dispatcher.assign(partitions)
      },
      onRecords: (partition, records) => dispatcher.push(partition, records),
      onLost(error) {
        counters.restarts += 1
        assigned = []
        onError(error.message)
        log('WARN', 'the consumer failed and is made anew', { error: `${error.name}: ${error.message}` })
        dispatcher.lost()
      },
    })
    return { source, dispatcher }
  }

  async function end({ source, dispatcher }: Session, graceMs: number): Promise<void> {
    await dispatcher.stop(graceMs)
    await source.stop()
    assigned = []
  }

  /** Brings what runs in line with what is saved; a trigger that is still ending starts again after that. */
  function reconcile(): void {
    if (stopped || ending) return
    if (saved.enabled && !session) {
      session = begin()
      log('INFO', 'trigger enabled', { name: options.name, settings: effectiveSettings(saved) })
    } else if (!saved.enabled && session) {
      ending = end(session, longestDrainMs).finally(() => {
        session = undefined
        ending = undefined
        log('INFO', 'trigger disabled', { name: options.name })
        reconcile()
      })
    }
  }

  function state(): TriggerState {
    if (ending) return saved.enabled ? 'Enabling' : 'Disabling'
    if (!session) return saved.enabled ? 'Enabling' : 'Disabled'
    return session.source.isJoined() ? 'Enabled' : 'Enabling'
  }

  async function lag() {
    try {
      const partitions = await withLimit(lagReader.read(), lagLimitMs)
      return { lag: { total: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions } }
    } catch {
      return {}
    }
  }

  return {
    start: reconcile,
    ready: async () => session?.source.joined,
    async view() {
      return {
        name: options.name,
        uuid: saved.uuid,
        state: state(),
        enabled: saved.enabled,
        topic,
        consumerGroup,
        functionName: options.functionName,
        startingPosition: options.startingPosition,
        failureDestination: options.destinationName,
        settings: effectiveSettings(saved),
        parallelism: parallelism(effectiveSettings(saved), assigned.length, options.functionConcurrency),
        changed: Object.keys(saved.changes),
        since: new Date(since).toISOString(),
        counters: { ...counters },
        running: session?.dispatcher.state() ?? { invocations: 0, batches: 0, waitingRecords: 0 },
        assigned,
        ...(await lag()),
        ...(lastError && { lastError: { ...lastError, at: new Date(lastError.at).toISOString() } }),
      }
    },
    change(changes) {
      // One after the other: two engineers who change different settings at once both get theirs.
      const done = changing.then(async () => {
        const next = applyChanges(saved, changes)
        await options.save(next)
        saved = next
        log('INFO', 'trigger changed', { name: options.name, changes })
        session?.dispatcher.poke()
        reconcile()
      })
      changing = done.catch(() => {})
      return done
    },
    async stop(graceMs) {
      stopped = true
      if (session) await end(session, graceMs)
      session = undefined
      await lagReader.stop()
    },
  }
}

function withLimit<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const limit = new AbortController()
  const late = pause(milliseconds, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds} ms`)
  })
  late.catch(() => {})
  return Promise.race([work, late]).finally(() => limit.abort())
}
