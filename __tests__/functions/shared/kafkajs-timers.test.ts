// @ts-expect-error kafkajs has no types for its inside.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import '../../../functions/shared/kafkajs-timers.ts'

const silent = { debug() {}, warn() {} }
const newQueue = (maxInFlightRequests: number) =>
  new RequestQueue({ maxInFlightRequests, requestTimeout: 1_000, clientId: 'test', broker: 'b:1', logger: silent })
const request = (correlationId: number, sendRequest = () => {}) => ({
  entry: { correlationId, apiKey: 3, apiVersion: 0, apiName: 'Metadata', resolve() {}, reject() {} },
  expectResponse: true,
  sendRequest,
})

afterEach(() => {
  vi.useRealTimers()
})

describe('kafkajs’s request queue', () => {
  it('sets no timer while nothing waits, so that an idle connection costs nothing', () => {
    vi.useFakeTimers()
    const queue = newQueue(2)
    queue.push(request(1))
    queue.fulfillRequest({ correlationId: 1, payload: {}, size: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('still sends what had to wait for a throttled broker, when it may', () => {
    vi.useFakeTimers()
    const queue = newQueue(2)
    const send = vi.fn()
    queue.maybeThrottle(200)
    queue.push(request(1, send))
    vi.advanceTimersByTime(150)
    expect(send).not.toHaveBeenCalled()
    vi.advanceTimersByTime(100)
    expect(send).toHaveBeenCalledOnce()
  })
})
