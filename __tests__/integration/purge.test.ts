import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { purgeOrphanRows } from '../../functions/purge/orphan-rows.ts'
import { runPurge } from '../../functions/purge/purge.ts'
import type { PurgeParts } from '../../functions/purge/work.ts'
import { UnavailableError } from '../../functions/shared/errors.ts'
import { imagePrefix, metadataKey, newImageId, renditionKey } from '../../functions/shared/keys.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { pendingOf } from '../../functions/shared/ledger.ts'
import { noCounts, runKey } from '../../functions/shared/runs.ts'
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
  storeObjects,
} from '../support/images.ts'
import { createStores, type Stores } from '../support/stores.ts'

const day = 86_400_000
const always = () => true
const silent = { info() {}, warn() {} }

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

const partsOf = (given: Partial<PurgeParts> = {}): PurgeParts => ({
  ...stores,
  clock: Date.now,
  logger: silent,
  codeVersion: 'test',
  ...given,
})
const purge = (now: number, given: Partial<PurgeParts> = {}, hasTime = always) => runPurge(partsOf(given), now, hasTime)
const inEightDays = () => Date.now() + 8 * day
/** Everything in the lake but the records of runs. */
const imagesLeft = async () => (await everythingIn(stores)).filter((key) => !key.startsWith('runs/'))

/** The id of what a test made must be nowhere: no key, no row, no record. */
async function expectNoTrace(...ids: readonly string[]) {
  const keys = await everythingIn(stores)
  const rows = JSON.stringify(await rowsIn(stores))
  const records = await Promise.all(keys.map(async (key) => Buffer.from((await stores.lake.get(key)) ?? []).toString()))
  for (const id of ids) {
    expect(keys.filter((key) => key.includes(id))).toEqual([])
    expect(rows).not.toContain(id)
    expect(records.join()).not.toContain(id)
  }
}

describe('an image that is due', () => {
  it('disappears with all its objects, metadata, row and idempotency row, and is counted', async () => {
    const idempotency = idempotencyRow({ expiresAt: Date.now() + 20 * day })
    await stores.ledger.insert(idempotency)
    const row = await storeImage(stores, { id: idempotency.imageId, idempotencyId: idempotency.id })
    const run = await purge(inEightDays())
    expect(run).toMatchObject({ images: 1, versions: 3, metadata_files: 1, rows: 2, failed: 0, complete: true })
    expect(run).toMatchObject({ orphan_objects: 0, orphan_rows: 0 })
    await expectNoTrace(row.id)
    expect(await imagesLeft()).toEqual([])
  })

  it('disappears whatever its status, an unfinished upload included', async () => {
    const statuses = ['uploading', 'received', 'published', 'processed', 'quarantined', 'purged'] as const
    const rows = await Promise.all(statuses.map((status) => storeImage(stores, { status })))
    await stores.ledger.insert(imageRow({ status: 'received', ...pendingOf(newImageId(), 1) }))
    expect(await purge(inEightDays())).toMatchObject({ images: 7, complete: true })
    await expectNoTrace(...rows.map(({ id }) => id))
    expect(await rowsIn(stores)).toEqual([])
  })

  it('takes 1,200 versions, markers and unfinished uploads with it', async () => {
    const row = await storeImage(stores)
    await putVersions(stores, row.key, 1200)
    await putMarker(stores, row.key)
    await putMarker(stores, metadataKey(row))
    await startMultipart(stores, row.key)
    await startMultipart(stores, renditionKey(row, 'thumb', 'webp'))
    const run = await purge(inEightDays())
    expect(run).toMatchObject({ images: 1, versions: 1203, markers: 2, uploads: 2, metadata_files: 1, complete: true })
    expect(await imagesLeft()).toEqual([])
  })

  it('is found among more than one batch, which all go', async () => {
    const rows = await Promise.all(Array.from({ length: 120 }, () => storeImage(stores)))
    expect(await purge(inEightDays())).toMatchObject({ images: 120, versions: 360, rows: 120, complete: true })
    await expectNoTrace(...rows.map(({ id }) => id))
  })
})

