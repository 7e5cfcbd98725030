import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { purgeOrphanRows } from '../../functions/purge/orphan-rows.ts'
import { imagePrefix, metadataKey, renditionKey } from '../../functions/shared/keys.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { noCounts } from '../../functions/shared/runs.ts'
import { retention } from '../../platform.ts'
import {
  everythingIn,
  imageRow,
  putMarker,
  putVersions,
  rowsIn,
  startMultipart,
  storeImage,
  storeObjects,
} from '../support/images.ts'
import { always, day, expectNoTrace, imagesLeft, purge, purgeParts } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

describe('orphaned objects', () => {
  it('stay for the grace time, then go with all versions, and leave no row behind', async () => {
    const row = imageRow()
    await storeObjects(stores, row)
    await putMarker(stores, row.key)
    expect(await purge(stores, Date.now())).toMatchObject({ versions: 0, orphan_objects: 0, complete: true })
    expect(await stores.lake.exists(metadataKey(row))).toBe(true)
    const run = await purge(stores, Date.now() + retention.orphanGrace + 5_000)
    expect(run).toMatchObject({ images: 0, orphan_objects: 4, versions: 3, metadata_files: 1, markers: 1, rows: 0 })
    expect(run.complete).toBe(true)
    expect(await imagesLeft(stores)).toEqual([])
    expect(await rowsIn(stores)).toEqual([])
  })

  it('go also where only a marker, an old version, a metadata file or a part of an upload is left', async () => {
    const [marker, old, metadata, upload] = [imageRow(), imageRow(), imageRow(), imageRow()]
    await putMarker(stores, marker.key)
    await stores.lake.put(old.key, 'x', 'text/plain')
    await putMarker(stores, old.key)
    await stores.lake.put(metadataKey(metadata), '{}', 'application/json')
    await startMultipart(stores, upload.key)
    const run = await purge(stores, Date.now() + retention.orphanGrace + 5_000)
    expect(run).toMatchObject({ orphan_objects: 2, uploads: 1, complete: true })
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('go when their key is none of ours, and the image beside them stays', async () => {
    const living = await storeImage(stores)
    const foreign = ['images/stray.txt', `images/date=${living.date}/notes/a b.txt`, `${metadataKey(living)}.bak`]
    for (const key of foreign) await stores.lake.put(key, 'x', 'text/plain')
    const before = await stores.lake.versionsPage(imagePrefix(living))
    expect(await purge(stores, Date.now() + 2 * 3_600_000)).toMatchObject({
      orphan_objects: 3,
      images: 0,
      complete: true,
    })
    expect(await everythingIn(stores, 'images/')).toEqual(before.entries.map(({ key }) => key))
    expect(await stores.lake.versionsPage(imagePrefix(living))).toEqual(before)
    expect(await everythingIn(stores, 'metadata/')).toEqual([metadataKey(living)])
  })

  it('go at once on a day that must be empty, grace time or not', async () => {
    const row = imageRow({ receivedAt: Date.now() - 9 * day })
    await storeObjects(stores, row)
    expect(await purge(stores, Date.now())).toMatchObject({ orphan_objects: 4, complete: true })
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('do not drag a living image down that has the same id on another day', async () => {
    const living = await storeImage(stores)
    await storeObjects(stores, { ...living, date: '2020-01-01', key: living.key.replace(living.date, '2020-01-01') })
    expect(await purge(stores, Date.now())).toMatchObject({ orphan_objects: 4, images: 0, complete: true })
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
    await purge(stores, Date.now() + retention.orphanGrace + 5_000, { lake })
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
    const run = await purge(stores, Date.now() + retention.orphanGrace + 5_000, { ledger })
    expect(run).toMatchObject({ orphan_objects: 0, versions: 0, failed: 0 })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await imagesLeft(stores)).toHaveLength(4)
  })

  it('are found on every page, whether pages cut an image or an image fills several', async () => {
    const lake = createLake(stores.s3, stores.names.lake, 7)
    const living = await Promise.all(Array.from({ length: 5 }, () => storeImage(stores)))
    const large = imageRow()
    await putVersions(stores, large.key, 25)
    await Promise.all(Array.from({ length: 12 }, () => storeObjects(stores, imageRow())))
    const run = await purge(stores, Date.now() + retention.orphanGrace + 5_000, { lake })
    expect(run).toMatchObject({ orphan_objects: 25 + 12 * 4, images: 0, complete: true })
    const keys = await imagesLeft(stores)
    expect(keys).toHaveLength(20)
    for (const { id } of living) expect(keys.filter((key) => key.includes(id))).toHaveLength(4)
  })
})

describe('unfinished uploads', () => {
  it('of a living image are aborted after a day, not before', async () => {
    const row = await storeImage(stores, { status: 'uploading', expiresAt: Date.now() + 3 * day })
    await startMultipart(stores, row.key)
    expect(await purge(stores, Date.now() + day - 3_600_000)).toMatchObject({ uploads: 0 })
    expect(await purge(stores, Date.now() + day + 5_000)).toMatchObject({ uploads: 1, images: 0, complete: true })
  })
})

describe('orphaned rows', () => {
  it('are closed and counted when no object is left after the grace time', async () => {
    const lost = imageRow({ status: 'processed' })
    await stores.ledger.insert(lost)
    await stores.lake.put(lost.key, 'x', 'text/plain')
    await putMarker(stores, lost.key)
    expect(await purge(stores, Date.now())).toMatchObject({ orphan_rows: 0 })
    expect(await purge(stores, Date.now() + 2 * 3_600_000)).toMatchObject({ orphan_rows: 1, images: 0, complete: true })
    await expectNoTrace(stores, lost.id)
  })

  it('are left alone while uploading, with a reason for quarantine, or with a rendition', async () => {
    const rows = [imageRow({ status: 'uploading' }), imageRow({ status: 'quarantined' }), imageRow()]
    for (const row of rows) await stores.ledger.insert(row)
    const [, , shown] = rows
    if (shown) await stores.lake.put(renditionKey(shown, 'thumb', 'webp'), 'x', 'image/webp')
    expect(await purge(stores, Date.now() + 2 * 3_600_000)).toMatchObject({ orphan_rows: 0, failed: 0 })
    expect(await rowsIn(stores)).toHaveLength(3)
  })

  it('are never concluded from a bucket that is missing', async () => {
    const row = await storeImage(stores)
    const lake = createLake(stores.s3, 'test-no-such-bucket')
    await expect(purge(stores, Date.now() + 2 * 3_600_000, { lake })).rejects.toThrow('The lake did not answer')
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })

  it('are looked for a few in each run, and all in the end', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => imageRow({ receivedAt: Date.now() - n * 1000 }))
    await Promise.all(rows.map((row) => stores.ledger.insert(row)))
    const counts = noCounts()
    const now = Date.now() + 2 * 3_600_000
    let runs = 0
    for (; runs < 60 && (await rowsIn(stores)).length > 0; runs += 1) {
      const run = { now, counts, outages: { inARow: 0 }, runId: 'test', toldOf: async () => {}, mayGoOn: always }
      await purgeOrphanRows({ ...purgeParts(stores), ...run }, 5)
    }
    expect(counts.orphan_rows).toBe(40)
    expect(runs).toBeGreaterThan(3)
    expect(JSON.stringify(await rowsIn(stores))).toBe('[]')
  })
})
