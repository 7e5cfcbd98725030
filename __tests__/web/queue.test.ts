import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../../web/src/api.ts'
import { createUploadQueue } from '../../web/src/upload/queue.ts'
import type { OutgoingFile, Sender, SendOptions } from '../../web/src/upload/send.ts'

const config = { imageTypes: ['image/jpeg'], maxBytes: 1_000 }
const acceptance = { id: '1', image_path: '/images/…', status_url: '/images/1' }
const jpeg = (name: string, bytes = 10) => new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' })

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16))
  vi.stubGlobal('navigator', { onLine: true })
  vi.stubGlobal('addEventListener', () => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function queueWith(send: (file: OutgoingFile, options: SendOptions) => Promise<typeof acceptance>) {
  const sender = vi.fn<Sender>((file, options) => {
    options.onSending?.()
    return send(file, options)
  })
  const accepted = vi.fn()
  return { queue: createUploadQueue({ send: sender }, config, accepted), sender, accepted }
}

describe('the upload queue', () => {
  it('hands each accepted file on and forgets it', async () => {
    const { queue, accepted } = queueWith(async () => acceptance)
    queue.add([jpeg('a.jpg'), jpeg('b.jpg')])
    await vi.advanceTimersByTimeAsync(500)
    expect(accepted.mock.calls.map(([{ name }]) => name)).toEqual(['a.jpg', 'b.jpg'])
    expect(queue.items.value).toEqual([])
    expect(queue.busy).toBe(false)
  })

  it('sends four at once', async () => {
    const { queue, sender } = queueWith(() => new Promise(() => {}))
    queue.add(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => jpeg(`${name}.jpg`)))
    await vi.advanceTimersByTimeAsync(500)
    expect(sender).toHaveBeenCalledTimes(4)
    expect(queue.items.value.map(({ phase }) => phase)).toEqual([
      ...['sending', 'sending', 'sending', 'sending'],
      ...['waiting', 'waiting'],
    ])
  })

  it('tries again by itself under the same idempotency key, then asks the person', async () => {
    const { queue, sender } = queueWith(() => Promise.reject(new ApiError(503, { detail: 'down' })))
    queue.add([jpeg('a.jpg')])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(sender).toHaveBeenCalledTimes(4)
    expect(new Set(sender.mock.calls.map(([{ idempotencyKey }]) => idempotencyKey)).size).toBe(1)
    expect(queue.items.value[0]).toMatchObject({ phase: 'failed', error: { message: 'down' } })
    queue.retry(queue.items.value[0]?.id ?? '')
    await vi.advanceTimersByTimeAsync(500)
    expect(sender).toHaveBeenCalledTimes(5)
  })

  it('waits as long as the platform asks for', async () => {
    const refusal = new ApiError(429, {}, { retryAfter: 20_000 })
    const { queue, sender } = queueWith(() => Promise.reject(refusal))
    queue.add([jpeg('a.jpg')])
    await vi.advanceTimersByTimeAsync(19_000)
    expect(sender).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sender).toHaveBeenCalledTimes(2)
  })

  it('does not repeat what cannot succeed', async () => {
    const { queue, sender } = queueWith(() => Promise.reject(new ApiError(415, { detail: 'no image' })))
    queue.add([jpeg('a.jpg')])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(sender).toHaveBeenCalledTimes(1)
    expect(queue.items.value[0]?.phase).toBe('failed')
  })

  it('aborts what is cancelled and goes on with the rest', async () => {
    const signals: AbortSignal[] = []
    const { queue, accepted } = queueWith((file, { signal }) => {
      signals.push(signal)
      if (file.name === 'b.jpg') return Promise.resolve(acceptance)
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    queue.add([jpeg('a.jpg')])
    await vi.advanceTimersByTimeAsync(100)
    queue.cancel(queue.items.value[0]?.id ?? '')
    expect(signals[0]?.aborted).toBe(true)
    queue.add([jpeg('b.jpg')])
    await vi.advanceTimersByTimeAsync(100)
    expect(accepted).toHaveBeenCalledTimes(1)
    expect(queue.items.value).toEqual([])
  })

  it('shows how much has been sent', async () => {
    const { queue } = queueWith((_file, { onProgress }) => {
      onProgress(5)
      return new Promise(() => {})
    })
    queue.add([jpeg('a.jpg', 10)])
    await vi.advanceTimersByTimeAsync(100)
    expect(queue.items.value[0]?.progress).toBe(0.5)
  })

  it('refuses with a reason what is no image, empty, too large or there already, and sends the others', async () => {
    const { queue, sender } = queueWith(() => new Promise(() => {}))
    queue.add([
      jpeg('good.jpg'),
      new File(['text'], 'notes.txt', { type: 'text/plain' }),
      jpeg('empty.jpg', 0),
      jpeg('huge.jpg', 1_001),
    ])
    await vi.advanceTimersByTimeAsync(100)
    expect(sender.mock.calls.map(([{ name }]) => name)).toEqual(['good.jpg'])
    expect(queue.refusals.value.map(({ name }) => name)).toEqual(['notes.txt', 'empty.jpg', 'huge.jpg'])
  })
})
