import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { UploadRequest } from '../../contract/schemas.ts'
import { ApiError } from '../../web/src/api.ts'
import { gathered } from '../../web/src/upload/gather.ts'
import type { OutgoingFile } from '../../web/src/upload/send.ts'
import { createBatchSender } from '../../web/src/upload/send-batches.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const acceptance = (id: string) => ({ id, image_path: `/images/${id}`, status_url: `/images/${id}` })
const file = (n: number, given: Partial<OutgoingFile> = {}): OutgoingFile => ({
  data: new Blob(['x'.repeat(10)], { type: 'image/jpeg' }),
  name: `${n}.jpg`,
  type: 'image/jpeg',
  idempotencyKey: `key-${n}`,
  inBatch: true,
  ...given,
})

function senderWith(statusOf: (url: string) => number | Error = () => 200) {
  let ids = 0
  const api = {
    startBatch: vi.fn(async (images: readonly UploadRequest[]) => ({
      uploads: images.map(() => ({ id: `id-${ids}`, url: `https://lake.example/id-${ids++}`, headers: { a: 'b' } })),
      complete_url: '/batches/complete',
      expires_at: '',
    })),
    completeBatch: vi.fn(async (asked: readonly string[]) => ({
      images: asked.map((id) => ({ id, accepted: acceptance(id) })) as {
        id: string
        accepted?: ReturnType<typeof acceptance>
        problem?: never
      }[],
    })),
    abortUpload: vi.fn(async () => ({})),
  }
  const put = vi.fn(async (url: string) => {
    const status = statusOf(url)
    if (status instanceof Error) throw status
    return { status, body: '', retryAfter: null }
  })
  const alone = vi.fn(async () => acceptance('alone'))
  const send = createBatchSender({ api, put, alone } as unknown as Parameters<typeof createBatchSender>[0])
  return { send, api, put, alone }
}

function options() {
  const cancellation = new AbortController()
  const told: string[] = []
  return {
    cancellation,
    told,
    signal: cancellation.signal,
    onProgress: () => {},
    onSending: () => void told.push('sending'),
    onChecking: () => void told.push('checking'),
    onAnnounced: (id: string) => void told.push(`announced ${id}`),
  }
}

/** What became of it, once the timers have run. */
async function outcome<T>(sent: Promise<T>): Promise<T | ApiError> {
  const settled = sent.catch((error: ApiError) => error)
  await vi.advanceTimersByTimeAsync(2_000)
  return settled
}

