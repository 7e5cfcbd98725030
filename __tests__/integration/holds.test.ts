/** Legal holds and shorter terms on real stores: what is held stays, what is asked to go sooner goes sooner. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseOwn } from '../../functions/images/erase.ts'
import { type HoldParts, placeHold, releaseHold, showHolds } from '../../functions/retention/holds.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { imagePrefix, metadataKey } from '../../functions/shared/keys.ts'
import { createItemKeys } from '../../functions/shared/receipts/item-keys.ts'
import { retention } from '../../platform.ts'
import { storeImage } from '../support/images.ts'
import { day, expectNoTrace, inEightDays, purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

const parts = (clock = Date.now): HoldParts => ({
  ledger: stores.ledger,
  holds: stores.holds,
  itemKey: createItemKeys(stores.documents, stores.names.runs, Date.now).current,
  clock,
})
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString()
const hold = (row: ImageRow, days = 30) =>
  placeHold(parts(), 'lawyer', row.id, { why: 'case 4711', until: inDays(days) })
const erase = (row: ImageRow) => eraseOwn({ ...stores, clock: Date.now, logger: { error() {} } }, row)

describe('an image under a legal hold', () => {
  it('outlives its term, and everything else that is due goes', async () => {
    const [held, other] = [await storeImage(stores, { status: 'processed' }), await storeImage(stores)]
    await hold(held)
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 1, complete: true, failed: 0 })
    await expectNoTrace(stores, other.id)
    expect(await stores.ledger.get(held.id)).toMatchObject({
      status: 'processed',
      hold: { by: 'lawyer', why: 'case 4711' },
    })
    expect(await stores.lake.exists(held.key)).toBe(true)
    expect(await stores.lake.exists(metadataKey(held))).toBe(true)
  })

  it('cannot be erased by its owner, who is told why, and goes with the hold', async () => {
    const row = await storeImage(stores)
    await hold(row)
    await expect(erase(row)).rejects.toMatchObject({ status: 409, code: 'held' })
    expect(await stores.lake.exists(row.key)).toBe(true)
    await releaseHold(parts(), 'lawyer', row.id)
    expect(await erase(row)).toMatchObject({ status: 'purged' })
    await expectNoTrace(stores, row.id)
  })

  it('is due at once when the hold ends after its own time', async () => {
    const row = await storeImage(stores, { receivedAt: Date.now() - 6 * day })
    await hold(row, 3)
    expect(await purge(stores, Date.now() + 2 * day)).toMatchObject({ images: 0 })
    expect(await purge(stores, Date.now() + 3 * day + 1)).toMatchObject({ images: 1, complete: true })
    await expectNoTrace(stores, row.id)
  })

  it('is due at its own time when the hold ends before that', async () => {
    const row = await storeImage(stores)
    await hold(row, 2)
    expect(await stores.ledger.get(row.id)).toMatchObject({ expiresAt: row.expiresAt })
    await releaseHold(parts(), 'lawyer', row.id)
    const { hold: none, heldUntil, ownExpiresAt, ...after } = (await stores.ledger.get(row.id)) as ImageRow
    expect([none, heldUntil, ownExpiresAt]).toEqual([undefined, undefined, undefined])
    expect(after).toEqual(row)
  })

  it('has the end of its hold moved without losing its own time', async () => {
    const row = await storeImage(stores)
    await hold(row, 30)
    await hold(row, 60)
    await releaseHold(parts(), 'lawyer', row.id)
    expect(await stores.ledger.get(row.id)).toMatchObject({ expiresAt: row.expiresAt, ttl: row.ttl })
  })

  it('is written anew before S3’s lifecycle rule would end it, and read at the new version', async () => {
    const row = await storeImage(stores, { status: 'processed' })
    const [{ versionId } = { versionId: undefined }] = (await stores.lake.versionsPage(row.key)).entries
    await stores.ledger.moveVersion(row, versionId)
    await hold((await stores.ledger.get(row.id)) as ImageRow)
    await purge(stores, Date.now() + 4 * day)
    expect((await stores.lake.versionsPage(imagePrefix(row))).entries).toHaveLength(3)
    expect(await purge(stores, Date.now() + 6 * day)).toMatchObject({ failed: 0, complete: true })
    const after = (await stores.ledger.get(row.id)) as ImageRow
    expect(after.versionId).not.toBe(versionId)
    expect((await stores.lake.versionsPage(imagePrefix(row))).entries).toHaveLength(6)
    expect(Buffer.from((await stores.lake.get(row.key, after.versionId)) ?? []).toString()).toBe(`bytes of ${row.key}`)
    await releaseHold(parts(), 'lawyer', row.id)
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 1, versions: 6, complete: true })
    await expectNoTrace(stores, row.id)
  })

  it('is listed while it is held; the record of it names it no more than a receipt does', async () => {
    const row = await storeImage(stores)
    await hold(row)
    expect((await showHolds(parts(), 10)).items).toMatchObject([{ id: row.id, by: 'lawyer', why: 'case 4711' }])
    await releaseHold(parts(), 'lawyer', row.id)
    await purge(stores, inEightDays())
    await purge(stores, inEightDays())
    const { items, changes } = await showHolds(parts(), 10)
    expect(items).toEqual([])
    expect(changes.map(({ action }) => action)).toEqual(['released', 'placed'])
    expect(JSON.stringify(changes)).not.toContain(row.id)
    expect(await stores.holds.listed()).toEqual([])
  })
})

describe('a hold', () => {
  it.each([-1, 0, 400])('that ends in %i days is refused and changes nothing', async (days) => {
    const row = await storeImage(stores)
    await expect(hold(row, days)).rejects.toMatchObject({ status: 422, code: 'hold-out-of-range' })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await stores.holds.changes(10)).toEqual([])
  })

  it.each(['purged', 'uploading'] as const)('cannot be placed on what is %s', async (status) => {
    await expect(hold(await storeImage(stores, { status }))).rejects.toMatchObject({ status: 404 })
  })

  it('that comes while the purge closes the row is refused: one of them wins, never both', async () => {
    const row = await storeImage(stores, { receivedAt: Date.now() - 8 * day })
    const [placed, run] = await Promise.allSettled([hold(row), purge(stores, Date.now())])
    const kept = (await stores.ledger.get(row.id)) !== undefined
    expect(placed.status).toBe(kept ? 'fulfilled' : 'rejected')
    expect(run).toMatchObject({ status: 'fulfilled', value: { images: kept ? 0 : 1 } })
    expect(await stores.lake.exists(row.key)).toBe(kept)
  })
})

describe('a shorter term', () => {
  it('is kept by the purge like the promise itself', async () => {
    const receivedAt = Date.now()
    const row = await storeImage(stores, { receivedAt, expiresAt: receivedAt + retention.least })
    expect(await purge(stores, receivedAt + retention.least - 1)).toMatchObject({ images: 0 })
    expect(await purge(stores, receivedAt + retention.least)).toMatchObject({ images: 1, complete: true })
    await expectNoTrace(stores, row.id)
  })
})
