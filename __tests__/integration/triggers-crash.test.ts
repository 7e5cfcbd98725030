/** The Kafka trigger when its surroundings die: broker, function, failure destination, and the trigger itself. */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { portVariables } from '../../config.ts'
import { type Broker, createBroker, freePort } from '../local/triggers/support/broker.ts'
import { committedOf, createHarness, createTopic, type Harness, kafkaOf } from '../local/triggers/support/harness.ts'
import type { Instruction } from '../local/triggers/support/recording-function.ts'
import type { Assignment } from '../local/triggers/support/trigger-process.ts'
import { sharedPlatform } from '../support/platform.ts'

const platform = sharedPlatform()
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const within = { timeout: 45_000, interval: 50 }
const values = (list: readonly { value: string }[]) => list.map(({ value }) => value)
const isRising = (list: readonly number[]) => list.every((n, index) => index === 0 || n > (list[index - 1] ?? 0))

describe('a broker', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await createBroker(platform.config)
    await broker.start()
  })
  afterAll(() => broker.remove())

  async function startOnOwnBroker(options: Parameters<typeof createHarness>[1]): Promise<Harness> {
    const harness = await createHarness(broker.config, options)
    cleanups.push(() => harness.stop())
    return harness
  }

  it('that is killed in the middle of 1,000 records and comes back costs none of them, and no order', async () => {
    const { produce, done, committed, trigger } = await startOnOwnBroker({
      partitions: 3,
      overrides: { functionConcurrency: 3 },
      fake: () => pause(10),
    })
    const batch = (from: number) =>
      Array.from({ length: 100 }, (_, n) => ({ key: `k${from + n}`, value: String(from + n) }))
    for (let at = 0; at < 600; at += 100) await produce(batch(at))
    await expect.poll(() => done.length, within).toBeGreaterThan(100)
    await broker.kill()
    expect(done.length).toBeLessThan(600)
    await broker.start()
    for (let at = 600; at < 1_000; at += 100) await produce(batch(at))
    await expect
      .poll(async () => (await committed()).reduce((sum, offset) => sum + Math.max(0, offset), 0), within)
      .toBe(1_000)
    expect(new Set(values(done)).size).toBe(1_000)
    for (const partition of [0, 1, 2]) {
      const first = [...new Set(done.filter((record) => record.partition === partition).map(({ offset }) => offset))]
      expect(isRising(first)).toBe(true)
    }
    expect((await trigger.view()).counters.restarts).toBeGreaterThan(0)
  }, 90_000)

  it('that is away longer than the group’s session costs nothing that was being processed', async () => {
    const gate = Promise.withResolvers<void>()
    const { produce, done, committed, invocations } = await startOnOwnBroker({ fake: () => gate.promise })
    await produce([{ value: 'a' }, { value: 'b' }])
    await expect.poll(() => invocations.length, within).toBe(1)
    await broker.kill()
    await pause(8_000)
    gate.resolve()
    await expect.poll(() => values(done), within).toEqual(['a', 'b'])
    await broker.start()
    await expect.poll(committed, within).toEqual([2])
    await produce([{ value: 'c' }])
    await expect.poll(committed, within).toEqual([3])
    expect(values(done)).toEqual(['a', 'b', 'c'])
  }, 90_000)
})

it('nothing is committed before its failure record is in S3, and everything goes on when S3 is back', async () => {
  const port = await freePort()
  const config = { ...platform.config, urls: { ...platform.config.urls, s3: `http://127.0.0.1:${port}` } }
  const harness = await createHarness(config, {
    changes: { maximumRetryAttempts: 0 },
    fake: (records) => {
      if (records.some(({ value }) => Buffer.from(value ?? '', 'base64').toString() === 'poison'))
        throw new Error('poison')
    },
  })
  cleanups.push(() => harness.stop())
  await harness.produce([{ value: 'fine' }])
  await expect.poll(harness.committed, within).toEqual([1])
  await harness.produce([{ value: 'poison' }])
  await expect
    .poll(async () => (await harness.trigger.view()).lastError?.message, within)
    .toMatch(/^failure destination: /)
  await harness.produce([{ value: 'after' }])
  await pause(500)
  expect(await harness.committed()).toEqual([1])
  const proxy = createServer((socket) => {
    const s3 = connect(platform.config.ports.s3, '127.0.0.1')
    socket.pipe(s3).pipe(socket)
    socket.on('error', () => s3.destroy())
    s3.on('error', () => socket.destroy())
  }).listen(port, '127.0.0.1')
  cleanups.push(async () => proxy.close())
  await expect.poll(harness.committed, within).toEqual([3])
  expect((await harness.failures()).map(({ values: ofRecord }) => ofRecord)).toEqual([['poison']])
  expect(values(harness.done)).toEqual(['fine', 'after'])
})

