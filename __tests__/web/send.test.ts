import { describe, expect, it, vi } from 'vitest'
import type { Api } from '../../web/src/api.ts'
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
  const api = {
    startUpload: vi.fn(async () => ({
      id: '1',
      url: 'https://lake.example/',
      fields: { key: 'images/1', policy: 'p' },
      complete_url: '/uploads/1/complete',
      expires_at: '2026-11-23T13:00:00Z',
    })),
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
    expect(api.startUpload).not.toHaveBeenCalled()
  })

  it('goes to the storage above the limit, with the fields before the file, and is completed', async () => {
    const { send, post, api } = sender([answered(204)])
    expect(await send(file(1_001), options)).toEqual(acceptance)
    expect(api.startUpload).toHaveBeenCalledWith(
      { content_type: 'image/png', bytes: 1_001, name: 'Käse & Brot.png' },
      'key-1',
      options.signal,
    )
    const [url, headers, form] = post.mock.calls[0] as [string, object, FormData]
    expect([url, headers]).toEqual(['https://lake.example/', {}])
    expect([...form.keys()]).toEqual(['key', 'policy', 'file'])
    expect(api.completeUpload).toHaveBeenCalledWith('/uploads/1/complete', options.signal)
  })

  it('does not complete what the storage refused', async () => {
    const { send, api } = sender([answered(400)])
    await expect(send(file(2_000), options)).rejects.toMatchObject({ status: 400, retriable: false })
    expect(api.completeUpload).not.toHaveBeenCalled()
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
