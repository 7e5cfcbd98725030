import { describe, expect, it, vi } from 'vitest'
import { type Api, ApiError } from '../../web/src/api.ts'
import { createSender, type OutgoingFile } from '../../web/src/upload/send.ts'

const answered = (status: number, body: unknown = {}) => ({ status, body: JSON.stringify(body), retryAfter: null })
const acceptance = { id: '1', image_path: '/images/…', status_url: '/images/1' }
const options = { signal: new AbortController().signal, onProgress: () => {}, onChecking: () => {} }

const file = (bytes: number): OutgoingFile => ({
  data: new Blob([new Uint8Array(bytes)], { type: 'image/png' }),
  name: 'Käse & Brot.png',
  type: 'image/png',
  idempotencyKey: 'key-1',
})

function sender(answers: ReturnType<typeof answered>[]) {
  const post = vi.fn(async (..._request: unknown[]) => answers.shift() ?? answered(500))
  const session = { token: vi.fn(async () => 'token'), refused: vi.fn() }
  const part = (number: number, bytes: number, arrived = false) => ({
    ...{ number, bytes, arrived },
    ...(!arrived && { url: `https://lake.example/${number}` }),
  })
  const upload = {
    id: '1',
    part_bytes: 1_000,
    bytes: 2_500,
    parts: [part(1, 1_000), part(2, 1_000, true), part(3, 500)],
    complete_url: '/uploads/1/complete',
  }
  const api = {
    startMultipart: vi.fn(async () => upload),
    uploadParts: vi.fn(async () => upload),
    completeUpload: vi.fn(async () => acceptance),
  }
  const send = createSender(api as unknown as Api, session, { directUploadBytes: 1_000 }, post as never)
  return { send, post, session, api }
}

describe('sending a file', () => {
  it('goes whole to the gateway up to the limit, with its name percent-encoded and its key', async () => {
    const { send, post, api } = sender([answered(202, acceptance)])
    expect(await send(file(1_000), options)).toEqual(acceptance)
    expect(post.mock.calls[0]?.slice(0, 2)).toEqual([
      '/images',
      {
        authorization: 'Bearer token',
        'content-type': 'image/png',
        'idempotency-key': 'key-1',
        'x-file-name': 'K%C3%A4se%20%26%20Brot.png',
      },
    ])
    expect(api.startMultipart).not.toHaveBeenCalled()
  })

  it('goes to the storage above the limit, only the parts that are missing, and is completed', async () => {
    const { send, post, api } = sender([answered(200), answered(200)])
    const onStarted = vi.fn()
    const progress: number[] = []
    const sent = { ...options, onStarted, onProgress: (bytes: number) => void progress.push(bytes) }
    expect(await send({ ...file(2_500), sha256: 'abc' }, sent)).toEqual(acceptance)
    const request = { content_type: 'image/png', bytes: 2_500, name: 'Käse & Brot.png', sha256: 'abc' }
    expect(api.startMultipart).toHaveBeenCalledWith(request, 'key-1', options.signal)
    const bodies = post.mock.calls.map(([url, headers, body]) => [url, headers, (body as Blob).size])
    expect(bodies).toEqual([
      ['https://lake.example/1', {}, 1_000],
      ['https://lake.example/3', {}, 500],
    ])
    expect(onStarted).toHaveBeenCalledWith('1')
    expect(progress[0]).toBe(1_000)
    expect(api.completeUpload).toHaveBeenCalledWith('/uploads/1/complete', options.signal)
  })

  it('goes on with an upload that was started before, and starts anew where its term is over', async () => {
    const known = sender([answered(200), answered(200)])
    await known.send({ ...file(2_500), uploadId: '1' }, options)
    expect(known.api.uploadParts).toHaveBeenCalledWith('1', options.signal)
    expect(known.api.startMultipart).not.toHaveBeenCalled()
    const over = sender([answered(200), answered(200)])
    over.api.uploadParts.mockRejectedValue(new ApiError(404, { code: 'unknown-upload' }))
    await over.send({ ...file(2_500), uploadId: '1' }, options)
    expect(over.api.startMultipart).toHaveBeenCalledTimes(1)
  })

  it('does not complete what the storage refused; with fresh links it may take it', async () => {
    const refused = sender([answered(400), answered(200)])
    await expect(refused.send(file(2_500), options)).rejects.toMatchObject({ status: 400, retriable: false })
    expect(refused.api.completeUpload).not.toHaveBeenCalled()
    const expired = sender([answered(403), answered(200)])
    await expect(expired.send(file(2_500), options)).rejects.toMatchObject({ status: 403, retriable: true })
  })

  it('renews a token that was refused, once', async () => {
    const { send, session, post } = sender([answered(401), answered(202, acceptance)])
    expect(await send(file(10), options)).toEqual(acceptance)
    expect(session.refused).toHaveBeenCalledWith('token')
    expect(post).toHaveBeenCalledTimes(2)
    await expect(sender([answered(401), answered(401)]).send(file(10), options)).rejects.toMatchObject({ status: 401 })
  })

  it('tells what the platform says of a refusal', async () => {
    const problem = { code: 'type-mismatch', detail: 'These bytes are no PNG.', hint: 'Save it anew.', status: 415 }
    const { send } = sender([answered(415, problem)])
    await expect(send(file(10), options)).rejects.toMatchObject({
      message: 'These bytes are no PNG.',
      hint: 'Save it anew.',
      code: 'type-mismatch',
      retriable: false,
    })
  })
})
