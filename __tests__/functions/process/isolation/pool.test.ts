import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { childEntry } from '../../../../functions/process/isolation/child.ts'
import { createPool, type Pool, type PoolOptions } from '../../../../functions/process/isolation/pool.ts'
import { imageLimits } from '../../../../functions/process/limits.ts'
import * as odd from '../../../support/corpus/odd-images.ts'

vi.setConfig({ testTimeout: 60_000 })

const entry = join(import.meta.dirname, 'fixtures/child.ts')
const MB = 1_000_000
let pool: Pool | undefined
afterEach(() => pool?.stop())

const start = (options: Partial<PoolOptions> = {}): Pool => {
  pool = createPool({ size: 1, entry, ...options })
  return pool
}
/** The child's answer to an order of the fixture: its process id, the echoed bytes, its environment. */
async function order(text: string, { processImage } = pool ?? start()) {
  const { renditions } = await processImage(Buffer.from(text), 'image/png')
  const [echo, environment] = renditions
  return { pid: Number(echo?.name), text: echo?.bytes.toString(), environment: environment?.bytes.toString() ?? '' }
}
const refusal = (text: string) =>
  order(text).then(
    () => expect.unreachable('it was processed'),
    (error) => error,
  )
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a child that decodes images', () => {
  it('stays warm from one image to the next, and hands over bytes as they are', async () => {
    start()
    const [first, second] = [await order('echo one'), await order(`echo ${'two'.repeat(1_000_000)}`)]
    expect(first.text).toBe('echo one')
    expect(second.text).toHaveLength(3_000_005)
    expect(second.pid).toBe(first.pid)
  })

  it('does not grow with the number of its images', async () => {
    const resident: number[] = []
    const { processImage } = start({ entry: childEntry, onUsage: ({ residentBytes }) => resident.push(residentBytes) })
    const image = await odd.onePixel('jpeg')
    const [some, many] = [100, 400]
    for (let n = 0; n < some + many; n += 1) await processImage(image, 'image/jpeg')
    expect(resident).toHaveLength(some + many)
    // Without a bound on V8's young space it is 60 to 100 MB more, with it 10 to 30.
    expect(Math.max(...resident.slice(some)) - Math.max(...resident.slice(0, some))).toBeLessThan(40 * MB)
  })

  it('sees none of the function’s variables, and so no credentials', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-secret')
    start()
    expect((await order('echo')).environment).not.toMatch(/AWS|canary/)
    vi.unstubAllEnvs()
  })

  it.each(['signal SIGSEGV', 'signal SIGBUS', 'abort', 'exit'])(
    'costs one image and no other when it ends by %s',
    async (fatal) => {
      start({ size: 2 })
      const others = Promise.all([order('echo a'), order('echo b'), order('echo c'), order('echo d')])
      expect(await refusal(fatal)).toMatchObject({ name: 'PoisonError', code: 'crashes-the-processor' })
      expect((await others).map(({ text }) => text)).toEqual(['echo a', 'echo b', 'echo c', 'echo d'])
      expect((await order('echo after')).text).toBe('echo after')
    },
  )

  it('that crashed gets its image a second, fresh one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'darkroom-pool-'))
    start()
    const before = await order('echo')
    const { text, pid } = await order(`signal-once ${join(folder, 'crashed')}`)
    expect(text).toMatch(/^signal-once/)
    expect(pid).not.toBe(before.pid)
    rmSync(folder, { recursive: true })
  })

  it('ended from outside says nothing about its image', async () => {
    start()
    const error = await refusal('signal SIGKILL')
    expect(error).toMatchObject({ name: 'ChildEndedError', reason: 'killed' })
    expect((await order('echo')).text).toBe('echo')
  })

  it('that hangs is ended at its time, and the image is too slow', async () => {
    // On a busy machine this much CPU time takes its time.
    start({ limits: { ...imageLimits, seconds: 0.2 }, wallSeconds: 50 })
    const error = await refusal('hang')
    expect(error).toMatchObject({ code: 'too-slow', cause: { reason: 'time' } })
    expect(error.cause.cpuSeconds).toBeGreaterThan(0.2)
    expect((await order('echo')).text).toBe('echo')
  })

  it('that neither works nor answers is ended, which says nothing about the image', async () => {
    start({ wallSeconds: 0.5 })
    expect(await refusal('sleep')).toMatchObject({ name: 'ChildEndedError', reason: 'stuck' })
    expect((await order('echo')).text).toBe('echo')
  })

  it('that fills the memory is ended before it holds 512 MB', async () => {
    start({ memoryBytes: 300 * MB })
    expect(await refusal('fill')).toMatchObject({
      code: 'too-much-memory',
      message: expect.stringContaining('300 MB'),
    })
    expect((await order('echo')).text).toBe('echo')
  })

  it('that does not give memory back is replaced between two images', async () => {
    start()
    const [first, second] = [await order(`keep ${250 * MB}`), await order('echo')]
    expect(second.pid).not.toBe(first.pid)
    await vi.waitUntil(() => !isAlive(first.pid), { timeout: 5000 })
  })

  it('passes on what an image is refused for, and tells faults of the code from it', async () => {
    start()
    expect(await refusal('poison')).toMatchObject({ name: 'PoisonError', code: 'truncated', message: 'it breaks off' })
    expect(await refusal('fault')).toMatchObject({ name: 'ChildFaultError', cause: { name: 'TypeError' } })
  })

  it('that cannot start is no fault of the image', async () => {
    start({ entry: join(import.meta.dirname, 'fixtures/missing.ts') })
    pool?.ready.catch(() => {})
    expect(await refusal('echo')).toMatchObject({ name: 'ChildEndedError', reason: 'killed' })
  })

  it('makes real renditions', async () => {
    pool = createPool({ size: 1 })
    const { metadata, renditions } = await pool.processImage(await odd.oriented(6), 'image/jpeg')
    expect(metadata).toMatchObject({ width: 48, height: 32, orientation: 6 })
    expect(renditions.map(({ name, extension }) => `${name}.${extension}`)).toEqual([
      'thumb.webp',
      'preview.webp',
      'preview-avif.avif',
      'compressed.jpg',
    ])
    expect(renditions.every(({ bytes }) => Buffer.isBuffer(bytes) && bytes.length > 50)).toBe(true)
  })
})
