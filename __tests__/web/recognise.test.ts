import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { QueuedFile } from '../../web/src/upload/item.ts'
import { createKnown } from '../../web/src/upload/known.ts'
import { createRecogniser } from '../../web/src/upload/recognise.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const queued = (name: string, content = name) =>
  ({ name, data: new Blob([content]), meta: {} }) as unknown as QueuedFile
const hash = async (blob: Blob) => `hash of ${await blob.text()}`
const image = (sha256: string) => ({ sha256, id: '1', name: 'before.jpg', received_at: '2026-11-23T12:00:00Z' })

describe('asking the platform', () => {
  it('gathers the questions of a moment into one request, a hundred at most', async () => {
    const ask = vi.fn(async (sha256: readonly string[]) => sha256.filter((text) => text.endsWith('7')).map(image))
    const known = createKnown(ask)
    const answers = Promise.all(Array.from({ length: 120 }, (_, index) => known(`sum ${index}`)))
    await vi.advanceTimersByTimeAsync(100)
    expect((await answers).filter(Boolean)).toHaveLength(12)
    expect(ask.mock.calls.map(([sums]) => sums.length)).toEqual([100, 20])
  })
})

describe('recognising', () => {
  it('finds the same bytes in the queue, until the first one is given up', async () => {
    const { look, removed } = createRecogniser(hash, async () => undefined)
    expect(await look('a', queued('a.jpg', 'same'))).toEqual({ sha256: 'hash of same' })
    expect((await look('b', queued('b.jpg', 'same'))).twin).toEqual({ name: 'a.jpg' })
    expect((await look('c', queued('c.jpg', 'other'))).twin).toBeUndefined()
    removed('a')
    expect((await look('b', queued('b.jpg', 'same'))).twin).toBeUndefined()
  })

  it('finds the same bytes on the platform', async () => {
    const { look } = createRecogniser(hash, async (sha256) => image(sha256))
    expect((await look('a', queued('a.jpg'))).twin).toEqual({ name: 'before.jpg', at: '2026-11-23T12:00:00Z' })
  })

  it('keeps nothing back that cannot be read or asked for', async () => {
    const silent = createRecogniser(hash, () => Promise.reject(new Error('offline')))
    expect(await silent.look('a', queued('a.jpg'))).toEqual({ sha256: 'hash of a.jpg' })
    const unreadable = createRecogniser(
      () => Promise.reject(new Error('gone')),
      async () => undefined,
    )
    expect(await unreadable.look('a', queued('a.jpg'))).toEqual({})
  })
})
