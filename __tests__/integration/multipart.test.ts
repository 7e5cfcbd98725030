/** Uploads in parts against the running platform: going on, completing, giving up, and what must be refused. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Accepted, MultipartUpload, Problem } from '../../contract/schemas.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { buckets, limits, resourceName } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'
import { createStores } from '../support/stores.ts'

const platform = sharedPlatform()
let api: Api
let stranger: Api
beforeAll(async () => {
  api = apiClient(platform.url, await platform.token('uploaders'))
  stranger = apiClient(platform.url)
})

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A real image that is larger than one part: noise, which does not compress. */
async function largeImage(): Promise<Buffer> {
  const [width, height] = [1700, 1400]
  const noise = randomBytes(width * height * 3)
  return sharp(noise, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

const start = (body: object, key?: string) =>
  api.call<MultipartUpload & Problem>('POST', '/uploads/multipart', {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
  })
const state = (id: string) => api.call<MultipartUpload & Problem>('GET', `/uploads/${id}/parts`)
const complete = (id: string) => api.call<Accepted & Problem>('POST', `/uploads/${id}/complete`)
const giveUp = (id: string) => api.call<Problem>('DELETE', `/uploads/${id}`)
const asking = (file: Uint8Array) => ({
  content_type: 'image/png',
  bytes: file.byteLength,
  name: 'large.png',
  sha256: digest(file),
})

async function send({ part_bytes, parts }: MultipartUpload, file: Uint8Array, which: readonly number[]) {
  const status: number[] = []
  for (const { number, bytes, url } of parts) {
    if (!which.includes(number) || !url) continue
    const from = (number - 1) * part_bytes
    const body = file.subarray(from, from + bytes) as Uint8Array<ArrayBuffer>
    status.push((await fetch(url, { method: 'PUT', body })).status)
  }
  return status
}

describe('an upload in parts', () => {
  it('goes on with what is missing, and stores exactly what was sent', async () => {
    const file = await largeImage()
    const key = randomUUID()
    const { status, json: first } = await start(asking(file), key)
    expect(status).toBe(201)
    expect(first.part_bytes).toBe(limits.uploadPartBytes)
    expect(first.parts.length).toBe(2)
    expect(await send(first, file, [2])).toEqual([200])

    // As after a break: the same request again, or a look at the parts.
    const { json: again } = await start(asking(file), key)
    expect(again.id).toBe(first.id)
    const { json: seen } = await state(first.id)
    for (const { parts } of [again, seen]) {
      expect(parts.map(({ arrived, url }) => [arrived, url !== undefined])).toEqual([
        [false, true],
        [true, false],
      ])
    }
    const early = await complete(first.id)
    expect([early.status, early.json.code]).toEqual([409, 'parts-missing'])

    expect(await send(seen, file, [1])).toEqual([200])
    const [done, repeated] = await Promise.all([complete(first.id), complete(first.id)])
    expect([done.status, repeated.status]).toEqual([202, 202])
    expect(repeated.json).toEqual(done.json)
    expect((await complete(first.id)).json).toEqual(done.json)
    const image = await api.settled(first.id)
    expect(image).toMatchObject({ status: 'processed', sha256: digest(file), name: 'large.png' })
    const original = await fetch(image.original_url ?? '')
    expect(digest(new Uint8Array(await original.arrayBuffer()))).toBe(digest(file))
    // Nothing is left to send, and nothing to give up.
    expect((await state(first.id)).json.parts.every(({ arrived, url }) => arrived && !url)).toBe(true)
    expect(await giveUp(first.id)).toMatchObject({ status: 409, json: { code: 'already-complete' } })
  })

  it('is refused where what arrived is not what was announced, or no image', async () => {
    const file = await largeImage()
    const announced = await start({ ...asking(file), sha256: digest(Buffer.from('another')) })
    await send(announced.json, file, [1, 2])
    expect(await complete(announced.json.id)).toMatchObject({ status: 409, json: { code: 'digest-mismatch' } })
    const text = Buffer.alloc(limits.uploadPartBytes + 10, 'no image')
    const wrong = await start(asking(text))
    await send(wrong.json, text, [1, 2])
    expect(await complete(wrong.json.id)).toMatchObject({ status: 415, json: { code: 'not-an-image' } })
    for (const { id } of [announced.json, wrong.json]) expect((await giveUp(id)).status).toBe(200)
  })

  it('takes no part of another length than announced', async () => {
    const file = await largeImage()
    const { json } = await start(asking(file))
    const last = json.parts.at(-1)
    const answer = await fetch(last?.url ?? '', { method: 'PUT', body: 'short' })
    expect(answer.status).toBe(403)
    expect((await state(json.id)).json.parts.some(({ arrived }) => arrived)).toBe(false)
    expect((await giveUp(json.id)).status).toBe(200)
  })

  it('that is given up leaves nothing, and takes nothing any more', async () => {
    const file = await largeImage()
    const key = randomUUID()
    const { json } = await start(asking(file), key)
    expect(await send(json, file, [1])).toEqual([200])
    const erased = await giveUp(json.id)
    expect(erased).toMatchObject({ status: 200, json: { id: json.id, uploads: 1, versions: 0 } })
    expect(await send(json, file, [2])).toEqual([404])
    expect((await complete(json.id)).status).toBe(404)
    expect((await state(json.id)).status).toBe(404)
    const { s3, close } = await createStores()
    try {
      const lake = createLake(s3, resourceName(platform.config.environment, buckets.lake.name))
      expect(await lake.isEmpty(`images/date=${new Date().toISOString().slice(0, 10)}/${json.id}/`)).toBe(true)
    } finally {
      await close()
    }
  })

  it('is nobody else’s business', async () => {
    expect((await stranger.call('GET', `/uploads/${randomUUID()}/parts`)).status).toBe(401)
    expect((await state(randomUUID())).json.code).toBe('unknown-upload')
  })
})