describe('with real function processes', () => {
  async function setUp({ timeoutSeconds = 20 } = {}) {
    const topic = `trigger-${randomUUID()}`
    const home = await mkdtemp(join(tmpdir(), 'darkroom-trigger-'))
    cleanups.push(() => rm(home, { recursive: true, force: true }))
    const file = join(home, 'recorded')
    await createTopic(platform.config, topic, 1)
    const { kafka, s3 } = platform.config.ports
    const assignment: Assignment = {
      variables: { DARKROOM_HOME: home, [portVariables.kafka]: String(kafka), [portVariables.s3]: String(s3) },
      bundle: join(import.meta.dirname, '../local/triggers/support/recording-function.ts'),
      timeoutSeconds,
      overrides: { topic, consumerGroup: topic, pauseScale: 0.1 },
    }
    const producer = kafkaOf(platform.config).producer({ allowAutoTopicCreation: false })
    await producer.connect()
    cleanups.push(() => producer.disconnect())

    return {
      home,
      committed: () => committedOf(platform.config, topic, 1),
      recorded: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean),
      async produce(instructions: readonly Omit<Instruction, 'file'>[]) {
        const messages = instructions.map((instruction) => ({ value: JSON.stringify({ ...instruction, file }) }))
        await producer.send({ topic, messages })
      },
      async startProcess(): Promise<ChildProcess> {
        const script = join(import.meta.dirname, '../local/triggers/support/trigger-process.ts')
        const child = fork(script, [JSON.stringify(assignment)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        cleanups.push(async () => child.kill('SIGKILL'))
        await once(child, 'message')
        return child
      },
    }
  }

  it('a trigger that is killed in the middle of a batch has committed nothing of it: all of it comes again', async () => {
    const { startProcess, produce, recorded, committed } = await setUp()
    const first = await startProcess()
    await produce([{ id: 'a' }, { id: 'b', work: 3_600_000, once: 'hang' }, { id: 'c' }])
    await expect.poll(recorded, within).toContain('start b')
    first.kill('SIGKILL')
    await once(first, 'exit')
    expect(await committed()).toEqual([-1])
    await produce([{ id: 'd' }])
    // The record that hung would hang again by its work; what counts is that its batch is delivered once more.
    await startProcess()
    await expect.poll(recorded, within).toEqual(['start a', 'done a', 'start b', 'start a', 'done a', 'start b'])
    expect(await committed()).toEqual([-1])
  })

  it('a trigger that is told to end leaves its group at once, so that the next one need not wait', async () => {
    const { startProcess, produce, recorded, committed } = await setUp()
    const first = await startProcess()
    await produce([{ id: 'a' }])
    await expect.poll(committed, within).toEqual([1])
    first.kill('SIGTERM')
    const [code] = await once(first, 'exit')
    expect(code).toBe(0)
    await produce([{ id: 'b' }])
    const began = performance.now()
    await startProcess()
    await expect.poll(recorded, within).toContain('done b')
    // The session of a lost member is 6 s.
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('a function process that exits in the middle of a batch is replaced, and the batch is done', async () => {
    const { startProcess, produce, recorded, committed } = await setUp()
    await startProcess()
    await produce([{ id: 'a' }, { id: 'b', once: 'exit' }, { id: 'c' }])
    await expect.poll(committed, within).toEqual([3])
    const lines = await recorded()
    for (const id of ['a', 'b', 'c']) expect(lines).toContain(`done ${id}`)
  })

  it('a function that does not end in time is killed, and the batch is done', async () => {
    const { startProcess, produce, recorded, committed } = await setUp({ timeoutSeconds: 1 })
    await startProcess()
    await produce([{ id: 'a' }, { id: 'b', once: 'hang' }, { id: 'c' }])
    await expect.poll(committed, within).toEqual([3])
    const lines = await recorded()
    for (const id of ['a', 'b', 'c']) expect(lines).toContain(`done ${id}`)
  })
})
