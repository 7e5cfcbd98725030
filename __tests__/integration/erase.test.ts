import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runPurge } from '../../functions/purge/purge.ts'
import { type ErasureParts, eraseImage, IncompleteErasureError } from '../../functions/shared/erase.ts'
import { UnavailableError } from '../../functions/shared/errors.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { imagePrefix, metadataKey, newImageId, renditionKey } from '../../functions/shared/keys.ts'
import {
  everythingIn,
  idempotencyRow,
  imageRow,
  putMarker,
  putVersions,
  startMultipart,
  storeImage,
} from '../support/images.ts'
import { imagesLeft } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await createStores()
})
afterAll(() => stores.close())

const parts = (given: Partial<ErasureParts> = {}): ErasureParts => ({ ...stores, clock: Date.now, ...given })
const nothing = { versions: 0, markers: 0, uploads: 0, metadataFiles: 0, rows: 0 }

async function tracesOf({ id }: Pick<ImageRow, 'id'>): Promise<string[]> {
  const keys = (await everythingIn(stores)).filter((key) => key.includes(id))
  const row = await stores.ledger.read(id)
  return row ? [...keys, `row ${row.id}`] : keys
}

describe('erasing an image', () => {
  it('removes every version, marker, unfinished upload, the metadata and both rows, and counts them', async () => {
    const idempotency = idempotencyRow()
    await stores.ledger.insert(idempotency)
    const row = await storeImage(stores, { id: idempotency.imageId, idempotencyId: idempotency.id })
    await putVersions(stores, row.key, 3)
    await putMarker(stores, row.key)
    await startMultipart(stores, row.key)
    expect(await eraseImage(parts(), row)).toMatchObject({
      outcome: 'erased',
      versions: 6,
      markers: 1,
      uploads: 1,
      metadataFiles: 1,
      rows: 2,
    })
    expect(await tracesOf(row)).toEqual([])
    expect(await stores.ledger.read(idempotency.id)).toBeUndefined()
  })

  it('is the same the second time, and touches nothing then', async () => {
    const row = await storeImage(stores)
    expect(await eraseImage(parts(), row)).toMatchObject({ outcome: 'erased', rows: 1 })
    expect(await eraseImage(parts(), row)).toEqual({ ...nothing, outcome: 'gone' })
  })

  it('works when two do it at once', async () => {
    const row = await storeImage(stores)
    const both = await Promise.all([eraseImage(parts(), row), eraseImage(parts(), row)])
    expect(both.map(({ rows }) => rows).sort()).toEqual([0, 1])
    expect(await tracesOf(row)).toEqual([])
  })

  it('leaves neighbours alone, whose keys begin alike', async () => {
    const row = await storeImage(stores)
    const neighbour = await storeImage(stores)
    const alike = [`${imagePrefix(row).slice(0, -1)}0/a.webp`, `${metadataKey(row)}.bak`, `x${imagePrefix(row)}a`]
    for (const key of alike) await stores.lake.put(key, 'x', 'text/plain')
    await eraseImage(parts(), row)
    for (const key of alike) expect(await stores.lake.exists(key)).toBe(true)
    expect(await stores.ledger.get(neighbour.id)).toEqual(neighbour)
    expect(await everythingIn(stores, imagePrefix(neighbour))).toHaveLength(3)
  })

  it('refuses an image of somebody else, and one that lives longer, without touching either', async () => {
    const row = await storeImage(stores)
    expect(await eraseImage(parts(), row, { ownerId: 'person-2' })).toEqual({ ...nothing, outcome: 'not-yours' })
    expect(await eraseImage(parts(), row, { dueBy: row.expiresAt - 1 })).toEqual({ ...nothing, outcome: 'not-due' })
    expect(await stores.ledger.get(row.id)).toEqual(row)
    expect(await everythingIn(stores, imagePrefix(row))).toHaveLength(3)
  })

  it('keeps an Idempotency-Key that has been used again for another image', async () => {
    const again = idempotencyRow({ imageId: newImageId() })
    await stores.ledger.insert(again)
    const row = await storeImage(stores, { idempotencyId: again.id })
    expect(await eraseImage(parts(), row)).toMatchObject({ outcome: 'erased', rows: 1 })
    expect(await stores.ledger.read(again.id)).toEqual(again)
  })

  it('brings the time forward, so that the next purge finishes what was interrupted', async () => {
    const row = await storeImage(stores)
    const lake = { ...stores.lake, isEmpty: () => Promise.reject(new UnavailableError('lake-unavailable', 'away')) }
    const error = await eraseImage(parts({ lake }), row).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(IncompleteErasureError)
    expect(error).toMatchObject({ retriable: true, count: { versions: 3, metadataFiles: 1, rows: 0 } })
    const closed = await stores.ledger.get(row.id)
    expect(closed).toMatchObject({ status: 'purged' })
    expect(closed?.expiresAt).toBeLessThanOrEqual(Date.now())
  })
})

