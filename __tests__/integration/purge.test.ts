import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imagePrefix, metadataKey, newImageId, renditionKey } from '../../functions/shared/keys.ts'
import { pendingOf } from '../../functions/shared/ledger.ts'
import { runKey } from '../../functions/shared/runs.ts'
import { retention } from '../../platform.ts'
import {
  everythingIn,
  idempotencyRow,
  imageRow,
  putMarker,
  putVersions,
  rowsIn,
  startMultipart,
  storeImage,
} from '../support/images.ts'
import { day, expectNoTrace, imagesLeft, inEightDays, purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

describe('an image that is due', () => {
  it('disappears with all its objects, metadata, row and idempotency row, and is counted', async () => {
    const idempotency = idempotencyRow({ expiresAt: Date.now() + 20 * day })
    await stores.ledger.insert(idempotency)
    const row = await storeImage(stores, { id: idempotency.imageId, idempotencyId: idempotency.id })
    const run = await purge(stores, inEightDays())
    expect(run).toMatchObject({ images: 1, versions: 3, metadata_files: 1, rows: 2, failed: 0, complete: true })
    expect(run).toMatchObject({ orphan_objects: 0, orphan_rows: 0 })
    await expectNoTrace(stores, row.id)
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('disappears whatever its status, an unfinished upload included', async () => {
    const statuses = ['uploading', 'received', 'published', 'processed', 'quarantined', 'purged'] as const
    const rows = await Promise.all(statuses.map((status) => storeImage(stores, { status })))
    await stores.ledger.insert(imageRow({ status: 'received', ...pendingOf(newImageId(), 1) }))
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 7, complete: true })
    await expectNoTrace(stores, ...rows.map(({ id }) => id))
    expect(await rowsIn(stores)).toEqual([])
  })

  it('takes 1,200 versions, markers and unfinished uploads with it', async () => {
    const row = await storeImage(stores)
    await putVersions(stores, row.key, 1200)
    await putMarker(stores, row.key)
    await putMarker(stores, metadataKey(row))
    await startMultipart(stores, row.key)
    await startMultipart(stores, renditionKey(row, 'thumb', 'webp'))
    const run = await purge(stores, inEightDays())
    expect(run).toMatchObject({ images: 1, versions: 1203, markers: 2, uploads: 2, metadata_files: 1, complete: true })
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('is found among more than one batch, which all go', async () => {
    const rows = await Promise.all(Array.from({ length: 120 }, () => storeImage(stores)))
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 120, versions: 360, rows: 120, complete: true })
    await expectNoTrace(stores, ...rows.map(({ id }) => id))
  })
})

describe('an image that is not due', () => {
  it('stays as it is, byte for byte and version for version', async () => {
    const due = await storeImage(stores, { receivedAt: Date.now() - 8 * day })
    const living = await storeImage(stores, { status: 'processed' })
    await putVersions(stores, living.key, 2)
    const versions = () => stores.lake.versionsPage(imagePrefix(living))
    const before = { versions: await versions(), bytes: await stores.lake.get(living.key) }
    expect(await purge(stores, Date.now())).toMatchObject({ images: 1, complete: true })
    await expectNoTrace(stores, due.id)
    expect({ versions: await versions(), bytes: await stores.lake.get(living.key) }).toEqual(before)
    expect(await stores.lake.exists(metadataKey(living))).toBe(true)
    expect(await stores.ledger.get(living.id)).toEqual(living)
  })

  it('goes at its very millisecond and not one before', async () => {
    const row = await storeImage(stores)
    expect(await purge(stores, row.expiresAt - 1)).toMatchObject({ images: 0, complete: true })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await purge(stores, row.expiresAt)).toMatchObject({ images: 1, complete: true })
  })

  it('survives although the index still says that it is due', async () => {
    const row = await storeImage(stores)
    const ledger = {
      ...stores.ledger,
      async *due(shard: string) {
        yield shard === row.expiryShard ? [{ id: row.id, date: row.date, at: 0 }] : []
      },
    }
    expect(await purge(stores, Date.now(), { ledger })).toMatchObject({ images: 0, rows: 0, complete: true })
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })

  it('survives although it was due when the index was read and has been completed since', async () => {
    const row = await storeImage(stores, { status: 'uploading', expiresAt: Date.now() - 1 })
    const ledger = {
      ...stores.ledger,
      async *due(shard: string, at: number) {
        for await (const page of stores.ledger.due(shard, at)) {
          const now = Date.now()
          const completed = { at: now, bytes: 1, expiresAt: now + 7 * day, owner: row.ownerId }
          if (page.some(({ id }) => id === row.id)) await stores.ledger.completeUpload(row.id, completed)
          yield page
        }
      },
    }
    expect(await purge(stores, Date.now(), { ledger })).toMatchObject({ images: 0, versions: 0, failed: 0 })
    expect(await stores.ledger.get(row.id)).toMatchObject({ status: 'received' })
    expect(await stores.lake.exists(row.key)).toBe(true)
  })
})

describe('idempotency rows', () => {
  it('go when they have expired, and only then', async () => {
    const now = Date.now()
    const old = idempotencyRow({ expiresAt: now - 1 })
    const young = idempotencyRow({ expiresAt: now + 1000 })
    await stores.ledger.insert(old)
    await stores.ledger.insert(young)
    expect(await purge(stores, now)).toMatchObject({ images: 0, rows: 1, complete: true })
    expect(await stores.ledger.read(old.id)).toBeUndefined()
    expect(await stores.ledger.read(young.id)).toEqual(young)
  })
})

describe('copies of failed batches', () => {
  it('go after six days, not before', async () => {
    await stores.failures.put('aws/lambda/one', 'x', 'application/json')
    await stores.failures.put('aws/lambda/two', 'x', 'application/json')
    expect(await purge(stores, Date.now() + retention.failures - 60_000)).toMatchObject({
      failure_records: 0,
      complete: true,
    })
    expect(await purge(stores, Date.now() + retention.failures + 5_000)).toMatchObject({
      failure_records: 2,
      complete: true,
    })
    expect(await stores.failures.isEmpty('')).toBe(true)
  })
})

describe('the record of a run', () => {
  it('lies in the runs table and in the lake, says the same, and names no image', async () => {
    const row = await storeImage(stores)
    const run = await purge(stores, inEightDays())
    expect(await stores.runs.newest('purge', 5)).toEqual([run])
    const file = Buffer.from((await stores.lake.get(runKey(run))) ?? []).toString()
    expect(JSON.parse(file)).toEqual(run)
    expect(file).not.toContain(row.id)
  })

  it('is deleted after its own time', async () => {
    const run = await purge(stores, Date.now())
    await purge(stores, Date.now() + retention.runs - 2 * day)
    expect(await stores.lake.exists(runKey(run))).toBe(true)
    await purge(stores, Date.now() + retention.runs + 2 * day)
    // The files of the three runs share today's folder, but for the one that the last run has just written.
    expect(await everythingIn(stores, 'runs/')).toHaveLength(1)
  })

  it('remembers where a scan stopped without naming an image', async () => {
    const rows = await Promise.all(Array.from({ length: 5 }, () => storeImage(stores)))
    let asked = 0
    await purge(stores, Date.now(), {}, () => ++asked < 30)
    const cursors = await Promise.all(
      ['orphans of images/', 'orphans of metadata/', 'orphan rows'].map((scan) => stores.runs.cursor(scan)),
    )
    for (const { id } of rows) expect(cursors.join()).not.toContain(id)
  })
})