describe('an image that is not due', () => {
  it('stays as it is, byte for byte and version for version', async () => {
    const due = await storeImage(stores, { receivedAt: Date.now() - 8 * day })
    const living = await storeImage(stores, { status: 'processed' })
    await putVersions(stores, living.key, 2)
    const versions = () => stores.lake.versionsPage(imagePrefix(living))
    const before = { versions: await versions(), bytes: await stores.lake.get(living.key) }
    expect(await purge(Date.now())).toMatchObject({ images: 1, complete: true })
    await expectNoTrace(due.id)
    expect({ versions: await versions(), bytes: await stores.lake.get(living.key) }).toEqual(before)
    expect(await stores.lake.exists(metadataKey(living))).toBe(true)
    expect(await stores.ledger.get(living.id)).toEqual(living)
  })

  it('goes at its very millisecond and not one before', async () => {
    const row = await storeImage(stores)
    expect(await purge(row.expiresAt - 1)).toMatchObject({ images: 0, complete: true })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await purge(row.expiresAt)).toMatchObject({ images: 1, complete: true })
  })

  it('survives although the index still says that it is due', async () => {
    const row = await storeImage(stores)
    const ledger = {
      ...stores.ledger,
      async *due(shard: string) {
        yield shard === row.expiryShard ? [{ id: row.id, at: 0 }] : []
      },
    }
    expect(await purge(Date.now(), { ledger })).toMatchObject({ images: 0, rows: 0, complete: true })
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })

  it('survives although it was due when its row was read and has been completed since', async () => {
    const row = await storeImage(stores, { status: 'uploading', expiresAt: Date.now() - 1 })
    const ledger = {
      ...stores.ledger,
      async standing(ids: readonly string[]) {
        const found = await stores.ledger.standing(ids)
        const now = Date.now()
        await stores.ledger.completeUpload(row.id, { at: now, bytes: 1, expiresAt: now + 7 * day, owner: row.ownerId })
        return found
      },
    }
    expect(await purge(Date.now(), { ledger })).toMatchObject({ images: 0, versions: 0, failed: 0 })
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
    expect(await purge(now)).toMatchObject({ images: 0, rows: 1, complete: true })
    expect(await stores.ledger.read(old.id)).toBeUndefined()
    expect(await stores.ledger.read(young.id)).toEqual(young)
  })
})

