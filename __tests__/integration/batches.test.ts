/** Batches against the running platform: announced, sent straight to S3, completed in one request. */
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { BatchOutcome, BatchTickets } from '../../contract/batch-schemas.ts'
import type { Problem } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'

const platform = sharedPlatform()
let api: Api
let stranger: Api
beforeAll(async () => {
  api = apiClient(platform.url, await platform.token('uploaders'))
  stranger = apiClient(platform.url, await platform.token('engineers'))
})

const json = { 'content-type': 'application/json' }
const start = (images: object[]) =>
  api.call<BatchTickets & Problem>('POST', '/batches', { body: JSON.stringify({ images }), headers: json })
const complete = (ids: string[], as = api) =>
  as.call<BatchOutcome & Problem>('POST', '/batches/complete', { body: JSON.stringify({ ids }), headers: json })

const photograph = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 99, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer()

const announced = (bytes: Uint8Array, name?: string) => ({
  content_type: 'image/jpeg',
  bytes: bytes.byteLength,
  ...(name && { name }),
})
const send = ({ url, headers }: BatchTickets['uploads'][number], body: Uint8Array, changes: object = {}) =>
  fetch(url, { method: 'PUT', body: body as Uint8Array<ArrayBuffer>, headers: { ...headers, ...changes } })

/** Announces and sends so many photographs. */
async function sent(count: number) {
  const files = await Promise.all(Array.from({ length: count }, (_, n) => photograph(40 + n)))
  const { json: tickets } = await start(files.map((file, n) => announced(file, `photo ${n}.jpg`)))
  for (const [n, ticket] of tickets.uploads.entries()) {
    expect((await send(ticket, files[n] as Buffer)).status).toBe(200)
  }
  return { files, ids: tickets.uploads.map(({ id }) => id), tickets }
}

describe('a batch', () => {
  it('is taken in by two requests, and each image processed under its own name', async () => {
    const { ids } = await sent(5)
    const { status, json: outcome } = await complete(ids)
    expect(status).toBe(200)
    expect(outcome.images.map(({ id, accepted }) => [id, accepted?.id])).toEqual(ids.map((id) => [id, id]))
    for (const [n, id] of ids.entries()) {
      const image = await api.settled(id)
      expect([image.status, image.name]).toEqual(['processed', `photo ${n}.jpg`])
      // The processor has seen where the event was.
      expect(image.event?.topic).toBe('images')
      expect(image.timeline.map(({ status: step }) => step)).toEqual(['received', 'published', 'processed'])
    }
  })

  it('changes nothing when its completion is repeated, also by several at once', async () => {
    const { ids } = await sent(3)
    const answers = await Promise.all([1, 2, 3].map(() => complete(ids)))
    for (const { json: outcome } of answers) expect(outcome.images.every(({ accepted }) => accepted)).toBe(true)
    const images = await Promise.all(ids.map((id) => api.settled(id)))
    const again = await complete(ids)
    expect(again.json.images.every(({ accepted }) => accepted)).toBe(true)
    expect(await Promise.all(ids.map(async (id) => (await api.image(id)).json.timeline))).toEqual(
      images.map(({ timeline }) => timeline),
    )
  })

  it('takes in what arrived, and says of the rest what is wrong with it', async () => {
    const file = await photograph(50)
    const text = Buffer.from('no image at all')
    const { json: tickets } = await start([announced(file), announced(file), announced(text)])
    const [good, absent, lying] = tickets.uploads as [BatchTickets['uploads'][number], never, never]
    await send(good, file)
    await send(lying, text)
    const unknown = crypto.randomUUID()
    const { json: outcome } = await complete([good.id, (absent as typeof good).id, (lying as typeof good).id, unknown])
    expect(outcome.images.map(({ accepted, problem }) => (accepted ? 'accepted' : problem?.code))).toEqual([
      'accepted',
      'not-arrived',
      'not-an-image',
      'unknown-upload',
    ])
    expect(outcome.images[1]?.problem).toMatchObject({ status: 409, hint: expect.stringContaining('Send it') })
  })

  it('is nobody else’s: S3 and the platform both refuse', async () => {
    const file = await photograph(52)
    const { json: tickets } = await start([announced(file)])
    const [ticket] = tickets.uploads as [BatchTickets['uploads'][number]]
    // Another length, another type, another address.
    expect((await send(ticket, Buffer.concat([file, file]))).status).toBe(403)
    expect((await send(ticket, file, { 'content-type': 'text/html' })).status).toBe(403)
    const elsewhere = new URL(ticket.url)
    elsewhere.pathname += '.html'
    expect((await send({ ...ticket, url: elsewhere.href }, file)).status).toBe(403)
    expect((await complete([ticket.id])).json.images[0]?.problem?.code).toBe('not-arrived')
    expect((await complete([ticket.id], stranger)).status).toBe(403)

    expect((await send(ticket, file)).status).toBe(200)
    // What has arrived is not overwritten, whatever the link still allows.
    expect((await send(ticket, Buffer.alloc(file.byteLength, 1))).status).toBe(412)
    expect((await complete([ticket.id])).json.images[0]?.accepted?.id).toBe(ticket.id)
  })

  it('does not come back after it has been erased', async () => {
    const { ids, files, tickets } = await sent(2)
    await complete(ids)
    const [first, second] = ids as [string, string]
    await api.settled(first)
    expect((await api.erase(first)).status).toBe(200)
    await send(tickets.uploads[0] as BatchTickets['uploads'][number], files[0] as Buffer)
    const { json: outcome } = await complete([first, second])
    expect(outcome.images.map(({ accepted, problem }) => accepted?.id ?? problem?.code)).toEqual([
      'unknown-upload',
      second,
    ])
    expect((await api.image(first)).status).toBe(404)
  })

  it.each([
    ['nothing', []],
    ['too many', Array.from({ length: limits.batchImages + 1 }, () => ({ content_type: 'image/jpeg', bytes: 9 }))],
    ['a type that is not taken', [{ content_type: 'text/html', bytes: 9 }]],
    ['more bytes than are taken', [{ content_type: 'image/jpeg', bytes: limits.presignedUploadBytes + 1 }]],
    ['a path for a name', [{ content_type: 'image/jpeg', bytes: 9, name: '../x.jpg' }]],
  ])('with %s is refused whole', async (_, images) => {
    const { status, json: problem } = await start(images)
    expect(status).toBe(400)
    expect(problem.code).toMatch(/invalid/)
  })

  it('that names an image twice is refused', async () => {
    const id = crypto.randomUUID()
    expect(await complete([id, id])).toMatchObject({ status: 409, json: { code: 'named-twice' } })
  })
})