describe('sending in batches', () => {
  it('announces and completes many together, twenty at most, and sends four bodies at once', async () => {
    const { send, api, put, alone } = senderWith()
    let [now, most] = [0, 0]
    put.mockImplementation(async () => {
      most = Math.max(most, ++now)
      await new Promise((go) => setTimeout(go, 10))
      now--
      return { status: 200, body: '', retryAfter: null }
    })
    const sent = Promise.all(Array.from({ length: 25 }, (_, n) => send(file(n), options())))
    expect(await outcome(sent)).toEqual(Array.from({ length: 25 }, (_, n) => acceptance(`id-${n}`)))
    expect(api.startBatch.mock.calls.map(([images]) => images.length)).toEqual([20, 5])
    expect(api.completeBatch.mock.calls.flatMap(([ids]) => ids)).toHaveLength(25)
    expect(api.completeBatch.mock.calls.length).toBeLessThan(4)
    expect(most).toBe(4)
    expect(alone).not.toHaveBeenCalled()
  })

  it('tells the id before any byte leaves', async () => {
    const { send } = senderWith()
    const given = options()
    await outcome(send(file(1), given))
    expect(given.told).toEqual(['announced id-0', 'sending', 'checking'])
  })

  it('takes 412 as arrived: an attempt whose answer was lost goes to the same place again', async () => {
    let lost = true
    const { send, api, put } = senderWith(() => (lost ? new ApiError(0, { code: 'network' }) : 412))
    expect(await outcome(send(file(1), options()))).toMatchObject({ code: 'network' })
    lost = false
    expect(await outcome(send(file(1), options()))).toEqual(acceptance('id-0'))
    expect(api.startBatch).toHaveBeenCalledTimes(1)
    expect(new Set(put.mock.calls.map(([url]) => url)).size).toBe(1)
  })

  it('completes again what has arrived, without sending it again', async () => {
    const { send, api, put } = senderWith()
    api.completeBatch.mockRejectedValueOnce(new ApiError(503, {}))
    expect(await outcome(send(file(1), options()))).toMatchObject({ status: 503 })
    expect(await outcome(send(file(1), options()))).toEqual(acceptance('id-0'))
    expect(put).toHaveBeenCalledTimes(1)
  })

  it('gives each file its own outcome, and takes a new place for one that was refused', async () => {
    const { send, api } = senderWith()
    api.completeBatch.mockImplementationOnce(async (ids) => ({
      images: ids.map((id, n) =>
        n === 0
          ? { id, problem: { status: 415, code: 'type-mismatch', detail: 'No JPEG' } as never }
          : { id, accepted: acceptance(id) },
      ),
    }))
    const both = [send(file(1), options()), send(file(2), options())].map(outcome)
    expect(await Promise.all(both)).toMatchObject([
      { status: 415, message: 'No JPEG', retriable: false },
      acceptance('id-1'),
    ])
    expect(api.abortUpload).toHaveBeenCalledWith('id-0')
    expect(await outcome(send(file(1), options()))).toEqual(acceptance('id-2'))
  })

  it('asks for another place where the link is over', async () => {
    const { send } = senderWith((url) => (url.endsWith('id-0') ? 403 : 200))
    expect(await outcome(send(file(1), options()))).toMatchObject({ status: 403, retriable: true })
    expect(await outcome(send(file(1), options()))).toEqual(acceptance('id-1'))
  })

  it('sends each by itself where the batch is refused, and waits where the platform does not answer', async () => {
    const { send, api, alone } = senderWith()
    api.startBatch.mockRejectedValueOnce(new ApiError(503, {}))
    expect(await outcome(send(file(1), options()))).toMatchObject({ status: 503 })
    expect(alone).not.toHaveBeenCalled()
    api.startBatch.mockRejectedValueOnce(new ApiError(400, {}))
    alone.mockRejectedValueOnce(new ApiError(0, { code: 'network' }))
    expect(await outcome(send(file(1), options()))).toMatchObject({ code: 'network' })
    // What it may have stored is known under its own key only.
    expect(await outcome(send(file(1), options()))).toEqual(acceptance('alone'))
    expect(api.startBatch).toHaveBeenCalledTimes(2)
  })

  it('sends nothing of what was cancelled while it waited', async () => {
    const { send, put } = senderWith()
    const given = options()
    const sent = send(file(1), given)
    given.cancellation.abort(new DOMException('Cancelled', 'AbortError'))
    expect(await outcome(sent)).toMatchObject({ name: 'AbortError' })
    expect(put).not.toHaveBeenCalled()
  })

  it('asks after a reload whether an announced file has been accepted, and sends it where it has not', async () => {
    const { send, api, alone } = senderWith()
    const left = file(1, { inBatch: false, announcedId: 'before' })
    expect(await outcome(send(left, options()))).toEqual(acceptance('before'))
    expect(alone).not.toHaveBeenCalled()
    api.completeBatch.mockImplementationOnce(async ([id = '']) => ({
      images: [{ id, problem: { status: 409, code: 'not-arrived', detail: '' } as never }],
    }))
    expect(await outcome(send(left, options()))).toEqual(acceptance('alone'))
    expect(api.abortUpload).toHaveBeenCalledWith('before')
  })
})

describe('gathering questions', () => {
  it('fails those alone that have no answer, and all where the request fails', async () => {
    const ask = vi.fn(async (asked: readonly number[]) => asked.map((n) => (n === 2 ? new Error('not 2') : n * 10)))
    const question = gathered(ask, { most: 10, gatherMs: 5 })
    const first = Promise.allSettled([1, 2, 3].map(question))
    await vi.advanceTimersByTimeAsync(5)
    expect((await first).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ask).toHaveBeenCalledTimes(1)
    ask.mockRejectedValueOnce(new Error('down'))
    const second = Promise.allSettled([4, 5].map(question))
    await vi.advanceTimersByTimeAsync(5)
    expect((await second).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