describe('orphaned objects', () => {
  it('stay for the grace time, then go with all versions, and leave no row behind', async () => {
    const row = imageRow()
    await storeObjects(stores, row)
    await putMarker(stores, row.key)
    expect(await purge(Date.now())).toMatchObject({ versions: 0, orphan_objects: 0, complete: true })
    expect(await stores.lake.exists(metadataKey(row))).toBe(true)
    const run = await purge(Date.now() + retention.orphanGrace + 5_000)
    expect(run).toMatchObject({ images: 0, orphan_objects: 4, versions: 3, metadata_files: 1, markers: 1, rows: 0 })
    expect(run.complete).toBe(true)
    expect(await imagesLeft()).toEqual([])
    expect(await rowsIn(stores)).toEqual([])
  })

  it('go also where only a marker, an old version, a metadata file or a part of an upload is left', async () => {
    const [marker, old, metadata, upload] = [imageRow(), imageRow(), imageRow(), imageRow()]
    await putMarker(stores, marker.key)
    await stores.lake.put(old.key, 'x', 'text/plain')
    await putMarker(stores, old.key)
    await stores.lake.put(metadataKey(metadata), '{}', 'application/json')
    await startMultipart(stores, upload.key)
    const run = await purge(Date.now() + retention.orphanGrace + 5_000)
    expect(run).toMatchObject({ orphan_objects: 2, uploads: 1, complete: true })
    expect(await imagesLeft()).toEqual([])
  })

  it('go when their key is none of ours, and the image beside them stays', async () => {
    const living = await storeImage(stores)
    const foreign = ['images/stray.txt', `images/date=${living.date}/notes/a b.txt`, `${metadataKey(living)}.bak`]
    for (const key of foreign) await stores.lake.put(key, 'x', 'text/plain')
    const before = await stores.lake.versionsPage(imagePrefix(living))
    expect(await purge(Date.now() + 2 * 3_600_000)).toMatchObject({ orphan_objects: 3, images: 0, complete: true })
    expect(await everythingIn(stores, 'images/')).toEqual(before.entries.map(({ key }) => key))
    expect(await stores.lake.versionsPage(imagePrefix(living))).toEqual(before)
    expect(await everythingIn(stores, 'metadata/')).toEqual([metadataKey(living)])
  })

  it('go at once on a day that must be empty, grace time or not', async () => {
    const row = imageRow({ receivedAt: Date.now() - 9 * day })
    await storeObjects(stores, row)
    expect(await purge(Date.now())).toMatchObject({ orphan_objects: 4, complete: true })
    expect(await imagesLeft()).toEqual([])
  })

  it('do not drag a living image down that has the same id on another day', async () => {
    const living = await storeImage(stores)
    await storeObjects(stores, { ...living, date: '2020-01-01', key: living.key.replace(living.date, '2020-01-01') })
    expect(await purge(Date.now())).toMatchObject({ orphan_objects: 4, images: 0, complete: true })
    expect(await everythingIn(stores, 'images/date=2020')).toEqual([])
    expect(await stores.ledger.get(living.id)).toEqual(living)
    expect(await everythingIn(stores, imagePrefix(living))).toHaveLength(3)
  })

  it('cannot be adopted by a late repetition of their upload: it is told that they are erased', async () => {
    const row = imageRow()
    await storeObjects(stores, row)
    let adopted: boolean | undefined
    const lake = {
      ...stores.lake,
      async deleteEverything(...given: Parameters<typeof stores.lake.deleteEverything>) {
        adopted ??= await stores.ledger.insert(row)
        return stores.lake.deleteEverything(...given)
      },
    }
    await purge(Date.now() + retention.orphanGrace + 5_000, { lake })
    expect(adopted).toBe(false)
  })

  it('are none where the row appears while they are being looked at', async () => {
    const row = imageRow()
    await storeObjects(stores, row)
    const ledger = {
      ...stores.ledger,
      async standing(ids: readonly string[]) {
        const found = await stores.ledger.standing(ids)
        await stores.ledger.insert(row)
        return found
      },
    }
    const run = await purge(Date.now() + retention.orphanGrace + 5_000, { ledger })
    expect(run).toMatchObject({ orphan_objects: 0, versions: 0, failed: 0 })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await imagesLeft()).toHaveLength(4)
  })

  it('are found on every page, whether pages cut an image or an image fills several', async () => {
    const lake = createLake(stores.s3, stores.names.lake, 7)
    const living = await Promise.all(Array.from({ length: 5 }, () => storeImage(stores)))
    const large = imageRow()
    await putVersions(stores, large.key, 25)
    await Promise.all(Array.from({ length: 12 }, () => storeObjects(stores, imageRow())))
    const run = await purge(Date.now() + retention.orphanGrace + 5_000, { lake })
    expect(run).toMatchObject({ orphan_objects: 25 + 12 * 4, images: 0, complete: true })
    const keys = await imagesLeft()
    expect(keys).toHaveLength(20)
    for (const { id } of living) expect(keys.filter((key) => key.includes(id))).toHaveLength(4)
  })
})

describe('unfinished uploads', () => {
  it('of a living image are aborted after a day, not before', async () => {
    const row = await storeImage(stores, { status: 'uploading', expiresAt: Date.now() + 3 * day })
    await startMultipart(stores, row.key)
    expect(await purge(Date.now() + day - 3_600_000)).toMatchObject({ uploads: 0 })
    expect(await purge(Date.now() + day + 5_000)).toMatchObject({ uploads: 1, images: 0, complete: true })
  })
})

