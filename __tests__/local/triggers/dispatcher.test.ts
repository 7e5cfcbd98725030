/** The dispatcher alone, with a fake function and a fake consumer; the integration tests have real ones. */
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { failure, type InvokeResult } from '../../../local/lambda/result.ts'
import { newCounters } from '../../../local/triggers/counters.ts'
import { createDispatcher, type DispatcherOptions } from '../../../local/triggers/dispatcher.ts'
import type { MskEvent } from '../../../local/triggers/record.ts'
import { at, records, settings, source } from './support/records.ts'

const offsetsOf = (event: MskEvent) =>
  Object.values(event.records)
    .flat()
    .map(({ offset }) => offset)

function setUp(changes: Partial<DispatcherOptions> = {}) {
  const invoked: number[][] = []
  const answers: ((result: InvokeResult) => void)[] = []
  const committed: [number, number][] = []
  const options: DispatcherOptions = {
    source,
    settings: () => settings({ maximumRetryAttempts: 1, maximumPollers: 4 }),
    functionConcurrency: 2,
    invoke: (event) => {
      invoked.push(offsetsOf(event))
      const { promise, resolve } = Promise.withResolvers<InvokeResult>()
      answers.push(resolve)
      return promise
    },
    discard: vi.fn(async () => ['key']),
    commit: async (positions) => {
      committed.push(...positions)
    },
    pause: vi.fn(),
    resume: vi.fn(),
    counters: newCounters(),
    onError: () => {},
    log: () => {},
    clock: () => at,
    pauseScale: 0,
    ...changes,
  }
  const dispatcher = createDispatcher(options)
  dispatcher.assign([0, 1, 2, 3])
  return { dispatcher, options, invoked, answers, committed, ok: () => answers.shift()?.({ ok: true, payload: null }) }
}

describe('the dispatcher', () => {
  it('commits after the function has answered, and not before', async () => {
    const { dispatcher, committed, ok } = setUp()
    dispatcher.push(0, records(1, 3))
    await turn()
    expect(committed).toEqual([])
    ok()
    await vi.waitFor(() => expect(committed).toEqual([[0, 4]]))
  })

  it('runs no more invocations at once than the function may', async () => {
    const { dispatcher, invoked, ok } = setUp()
    for (const partition of [0, 1, 2, 3]) dispatcher.push(partition, records(1, 10, { partition }))
    await turn()
    expect(invoked.length).toBe(2)
    ok()
    await vi.waitFor(() => expect(invoked.length).toBe(3))
    expect(dispatcher.state().invocations).toBe(2)
  })

  it('commits nothing before the failure destination has taken what is given up on', async () => {
    const stored = Promise.withResolvers<string[]>()
    const { dispatcher, answers, committed, options } = setUp({ discard: vi.fn(() => stored.promise) })
    dispatcher.push(0, records(7, 7))
    for (const _attempt of [1, 2]) {
      await vi.waitFor(() => expect(answers.length).toBe(1))
      answers.shift()?.(failure('Unhandled', 'Error', 'no'))
    }
    await vi.waitFor(() => expect(options.discard).toHaveBeenCalled())
    await turn()
    expect(committed).toEqual([])
    stored.resolve(['key'])
    await vi.waitFor(() => expect(committed).toEqual([[0, 8]]))
    expect(options.counters).toMatchObject({ droppedEvents: 1, failureRecords: 1, retries: 1 })
  })

  it('tries a commit until it is taken', async () => {
    let refusals = 2
    const taken: number[] = []
    const { dispatcher, ok } = setUp({
      commit: async (positions) => {
        if (refusals-- > 0) throw new Error('rebalancing')
        taken.push(...positions.values())
      },
    })
    dispatcher.push(0, records(1, 2))
    await turn()
    ok()
    await vi.waitFor(() => expect(taken).toEqual([3]))
  })

  it('stops reading from a partition that fills up, and goes on when it has emptied', async () => {
    const { dispatcher, options, invoked, ok } = setUp()
    dispatcher.push(0, records(1, 600))
    expect(options.pause).toHaveBeenCalledExactlyOnceWith(0)
    // Ten to a batch: the 35th leaves 250, half of what made it stop.
    for (let batch = 1; batch < 35; batch += 1) {
      await vi.waitFor(() => expect(invoked.length).toBe(batch), { interval: 1 })
      expect(options.resume).not.toHaveBeenCalled()
      ok()
    }
    await vi.waitFor(() => expect(options.resume).toHaveBeenCalledExactlyOnceWith(0))
  })

  it('reads from all partitions after joining again, because kafkajs keeps its pauses', () => {
    const { dispatcher, options } = setUp()
    dispatcher.push(2, records(1, 600, { partition: 2 }))
    dispatcher.assign([0, 1, 2, 3])
    expect(options.resume).toHaveBeenCalledExactlyOnceWith(2)
  })

  it('neither commits nor retries a partition that was taken away meanwhile', async () => {
    const { dispatcher, invoked, answers, committed } = setUp()
    dispatcher.push(3, records(1, 2, { partition: 3 }))
    await turn()
    dispatcher.assign([0, 1])
    answers.shift()?.(failure('Crash', 'Error', 'no'))
    await vi.waitFor(() => expect(dispatcher.state().batches).toBe(0))
    expect(committed).toEqual([])
    expect(invoked.length).toBe(1)
  })

  it('stopped, lets what runs finish and be committed, and starts nothing more', async () => {
    const { dispatcher, invoked, committed, ok } = setUp()
    dispatcher.push(0, records(1, 25))
    await turn()
    const stopped = dispatcher.stop(5_000)
    ok()
    await stopped
    expect(committed).toEqual([[0, 11]])
    expect(invoked.length).toBe(1)
  })

  it('stopped, waits for no pause between attempts and commits nothing of that batch', async () => {
    const { dispatcher, answers, committed } = setUp({ pauseScale: 1_000 })
    dispatcher.push(0, records(1, 1))
    await turn()
    answers.shift()?.(failure('Timeout', 'Error', 'no'))
    await turn()
    await dispatcher.stop(60_000)
    expect(committed).toEqual([])
  })

  it('stopped, gives up waiting after the grace period', async () => {
    const { dispatcher, committed } = setUp()
    dispatcher.push(0, records(1, 1))
    await turn()
    await dispatcher.stop(20)
    expect(committed).toEqual([])
    expect(dispatcher.state().batches).toBe(1)
  })
})
