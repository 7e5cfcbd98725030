/** What one person keeps, on real S3 and DynamoDB: filters, links, bulk erasure, quota, and the erasure of everything. */
import { randomUUID } from 'node:crypto'
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3'
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BulkErased, EverythingErased, LinkView, Profile, Usage } from '../../contract/personal-schemas.ts'
import type { ImagePage, ImageView } from '../../contract/schemas.ts'
import { createImagesApp } from '../../functions/images/app.ts'
import { eraseOneOfMany, eraseOwn, recordMany } from '../../functions/images/erase.ts'
import { createBriefSigner, createSigner } from '../../functions/images/sign.ts'
import { lambdaHandler } from '../../functions/shared/http.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { dateOf, imagePrefix, metadataKey, originalKey } from '../../functions/shared/keys.ts'
import { expiryOf, ownerContentOf } from '../../functions/shared/ledger.ts'
import type { Logger } from '../../functions/shared/log.ts'
import { idempotencyRowId } from '../../functions/upload/idempotency.ts'
import { createQuota } from '../../functions/upload/quota.ts'
import { retention } from '../../platform.ts'
import { apiEvent } from '../support/api-event.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
const clock = { ahead: 0 }
const now = () => Date.now() + clock.ahead
beforeAll(async () => {
  stores = await createStores()
})
afterAll(() => stores.close())

/** The application as the gateway calls it, for one person. */
function client(person: string | null) {
  const parts = { ...stores, clock: now, logger: { info: vi.fn(), warn: vi.fn(), error: vi.fn() } as unknown as Logger }
  const handler = lambdaHandler(
    createImagesApp({
      ledger: stores.ledger,
      sign: createSigner(stores.s3, stores.names.lake, now),
      signBriefly: createBriefSigner(stores.s3, stores.names.lake, now),
      clock: now,
      logger: parts.logger,
      erase: (row, only) => eraseOwn(parts, row, only),
      eraseOneOfMany: (row) => eraseOneOfMany(parts, row),
      recordMany: (erasures, times) => recordMany(parts, erasures, times),
    }),
  )
  return async <T>(method: string, path: string, options: { query?: Record<string, string>; body?: unknown } = {}) => {
    const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) }
    const headers = { 'content-type': 'application/json' }
    const query = options.query ? { query: options.query } : {}
    const answer = await handler(apiEvent({ method, path, headers, person, ...body, ...query }), {} as Context)
    const text = String(answer.body ?? '')
    const type = String(answer.multiValueHeaders?.['content-type']?.[0] ?? '')
    return {
      status: answer.statusCode,
      headers: (answer.multiValueHeaders ?? {}) as unknown as Record<string, string[]>,
      text,
      json: (type.includes('json') ? JSON.parse(text) : undefined) as T,
    }
  }
}

/** An image as it stands after processing, in lake and ledger. */
async function keep(ownerId: string, change: Partial<ImageRow> = {}): Promise<ImageRow> {
  const id = randomUUID()
  const receivedAt = change.receivedAt ?? Date.now()
  const date = dateOf(receivedAt)
  const sha256 = randomUUID()
  const thumb = { name: 'thumb', contentType: 'image/webp', width: 256, height: 171, bytes: 5 }
  const row: ImageRow = {
    id,
    kind: 'image',
    ownerId,
    status: 'processed',
    date,
    key: originalKey({ id, date }, 'jpg'),
    contentType: 'image/jpeg',
    extension: 'jpg',
    bytes: 1_000,
    sha256,
    ownerContent: ownerContentOf(ownerId, sha256),
    receivedAt,
    attempts: 1,
    renditions: [{ ...thumb, key: `${imagePrefix({ id, date })}thumb.webp` }],
    ...expiryOf(id, receivedAt + retention.images),
    ...change,
  }
  await stores.lake.put(row.key, 'original', 'image/jpeg')
  if (row.status === 'processed') {
    await stores.lake.put(`${imagePrefix(row)}thumb.webp`, 'thumb', 'image/webp')
    await stores.lake.put(metadataKey(row), '{}', 'application/json')
  }
  await stores.ledger.insert(row)
  return row
}