describe('orphaned rows', () => {
  it('are closed and counted when no object is left after the grace time', async () => {
    const lost = imageRow({ status: 'processed' })
    await stores.ledger.insert(lost)
    await stores.lake.put(lost.key, 'x', 'text/plain')
    await putMarker(stores, lost.key)
    expect(await purge(Date.now())).toMatchObject({ orphan_rows: 0 })
    expect(await purge(Date.now() + 2 * 3_600_000)).toMatchObject({ orphan_rows: 1, images: 0, complete: true })
    await expectNoTrace(lost.id)
  })

  it('are left alone while uploading, with a reason for quarantine, or with a rendition', async () => {
    const rows = [imageRow({ status: 'uploading' }), imageRow({ status: 'quarantined' }), imageRow()]
    for (const row of rows) await stores.ledger.insert(row)
    const [, , shown] = rows
    if (shown) await stores.lake.put(renditionKey(shown, 'thumb', 'webp'), 'x', 'image/webp')
    expect(await purge(Date.now() + 2 * 3_600_000)).toMatchObject({ orphan_rows: 0, failed: 0 })
    expect(await rowsIn(stores)).toHaveLength(3)
  })

  it('are never concluded from a bucket that is missing', async () => {
    const row = await storeImage(stores)
    const lake = createLake(stores.s3, 'test-no-such-bucket')
    await expect(purge(Date.now() + 2 * 3_600_000, { lake })).rejects.toThrow('The lake did not answer')
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })

  it('are looked for a few in each run, and all in the end', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => imageRow({ receivedAt: Date.now() - n * 1000 }))
    await Promise.all(rows.map((row) => stores.ledger.insert(row)))
    const counts = noCounts()
    const now = Date.now() + 2 * 3_600_000
    let runs = 0
    for (; runs < 60 && (await rowsIn(stores)).length > 0; runs += 1) {
      await purgeOrphanRows({ ...partsOf(), now, counts, outages: { inARow: 0 }, mayGoOn: always }, 5)
    }
    expect(counts.orphan_rows).toBe(40)
    expect(runs).toBeGreaterThan(3)
    expect(JSON.stringify(await rowsIn(stores))).toBe('[]')
  })
})

describe('copies of failed batches', () => {
  it('go after six days, not before', async () => {
    await stores.failures.put('aws/lambda/one', 'x', 'application/json')
    await stores.failures.put('aws/lambda/two', 'x', 'application/json')
    expect(await purge(Date.now() + retention.failures - 60_000)).toMatchObject({ failure_records: 0, complete: true })
    expect(await purge(Date.now() + retention.failures + 5_000)).toMatchObject({ failure_records: 2, complete: true })
    expect(await stores.failures.isEmpty('')).toBe(true)
  })
})

describe('the record of a run', () => {
  it('lies in the runs table and in the lake, says the same, and names no image', async () => {
    const row = await storeImage(stores)
    const run = await purge(inEightDays())
    expect(await stores.runs.newest('purge', 5)).toEqual([run])
    const file = Buffer.from((await stores.lake.get(runKey(run))) ?? []).toString()
    expect(JSON.parse(file)).toEqual(run)
    expect(file).not.toContain(row.id)
  })

  it('is deleted after its own time', async () => {
    const run = await purge(Date.now())
    await purge(Date.now() + retention.runs - 2 * day)
    expect(await stores.lake.exists(runKey(run))).toBe(true)
    await purge(Date.now() + retention.runs + 2 * day)
    // The files of the three runs share today's folder, but for the one that the last run has just written.
    expect(await everythingIn(stores, 'runs/')).toHaveLength(1)
  })

  it('remembers where a scan stopped without naming an image', async () => {
    const rows = await Promise.all(Array.from({ length: 5 }, () => storeImage(stores)))
    let asked = 0
    await purge(Date.now(), {}, () => ++asked < 30)
    const cursors = await Promise.all(
      ['orphans of images/', 'orphans of metadata/', 'orphan rows'].map((scan) => stores.runs.cursor(scan)),
    )
    for (const { id } of rows) expect(cursors.join()).not.toContain(id)
  })
})

