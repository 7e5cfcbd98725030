/** One person at another's images: whatever the address, there is nothing there, and nothing changes. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { BatchTickets } from '../../../contract/batch-schemas.ts'
import { apiClient } from '../../support/api.ts'
import { mint, send, url } from './attacker.ts'
import { imageBytes } from './images.ts'

const json = { 'content-type': 'application/json' }
let owner: ReturnType<typeof apiClient>
let thief: string
let image: string
let waiting: string
let batched: string
let key: string

beforeAll(async () => {
  owner = apiClient(url, await mint('uploaders', { sub: crypto.randomUUID() }))
  thief = await mint('uploaders', { sub: crypto.randomUUID() })
  key = crypto.randomUUID()
  const bytes = await imageBytes('image/jpeg')
  image = (await owner.upload(bytes, 'image/jpeg', { 'idempotency-key': key })).json.id
  await owner.settled(image)
  const announced = { content_type: 'image/jpeg', bytes: bytes.length, name: 'mine.jpg' }
  waiting = (await owner.call<{ id: string }>('POST', '/uploads', { body: JSON.stringify(announced), headers: json }))
    .json.id
  const batch = { body: JSON.stringify({ images: [announced] }), headers: json }
  batched = (await owner.call<BatchTickets>('POST', '/batches', batch)).json.uploads[0]?.id ?? ''
})

const requests: [string, () => [string, RequestInit], number][] = [
  ['reads an image', () => [`/images/${image}`, {}], 404],
  ['erases an image', () => [`/images/${image}`, { method: 'DELETE' }], 404],
  ['reads an upload that waits', () => [`/images/${waiting}`, {}], 404],
  ['erases an upload that waits', () => [`/images/${waiting}`, { method: 'DELETE' }], 404],
  ['completes an upload', () => [`/uploads/${waiting}/complete`, { method: 'POST' }], 404],
  ['completes an image as an upload', () => [`/uploads/${image}/complete`, { method: 'POST' }], 404],
  ['aborts an upload', () => [`/uploads/${waiting}`, { method: 'DELETE' }], 404],
  ['aborts an image as an upload', () => [`/uploads/${image}`, { method: 'DELETE' }], 404],
  ['looks at the parts of an upload', () => [`/uploads/${waiting}/parts`, {}], 404],
  [
    'shares an image',
    () => [
      `/images/${image}/links`,
      { method: 'POST', headers: json, body: JSON.stringify({ rendition: 'thumb', hours: 1 }) },
    ],
    404,
  ],
  ['revokes a link', () => [`/images/${image}/links/${'0'.repeat(16)}`, { method: 'DELETE' }], 404],
  [
    're-processes an image without being an engineer',
    () => [`/stream/images/${image}/reprocess`, { method: 'POST', headers: json, body: '{}' }],
    403,
  ],
]

describe('somebody who knows an id', () => {
  it.each(requests)('and %s gets nowhere', async (_, request, status) => {
    const [path, init] = request()
    const answer = await send(path, { ...init, token: thief })
    // A body that does not fit is refused before anybody looks for the image.
    expect([status, 400]).toContain(answer.status)
    expect(answer.text).not.toMatch(/mine\.jpg|X-Amz-Signature/)
    expect((await owner.image(image)).json.status).toBe('processed')
  })

  it('and completes a batch with it is told that there is no such upload', async () => {
    const body = JSON.stringify({ ids: [batched, waiting, image] })
    const { status, text } = await send('/batches/complete', { method: 'POST', headers: json, body, token: thief })
    expect(status).toBe(200)
    const outcome = JSON.parse(text) as { images: { problem?: { code: string } }[] }
    expect(outcome.images.map(({ problem }) => problem?.code)).toEqual(Array(3).fill('unknown-upload'))
  })

  it('and erases many with it erases none', async () => {
    const body = JSON.stringify({ ids: [image, waiting] })
    await send('/erasures', { method: 'POST', headers: json, body, token: thief })
    expect((await owner.image(image)).json.status).toBe('processed')
    expect((await owner.image(waiting)).status).toBe(200)
  })

  it('and the Idempotency-Key as well gets an image of their own', async () => {
    const { json: mine } = await apiClient(url, thief).upload(await imageBytes('image/jpeg'), 'image/jpeg', {
      'idempotency-key': key,
    })
    expect(mine.id).not.toBe(image)
    const { json: listed } = await apiClient(url, thief).call<{ items: { id: string }[] }>('GET', '/images')
    expect(listed.items.map(({ id }) => id)).toEqual([mine.id])
    await apiClient(url, thief).erase(mine.id)
  })

  it('and a cursor of the owner does not page through their images', async () => {
    const forged = Buffer.from(JSON.stringify({ id: image, ownerId: 'somebody', receivedAt: 1 })).toString('base64url')
    expect(await send(`/images?cursor=${forged}`, { token: thief })).toMatchObject({
      status: 400,
      code: 'invalid-cursor',
    })
  })

  it('and the same bytes does not learn that somebody has them', async () => {
    const mine = apiClient(url, thief)
    const { json: accepted } = await mine.upload(await imageBytes('image/jpeg'), 'image/jpeg')
    const done = await mine.settled(accepted.id)
    expect(done.duplicates ?? []).not.toContain(image)
    await mine.erase(accepted.id)
  })
})

/** Forms of an id that is not one. Each is a whole path segment. */
const notIds = [
  '..%2f..%2fhealthz',
  '....',
  '%00',
  'null',
  'undefined',
  '0',
  '-1',
  '*',
  "'%20OR%20'1'='1",
  '%7B%22%24ne%22%3Anull%7D',
  'idempotency%23x',
  'batch%23x',
  'A'.repeat(36),
  'A'.repeat(2000),
  '00000000-0000-0000-0000-000000000000',
  '00000000-0000-4000-8000-000000000000%0d%0aX-Evil:%201',
  '%F0%9F%93%B7',
  'images%2F2026',
  '__proto__',
  'constructor',
]
describe.each(notIds)('an id like %s', (id) => {
  it.each([
    ['GET', `/images/${id}`],
    ['DELETE', `/images/${id}`],
    ['POST', `/uploads/${id}/complete`],
  ])('is nothing to %s %#', async (method, path) => {
    const { status, headers } = await send(path, { method, token: thief })
    expect([400, 404]).toContain(status)
    expect(headers.get('x-evil')).toBeNull()
  })
})