const missing = 'urn:none'

describe('a person with some images', () => {
  it('filters, orders and counts them by the index, page by page', async () => {
    const owner = randomUUID()
    const start = Date.now() - 100_000
    const rows: ImageRow[] = []
    for (let n = 0; n < 30; n++) {
      const camera = n % 3 === 0 ? { metadata: { camera: { make: 'Canon', model: 'Canon EOS R5' } } } : {}
      const status = n % 5 === 0 ? { status: 'quarantined' as const } : {}
      rows.push(
        await keep(owner, {
          receivedAt: start + n * 1000,
          bytes: 1_000 + n,
          name: `Walk ${n}.jpg`,
          ...camera,
          ...status,
        } as Partial<ImageRow>),
      )
    }
    const call = client(owner)
    const collect = async (query: Record<string, string>) => {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const { json } = await call<ImagePage>('GET', '/images', {
          query: { limit: '4', ...query, ...(cursor && { cursor }) },
        })
        found.push(...json.items.map(({ name = missing }) => name))
        cursor = json.next_cursor
      } while (cursor)
      return found
    }
    const names = rows.map(({ name = missing }) => name)
    expect(await collect({})).toEqual(names.toReversed())
    expect(await collect({ order: 'oldest' })).toEqual(names)
    expect(await collect({ order: 'largest' })).toEqual(names.toReversed())
    const both = { camera: 'Canon EOS R5', status: 'processed' }
    const expected = names.filter((_, n) => n % 3 === 0 && n % 5 !== 0)
    expect((await collect({ ...both, order: 'oldest' })).toSorted()).toEqual(expected.toSorted())
    expect(await collect({ name: 'wALK 17' })).toEqual(['Walk 17.jpg'])
    const day = { from: new Date(start + 3_000).toISOString(), to: new Date(start + 6_000).toISOString() }
    expect(await collect({ ...day, order: 'oldest' })).toEqual(['Walk 3.jpg', 'Walk 4.jpg', 'Walk 5.jpg'])

    const { json: usage } = await call<Usage>('GET', '/profile/usage', { query: both })
    expect(usage).toMatchObject({
      images: 30,
      matching: { images: expected.length },
      cameras: [{ value: 'Canon EOS R5', images: 10 }],
      statuses: [
        { value: 'processed', images: 24 },
        { value: 'quarantined', images: 6 },
      ],
    })
    expect((await call('GET', '/images', { query: { status: 'developed' } })).status).toBe(400)
    expect((await client(randomUUID())<ImagePage>('GET', '/images')).json.items).toEqual([])
  })

  it('shares a rendition by a link that opens without a token, until it is taken back', async () => {
    const owner = randomUUID()
    const row = await keep(owner, { name: 'Secret holiday.jpg' })
    const [mine, anybody] = [client(owner), client(null)]
    const request = { rendition: 'thumb', seconds: 3_600 }
    const made = await mine<LinkView>('POST', `/images/${row.id}/links`, { body: request })
    expect(made.status).toBe(201)
    const path = new URL(made.json.url ?? missing).pathname.replace('/v1', '')

    const page = await anybody('GET', path)
    expect(page.status).toBe(200)
    expect(page.text).not.toMatch(/Secret holiday|original/)
    expect(page.text).not.toContain(owner)
    const picture = /src="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? missing
    const fetched = await fetch(picture)
    expect([fetched.status, await fetched.text()]).toEqual([200, 'thumb'])
    expect(Number(new URL(picture).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(60)

    const { json: shown } = await mine<ImageView>('GET', `/images/${row.id}`)
    expect(shown.links).toEqual([expect.objectContaining({ id: made.json.id, rendition: 'thumb' })])
    expect(JSON.stringify(shown.links)).not.toContain('url')

    // Of others' images nothing is told, and nothing can be made or taken back.
    const other = client(randomUUID())
    expect((await other('POST', `/images/${row.id}/links`, { body: request })).status).toBe(404)
    expect((await other('DELETE', `/images/${row.id}/links/${made.json.id}`)).status).toBe(404)
    expect((await anybody('GET', path)).status).toBe(200)

    const revoked = await mine('DELETE', `/images/${row.id}/links/${made.json.id}`)
    expect(revoked.json).toEqual({ id: made.json.id, revoked: true })
    expect((await anybody('GET', path)).status).toBe(404)
  })

  it('has links that end by time and with the image, and ten of them at most', async () => {
    const owner = randomUUID()
    const row = await keep(owner)
    const [mine, anybody] = [client(owner), client(null)]
    const share = () =>
      mine<LinkView>('POST', `/images/${row.id}/links`, { body: { rendition: 'thumb', seconds: 3_600 } })
    const links = await Promise.all(Array.from({ length: 12 }, share))
    expect(links.map(({ status }) => status).toSorted()).toEqual([...Array(10).fill(201), 409, 409])
    const made = links.find(({ status }) => status === 201)
    const path = new URL(made?.json.url ?? missing).pathname.replace('/v1', '')
    clock.ahead = 3_600_001
    try {
      const ended = await anybody('GET', path)
      expect([ended.status, ended.headers['x-robots-tag']]).toEqual([410, [expect.stringContaining('noindex')]])
      expect(ended.text).toContain('This link has ended')
      // The ten that have ended make room.
      expect((await share()).status).toBe(201)
    } finally {
      clock.ahead = 0
    }
    await mine('DELETE', `/images/${row.id}`)
    expect((await anybody('GET', path)).status).toBe(404)
  })

  it('erases many in one request, and nothing of anybody else', async () => {
    const [owner, stranger] = [randomUUID(), randomUUID()]
    const rows = [await keep(owner), await keep(owner), await keep(owner)]
    const foreign = await keep(stranger)
    const ids = [...rows.map(({ id }) => id), foreign.id, randomUUID()]
    const { json } = await client(owner)<BulkErased>('POST', '/erasures', { body: { ids } })
    expect(json.failed).toEqual([])
    // One record, with one receipt, for all three.
    const [run] = await stores.runs.newest('erase', 1)
    expect(run).toMatchObject({ images: 3, rows: 3, complete: true, receipt: expect.anything() })
    for (const row of rows) {
      expect(await stores.ledger.get(row.id)).toBeUndefined()
      expect(await stores.lake.isEmpty(imagePrefix(row))).toBe(true)
    }
    expect(await stores.ledger.get(foreign.id)).toBeDefined()
    expect(await stores.lake.isEmpty(imagePrefix(foreign))).toBe(false)
  })

  it('is refused when the quota is used up, as the index has it, and taken again after an erasure', async () => {
    const owner = randomUUID()
    const row = await keep(owner, { bytes: 700 })
    const admit = createQuota(stores.ledger.usageOf, now, { images: 5, bytes: 1_000 })
    await expect(admit(owner, 301)).rejects.toMatchObject({ code: 'quota-exceeded', status: 403 })
    await client(owner)('DELETE', `/images/${row.id}`)
    clock.ahead = 2_000
    await admit(owner, 301)
    clock.ahead = 0
  })
})

describe('a person who erases everything', () => {
  it('leaves no version, row, key or link, whatever state things were in; nobody else loses anything', async () => {
    const [owner, stranger] = [randomUUID(), randomUUID()]
    const foreign = await keep(stranger)
    const idempotencyId = idempotencyRowId(owner, 'holiday-1')
    const ready = await keep(owner, { idempotencyId })
    await stores.ledger.insert({
      id: idempotencyId,
      kind: 'idempotency',
      imageId: ready.id,
      receivedAt: Date.now(),
      requestHash: 'h',
      ...expiryOf(ready.id, Date.now() + retention.idempotency),
    })
    await stores.lake.put(ready.key, 'a second version', 'image/jpeg')
    const arriving = await keep(owner, { status: 'received' })
    const unfinished = await keep(owner, { status: 'uploading' })
    await stores.s3.send(new CreateMultipartUploadCommand({ Bucket: stores.names.lake, Key: unfinished.key }))
    const interrupted = await keep(owner)
    await stores.ledger.markPurged(interrupted.id, Date.now(), Date.now())
    const mine = client(owner)
    await mine('POST', `/images/${ready.id}/links`, { body: { rendition: 'thumb', seconds: 3_600 } })

    const { json: before } = await mine<Profile>('GET', '/profile')
    expect(before).toMatchObject({ images: 3, links: 1, being_erased: 1, rows: 5, person: { id: owner } })
    expect((await mine('DELETE', '/profile')).status).toBe(400)
    expect((await mine<Profile>('GET', '/profile')).json.images).toBe(3)

    const { json: erased } = await mine<EverythingErased>('DELETE', '/profile', { query: { confirm: 'everything' } })
    expect(erased).toEqual({ erased: 4, failed: [], left: 0 })

    const { json: after } = await mine<Profile>('GET', '/profile')
    expect(after).toMatchObject({ images: 0, bytes: 0, rows: 0, links: 0, being_erased: 0, statuses: [] })
    for (const row of [ready, arriving, unfinished, interrupted]) {
      for (const prefix of [imagePrefix(row), metadataKey(row)]) {
        const list = { Bucket: stores.names.lake, Prefix: prefix }
        const versions = await stores.s3.send(new ListObjectVersionsCommand(list))
        expect([versions.Versions ?? [], versions.DeleteMarkers ?? []]).toEqual([[], []])
        expect((await stores.s3.send(new ListMultipartUploadsCommand(list))).Uploads ?? []).toEqual([])
      }
    }
    const { Items = [] } = await stores.documents.send(new ScanCommand({ TableName: stores.names.ledger }))
    const text = JSON.stringify(Items)
    for (const trace of [owner, ready.id, arriving.id, unfinished.id, interrupted.id, idempotencyId]) {
      expect(text).not.toContain(trace)
    }
    expect(await stores.ledger.get(foreign.id)).toBeDefined()
    expect(await stores.lake.isEmpty(imagePrefix(foreign))).toBe(false)
  })

  it('is told what did not go, and goes on with it the next time', async () => {
    const owner = randomUUID()
    const rows = [await keep(owner), await keep(owner)]
    const stuck = rows[0]?.id
    const { UnavailableError } = await import('../../functions/shared/errors.ts')
    const { eraseEverything } = await import('../../functions/images/erase-many.ts')
    const parts = { ...stores, clock: now, logger: { error: vi.fn() } }
    const recorded: number[] = []
    const many = {
      ...parts,
      eraseOneOfMany: (row: ImageRow) => eraseOneOfMany(parts, row),
      recordMany: async (erasures: readonly unknown[]) => void recorded.push(erasures.length),
    }
    const failing = async (row: ImageRow) => {
      if (row.id === stuck) throw new UnavailableError('lake-unavailable', 'The lake did not answer')
      return eraseOneOfMany(parts, row)
    }
    const first = await eraseEverything({ ...many, eraseOneOfMany: failing }, owner)
    expect(first).toEqual({
      erased: 1,
      failed: [{ id: stuck, code: 'lake-unavailable', detail: 'The lake did not answer' }],
      left: 1,
    })
    const second = await eraseEverything(many, owner)
    expect(second).toEqual({ erased: 1, failed: [], left: 0 })
    expect(recorded).toEqual([1, 1])
  })
})
