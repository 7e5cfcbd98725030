import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ImageChanges } from '../../contract/schemas.ts'
import { createLive } from '../../web/src/images/live.ts'
import { imageView } from './imageView.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A platform that answers when the test says so. */
function waitingPlatform() {
  const asked: { cursor: string | undefined; signal: AbortSignal; answer: PromiseWithResolvers<ImageChanges> }[] = []
  const ask = vi.fn((cursor: string | undefined, signal: AbortSignal) => {
    const answer = Promise.withResolvers<ImageChanges>()
    asked.push({ cursor, signal, answer })
    return answer.promise
  })
  const nth = (n: number) => asked[n] as (typeof asked)[number]
  return { ask, asked, nth }
}

describe('listening for changes', () => {
  it('hands on what has changed, and asks on from there, one request at a time', async () => {
    const { ask, asked, nth } = waitingPlatform()
    const onChanged = vi.fn()
    const live = createLive({ ask, wanted: () => true, onChanged })
    live.update()
    live.update()
    expect(asked).toHaveLength(1)
    nth(0).answer.resolve({ images: [imageView('1', 0)], cursor: 'one' })
    await vi.advanceTimersByTimeAsync(0)
    expect(onChanged).toHaveBeenCalledTimes(1)
    nth(1).answer.resolve({ images: [], cursor: 'two' })
    await vi.advanceTimersByTimeAsync(0)
    expect(onChanged).toHaveBeenCalledTimes(1)
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, 'one', 'two'])
    expect(live.works).toBe(true)
    live.stop()
    expect(nth(2).signal.aborted).toBe(true)
  })

  it('lets go as soon as nothing is in flight', async () => {
    const { ask, asked, nth } = waitingPlatform()
    let inFlight = true
    const live = createLive({ ask, wanted: () => inFlight, onChanged: () => {} })
    live.update()
    inFlight = false
    live.update()
    expect(nth(0).signal.aborted).toBe(true)
    inFlight = true
    live.update()
    expect(asked).toHaveLength(2)
    live.stop()
  })

  it('that fails says so, and tries again with growing pauses', async () => {
    const ask = vi.fn(() => Promise.reject(new Error('too busy')))
    const live = createLive({ ask, wanted: () => true, onChanged: () => {} })
    live.update()
    await vi.advanceTimersByTimeAsync(0)
    expect(live.works).toBe(false)
    await vi.advanceTimersByTimeAsync(7_500)
    expect(ask).toHaveBeenCalledTimes(4)
    live.stop()
  })
})
