/** The Kafka trigger against the platform's real broker and S3; the function is a fake that each test scripts. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createHarness,
  failedAt,
  type Harness,
  type HarnessOptions,
  HostFailure,
  kafkaOf,
  recordText,
} from '../local/triggers/support/harness.ts'
import { sharedPlatform } from '../support/platform.ts'

const platform = sharedPlatform()
let harness: Harness | undefined

const start = async (options: HarnessOptions): Promise<Harness> => {
  harness = await createHarness(platform.config, options)
  return harness
}
afterEach(async () => {
  await harness?.stop()
  harness = undefined
})

const numbered = (count: number, partition?: number) =>
  Array.from({ length: count }, (_, n) => ({
    value: `${partition ?? 'any'}:${n}`,
    ...(partition !== undefined && { partition }),
  }))
const within = { timeout: 20_000, interval: 20 }
const values = (list: readonly { value: string }[]) => list.map(({ value }) => value)

describe('delivery', () => {
  it('brings each record once, in order within its partition, and commits what is done', async () => {
    const { produce, done, committed } = await start({ partitions: 3, fake: () => null })
    for (const partition of [0, 1, 2]) await produce(numbered(25, partition))
    await expect.poll(() => done.length, within).toBe(75)
    for (const partition of [0, 1, 2]) {
      const ofPartition = done.filter((record) => record.partition === partition)
      expect(values(ofPartition)).toEqual(values(numbered(25, partition)))
    }
    await expect.poll(committed, within).toEqual([25, 25, 25])
  })

  it('reaches the function within 50 ms of the record’s arrival', async () => {
    const arrivals: number[] = []
    const { produce } = await start({
      fake: ([record]) => {
        arrivals.push(Date.now() - Number(record?.timestamp))
      },
    })
    for (let n = 1; n <= 20; n += 1) {
      await produce([{ value: String(n) }])
      await expect.poll(() => arrivals.length, { timeout: 5_000, interval: 5 }).toBe(n)
    }
    expect(arrivals.toSorted((a, b) => a - b)[10]).toBeLessThan(50)
  })

  it('never has two batches of one partition under way, and as many of different ones as the function may', async () => {
    const running = new Set<number>()
    let most = 0
    const { produce, done } = await start({
      partitions: 4,
      overrides: { functionConcurrency: 2 },
      fake: async (records) => {
        const partitions = [...new Set(records.map(({ partition }) => partition))]
        for (const partition of partitions) {
          if (running.has(partition)) throw new Error(`partition ${partition} is already being processed`)
          running.add(partition)
        }
        most = Math.max(most, running.size > partitions.length ? 2 : 1)
        await pause(15)
        for (const partition of partitions) running.delete(partition)
      },
    })
    await produce([0, 1, 2, 3].flatMap((partition) => numbered(20, partition)))
    await expect.poll(() => done.length, within).toBe(80)
    expect(most).toBe(2)
  })

  it('holds batches to the batch size, and waits up to the window for more', async () => {
    const { produce, invocations } = await start({ changes: { batchSize: 4, batchWindowMs: 1_500 }, fake: () => null })
    await produce(numbered(2))
    await pause(100)
    await produce(numbered(1))
    await expect.poll(() => invocations.flat().length, within).toBe(3)
    expect(invocations.map((batch) => batch.length)).toEqual([3])
    await produce(numbered(9))
    await expect.poll(() => invocations.flat().length, within).toBe(12)
    expect(invocations.map((batch) => batch.length)).toEqual([3, 4, 4, 1])
  })

  it('loses and skips none of 1,000 records while the function fails now and then', async () => {
    let calls = 0
    const { produce, done, committed, failures } = await start({
      partitions: 6,
      overrides: { functionConcurrency: 4 },
      changes: { maximumRetryAttempts: 10 },
      fake: (records) => {
        calls += 1
        if (calls % 7 === 0) throw new Error('now and then')
        if (calls % 5 === 0) return failedAt(records[Math.floor(records.length / 2)])
        return null
      },
    })
    const sent = Array.from({ length: 1_000 }, (_, n) => ({ key: `k${n}`, value: String(n) }))
    for (let at = 0; at < sent.length; at += 100) await produce(sent.slice(at, at + 100))
    await expect
      .poll(async () => (await committed()).reduce((sum, offset) => sum + Math.max(0, offset), 0), within)
      .toBe(1_000)
    expect(new Set(values(done)).size).toBe(1_000)
    for (const partition of [0, 1, 2, 3, 4, 5]) {
      const firsts = [...new Set(done.filter((r) => r.partition === partition).map(({ offset }) => offset))]
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
    }
    expect(await failures()).toEqual([])
  })
})

describe('a partial response', () => {
  it('resumes its partition exactly there, and commits what lies before', async () => {
    let failed = false
    const { produce, invocations, committed } = await start({
      changes: { batchSize: 6 },
      overrides: { pauseScale: 1 },
      fake: (records) => {
        const third = records.find((record) => recordText(record) === 'any:3')
        if (failed || !third) return null
        failed = true
        return failedAt(third)
      },
    })
    await produce(numbered(6))
    await expect.poll(committed, within).toEqual([3])
    await expect.poll(committed, within).toEqual([6])
    expect(invocations.map(values)).toEqual([values(numbered(6)), values(numbered(6).slice(3))])
  })

  it('that names a record outside the batch has the whole batch delivered again', async () => {
    const answers: unknown[] = [{ batchItemFailures: [{ itemIdentifier: { partition: 'images-0', offset: 99 } }] }]
    const { produce, invocations, committed } = await start({
      changes: { bisectBatchOnFunctionError: false },
      fake: () => answers.shift(),
    })
    await produce(numbered(3))
    await expect.poll(committed, within).toEqual([3])
    expect(invocations.map(values)).toEqual([values(numbered(3)), values(numbered(3))])
  })
})

describe('a poison record', () => {
  it('is isolated by bisecting, ends in the failure destination as documented, and nothing waits for it', async () => {
    const { produce, done, failures, committed, trigger, uuid, topic } = await start({
      changes: { batchSize: 8, maximumRetryAttempts: 2 },
      fake: (records) => {
        if (records.some((record) => recordText(record) === 'any:5')) throw new TypeError('cannot do five')
      },
    })
    await produce(numbered(8))
    await expect.poll(committed, within).toEqual([8])
    expect(values(done)).toEqual(values(numbered(8).filter((_, n) => n !== 5)))
    const [only, ...more] = await failures()
    expect(more).toEqual([])
    expect(only?.key).toMatch(
      new RegExp(
        `^aws/lambda/${uuid}/${topic}-0/\\d{4}/\\d\\d/\\d\\d/\\d{4}-\\d\\d-\\d\\dT\\d\\d\\.\\d\\d\\.\\d\\d-[0-9a-f-]{36}$`,
      ),
    )
    expect(only?.values).toEqual(['any:5'])
    expect(only?.record).toMatchObject({
      requestContext: {
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:darkroom-local-process',
        condition: 'RetryAttemptsExhausted',
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      KafkaBatchInfo: {
        batchSize: 1,
        recordsInfo: { [`${topic}-0`]: { firstRecordOffset: '5', lastRecordOffset: '5' } },
      },
    })
    const { counters, lastError } = await trigger.view()
    expect(counters).toMatchObject({ droppedEvents: 1, onFailureDestinationDeliveredEvents: 1, committedEvents: 8 })
    expect(counters.bisects).toBe(3)
    expect(lastError?.message).toBe('TypeError: cannot do five')
  })

  it('holds back no other partition while it is retried', async () => {
    const { produce, invocations, done, failures } = await start({
      partitions: 4,
      overrides: { functionConcurrency: 2, pauseScale: 4 },
      changes: { maximumRetryAttempts: 1 },
      fake: (records) => {
        if (records.some((record) => recordText(record) === 'poison')) throw new Error('poison')
      },
    })
    await produce([{ partition: 2, value: 'poison' }])
    await expect.poll(() => invocations.length, within).toBe(1)
    await produce([0, 1, 3].flatMap((partition) => numbered(10, partition)))
    await expect.poll(() => done.length, within).toBe(30)
    expect(invocations.filter((batch) => batch.some(({ value }) => value === 'poison'))).toHaveLength(1)
    await expect.poll(failures, within).toHaveLength(1)
  })

  it.each(['Timeout', 'Crash'] as const)('that ends the function by %s is treated alike', async (kind) => {
    const { produce, failures, committed } = await start({
      changes: { maximumRetryAttempts: 1 },
      fake: (records) => {
        if (records.some((record) => recordText(record) === 'any:1')) throw new HostFailure(kind)
      },
    })
    await produce(numbered(3))
    await expect.poll(committed, within).toEqual([3])
    expect((await failures()).map(({ values }) => values)).toEqual([['any:1']])
  })
})

it('records that are too old go to the failure destination and never to the function', async () => {
  const later = { offset: 0 }
  const { produce, invocations, failures, committed } = await start({
    changes: { maximumRecordAgeSeconds: 60 },
    overrides: { clock: () => Date.now() + later.offset },
    fake: () => null,
  })
  await produce(numbered(1))
  await expect.poll(committed, within).toEqual([1])
  later.offset = 61_000
  await produce(numbered(2))
  await expect.poll(committed, within).toEqual([3])
  expect(invocations.flat().length).toBe(1)
  const [only] = await failures()
  expect(only?.record).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
    responseContext: null,
    KafkaBatchInfo: { batchSize: 2 },
  })
})

it('a refusal by the function host costs no attempt', async () => {
  let refusals = 6
  const { produce, done, trigger } = await start({
    changes: { maximumRetryAttempts: 0 },
    fake: () => {
      if (refusals-- > 0) throw new HostFailure('Throttled')
    },
  })
  await produce(numbered(2))
  await expect.poll(() => values(done), within).toEqual(values(numbered(2)))
  expect((await trigger.view()).counters).toMatchObject({ throttles: 6, droppedEvents: 0 })
})

describe('disabling', () => {
  it('finishes what runs, leaves an empty group with its lag, and enabling goes on from there', async () => {
    const gate = Promise.withResolvers<void>()
    const { produce, done, trigger, committed } = await start({
      changes: { batchSize: 2 },
      fake: () => gate.promise,
    })
    await produce(numbered(5))
    await expect.poll(async () => (await trigger.view()).running.invocations, within).toBe(1)
    await trigger.change({ enabled: false })
    expect((await trigger.view()).state).toBe('Disabling')
    gate.resolve()
    await expect.poll(async () => (await trigger.view()).state, within).toBe('Disabled')
    expect(await committed()).toEqual([2])
    expect(await trigger.view()).toMatchObject({ assigned: [], lag: { total: 3 } })
    await produce(numbered(1))
    await trigger.change({ enabled: true })
    await expect.poll(() => done.length, within).toBe(6)
    await expect.poll(async () => (await trigger.view()).lag?.total, within).toBe(0)
  })

  it('lets offsets be reset, which are then read again', async () => {
    const { produce, done, trigger, topic } = await start({ fake: () => null })
    await produce(numbered(4))
    await expect.poll(async () => (await trigger.view()).counters.committedEvents, within).toBe(4)
    await trigger.change({ enabled: false })
    await expect.poll(async () => (await trigger.view()).state, within).toBe('Disabled')
    const admin = kafkaOf(platform.config).admin()
    await admin.connect()
    await admin.setOffsets({ groupId: topic, topic, partitions: [{ partition: 0, offset: '1' }] })
    await admin.disconnect()
    await trigger.change({ enabled: true })
    await expect
      .poll(() => values(done), within)
      .toEqual(['any:0', 'any:1', 'any:2', 'any:3', 'any:1', 'any:2', 'any:3'])
  })
})

it('a change of the batch size takes effect without a restart', async () => {
  const { produce, invocations, trigger } = await start({ changes: { batchSize: 1 }, fake: () => pause(5) })
  await produce(numbered(3))
  await expect.poll(() => invocations.length, within).toBe(3)
  await trigger.change({ batchSize: 3, batchWindowMs: 300 })
  await produce(numbered(3))
  await expect.poll(() => invocations.map((batch) => batch.length), within).toEqual([1, 1, 1, 3])
})
