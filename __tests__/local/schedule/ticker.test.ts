import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTicker } from '../../../local/schedule/ticker.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

function started(duration: number) {
  const calls: number[] = []
  const errors: unknown[] = []
  const ticker = startTicker({
    everyMs: 1_000,
    firstMs: 100,
    call: async () => {
      calls.push(Date.now())
      await new Promise((resolve) => setTimeout(resolve, duration))
    },
    onError: (error) => errors.push(error),
  })
  return { calls, errors, ticker }
}

describe('the ticker', () => {
  it('calls soon after the start, then at a steady rate', async () => {
    const { calls } = started(30)
    await vi.advanceTimersByTimeAsync(3_500)
    expect(calls).toEqual([100, 1_100, 2_100, 3_100])
  })

  it('never calls while a call is going on, and stays on the grid afterwards', async () => {
    const { calls } = started(2_500)
    await vi.advanceTimersByTimeAsync(7_000)
    expect(calls).toEqual([100, 3_100, 6_100])
  })

  it('goes on after a call that failed', async () => {
    const errors: unknown[] = []
    let calls = 0
    startTicker({
      everyMs: 1_000,
      firstMs: 0,
      call: async () => {
        calls += 1
        throw new Error('no luck')
      },
      onError: (error) => errors.push(error),
    })
    await vi.advanceTimersByTimeAsync(2_500)
    expect(calls).toBe(3)
    expect(errors).toHaveLength(3)
  })

  it('calls no more once it is stopped, and waits for the call that is going on', async () => {
    const { calls, ticker } = started(500)
    await vi.advanceTimersByTimeAsync(200)
    let ended = false
    ticker.stop().then(() => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(100)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(ended).toBe(true)
    expect(calls).toEqual([100])
  })
})