describe('when time runs out', () => {
  it('stops cleanly, says that it is not complete, and the next runs finish the rest', async () => {
    await Promise.all(Array.from({ length: 30 }, () => storeImage(stores)))
    await Promise.all(Array.from({ length: 10 }, () => storeObjects(stores, imageRow())))
    const now = inEightDays()
    const runs = []
    for (let complete = false; !complete && runs.length < 50; ) {
      let left = 40
      const run = await purge(now, {}, () => left-- > 0)
      runs.push(run)
      complete = run.complete
    }
    expect(runs[0]?.complete).toBe(false)
    expect(runs.at(-1)?.complete).toBe(true)
    expect(runs.reduce((sum, run) => sum + run.images, 0)).toBe(30)
    expect(runs.reduce((sum, run) => sum + run.orphan_objects, 0)).toBe(40)
    expect(await imagesLeft()).toEqual([])
  })
})

describe('when S3 refuses to delete', () => {
  it('tries again within the run: a failing DeleteObjects that recovers after three calls', async () => {
    await storeImage(stores)
    const lake = createLake(failingDeletes(stores.s3, 3), stores.names.lake)
    expect(await purge(inEightDays(), { lake })).toMatchObject({ images: 1, versions: 3, failed: 0, complete: true })
    expect(await imagesLeft()).toEqual([])
  })

  it('counts what failed, keeps the image closed, and the next run finishes: a DeleteObjects that always fails', async () => {
    const row = await storeImage(stores)
    const lake = createLake(failingDeletes(stores.s3, Number.POSITIVE_INFINITY), stores.names.lake)
    expect(await purge(inEightDays(), { lake })).toMatchObject({ images: 0, versions: 0, complete: false, failed: 1 })
    const closed = await stores.ledger.get(row.id)
    expect(closed?.status).toBe('purged')
    expect(closed?.expiresAt).toBeLessThanOrEqual(Date.now())
    expect(await purge(Date.now())).toMatchObject({ images: 1, versions: 3, failed: 0, complete: true })
    await expectNoTrace(row.id)
  }, 120_000)

  it('goes on with the others when some are refused for ever', async () => {
    const stuck = await storeImage(stores)
    await Promise.all(Array.from({ length: 10 }, () => storeImage(stores)))
    const s3 = failingDeletes(stores.s3, Number.POSITIVE_INFINITY, stuck.id)
    const run = await purge(inEightDays(), { lake: createLake(s3, stores.names.lake) })
    expect(run).toMatchObject({ images: 10, failed: 1, complete: false })
    expect((await imagesLeft()).every((key) => key.includes(stuck.id))).toBe(true)
  })

  it('stops when S3 is away, and leaves the rest to the next run: a lake whose listings fail', async () => {
    await Promise.all(Array.from({ length: 60 }, () => storeImage(stores)))
    const away = () => Promise.reject(new UnavailableError('lake-unavailable', 'The lake did not answer'))
    const lake = { ...stores.lake, isEmpty: away }
    const run = await purge(inEightDays(), { lake })
    expect(run).toMatchObject({ images: 0, complete: false })
    expect(run.failed).toBeLessThan(40)
    expect(await purge(inEightDays())).toMatchObject({ images: 60, failed: 0, complete: true })
  })
})

/** An S3 client whose first DeleteObjects calls (for keys that contain `part`) are refused; everything else is real. */
function failingDeletes(s3: S3Client, times: number, part = ''): S3Client {
  let left = times
  return new Proxy(s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return async (command: unknown) => {
        const objects = command instanceof DeleteObjectsCommand ? (command.input.Delete?.Objects ?? []) : []
        if (objects.some(({ Key }) => Key?.includes(part)) && left-- > 0) {
          const Errors = objects.map((object) => ({ ...object, Code: 'InternalError' }))
          return { Errors }
        }
        return target.send(command as Parameters<S3Client['send']>[0])
      }
    },
  })
}