describe('an image in flight', () => {
  it('is erased with what a processor writes in between', async () => {
    const row = await storeImage(stores)
    let written = 0
    const lake = {
      ...stores.lake,
      async deleteEverything(...given: Parameters<typeof stores.lake.deleteEverything>) {
        const count = await stores.lake.deleteEverything(...given)
        if (written++ === 0) await stores.lake.put(renditionKey(row, 'late', 'webp'), 'late', 'image/webp')
        return count
      },
    }
    expect(await eraseImage(parts({ lake }), row)).toMatchObject({ outcome: 'erased', versions: 4 })
    expect(written).toBeGreaterThan(1)
    expect(await tracesOf(row)).toEqual([])
  })

  it('is not called erased while somebody keeps writing: a writer that never stops', async () => {
    const row = await storeImage(stores)
    const lake = {
      ...stores.lake,
      async deleteEverything(...given: Parameters<typeof stores.lake.deleteEverything>) {
        const count = await stores.lake.deleteEverything(...given)
        await stores.lake.put(renditionKey(row, 'late', 'webp'), 'late', 'image/webp')
        return count
      },
    }
    await expect(eraseImage(parts({ lake }), row)).rejects.toThrow('Something is left')
    expect(await stores.ledger.get(row.id)).toMatchObject({ status: 'purged' })
    await eraseImage(parts(), row)
    expect(await tracesOf(row)).toEqual([])
  })

  it('can neither be completed nor processed any more, and what arrives late goes as an orphan', async () => {
    const row = await storeImage(stores, { status: 'uploading' })
    await eraseImage(parts(), row)
    const late = { at: Date.now(), bytes: 1, expiresAt: Date.now() + 1e9, owner: row.ownerId }
    expect(await stores.ledger.completeUpload(row.id, late)).toEqual({ ok: false, row: undefined })
    expect(await stores.ledger.markProcessed(row.id, { processedAt: Date.now() })).toEqual({
      ok: false,
      row: undefined,
    })
    await stores.lake.put(row.key, 'arrived late', 'image/jpeg')
    const own = { ...stores, clock: Date.now, logger: { info() {}, warn() {} }, codeVersion: 'test' }
    await runPurge(own, Date.now() + 2 * 3_600_000, () => true)
    expect(await tracesOf(row)).toEqual([])
  })
})

describe('a crash between any two steps', () => {
  const methods = [
    'ledger.markPurged',
    'lake.deleteEverything',
    'lake.deleteKey',
    'lake.isEmpty',
    'lake.isKeyEmpty',
    'ledger.forget',
    'receipts.removeRow',
  ] as const
  const boundaries = methods.flatMap((method) => [`before ${method}`, `after ${method}`])

  it.each(boundaries)('%s leaves an image that the next purge finishes', async (boundary) => {
    const own = await createStores()
    try {
      const idempotency = idempotencyRow()
      await own.ledger.insert(idempotency)
      const row = await storeImage(own, { id: idempotency.imageId, idempotencyId: idempotency.id })
      const crashing = crashAt(own, boundary)
      await expect(eraseImage({ ...crashing, clock: Date.now }, row)).rejects.toThrow()
      // Once the row is closed the image is due at once; before, nothing has happened yet.
      const now = boundary === 'before ledger.markPurged' ? row.expiresAt : Date.now()
      const run = await runPurge(
        { ...own, clock: Date.now, logger: { info() {}, warn() {} }, codeVersion: 'test' },
        now,
        () => true,
      )
      expect(run).toMatchObject({ failed: 0, complete: true })
      expect(run.versions).toBeLessThanOrEqual(3)
      expect(run.rows).toBeLessThanOrEqual(2)
      expect(await imagesLeft(own)).toEqual([])
      expect(await own.ledger.read(row.id)).toBeUndefined()
      expect(await own.ledger.read(idempotency.id)).toBeUndefined()
    } finally {
      await own.close()
    }
  })

  class Crash extends Error {}

  /** Real stores, but the process "dies" before or after one step: whatever is called later fails as well. */
  function crashAt(
    { lake, ledger, receipts }: Stores,
    boundary: string,
  ): Pick<ErasureParts, 'lake' | 'ledger' | 'receipts'> {
    let dead = false
    const wrap = <Part extends object>(name: string, part: Part): Part =>
      Object.fromEntries(
        Object.entries(part).map(([key, value]) => [
          key,
          typeof value !== 'function'
            ? value
            : async (...given: unknown[]) => {
                if (boundary === `before ${name}.${key}`) dead = true
                if (dead) throw new Crash(boundary)
                const result = await value(...given)
                if (boundary === `after ${name}.${key}`) dead = true
                if (dead) throw new Crash(boundary)
                return result
              },
        ]),
      ) as Part
    return { lake: wrap('lake', lake), ledger: wrap('ledger', ledger), receipts: wrap('receipts', receipts) }
  }
})

describe('random images', () => {
  it('disappear whatever they are made of, and nobody else changes', async () => {
    const own = await createStores()
    try {
      const random = mulberry32(20261123)
      const upTo = (most: number) => Math.floor(random() * (most + 1))
      const rows: ImageRow[] = []
      for (let n = 0; n < 12; n += 1) {
        const row = imageRow({ receivedAt: Date.now() - upTo(6) * 86_400_000 })
        await own.ledger.insert(row)
        for (let name = 0; name < upTo(3); name += 1) {
          const key = renditionKey(row, `r${name}`, 'webp')
          await putVersions(own, key, upTo(4))
          if (random() < 0.5) await putMarker(own, key)
          if (random() < 0.3) await startMultipart(own, key)
          await putVersions(own, metadataKey(row), upTo(2))
        }
        rows.push(row)
      }
      for (const [n, row] of rows.entries()) {
        const others = async () => (await everythingIn(own)).filter((key) => !key.includes(row.id))
        const before = await others()
        expect(await eraseImage({ ...own, clock: Date.now }, row)).toMatchObject({ outcome: 'erased', rows: 1 })
        expect((await everythingIn(own)).filter((key) => key.includes(row.id))).toEqual([])
        expect(await others()).toEqual(before)
        expect(await own.ledger.standing(rows.map(({ id }) => id)).then(({ size }) => size)).toBe(rows.length - n - 1)
      }
    } finally {
      await own.close()
    }
  })
})

/** A small seeded generator, so that a failing case can be made again. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
