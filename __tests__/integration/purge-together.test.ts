/** What is due goes together: shared listings and writes, and yet each image by its own conditions. */
import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImageRow } from '../../functions/shared/image.ts'
import { imagePrefix, metadataKey, renditionKey } from '../../functions/shared/keys.ts'
import { createLake, type Lake } from '../../functions/shared/lake.ts'
import type { Receipts } from '../../functions/shared/receipts/receipts.ts'
import { everythingIn, idempotencyRow, putMarker, putVersions, startMultipart, storeImage } from '../support/images.ts'
import { day, expectNoTrace, imagesLeft, inEightDays, purge } from '../support/purge.ts'
import { receiptsIn } from '../support/receipts.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

const store = (count: number, given: Partial<ImageRow> = {}) =>
  Promise.all(Array.from({ length: count }, () => storeImage(stores, given)))

const itemsToldOf = async () => (await receiptsIn(stores.lake)).flatMap(({ items }) => items)

/** The stores' own receipts, which fail the test where an image is about to be told of before everything of it has gone. */
const watched = (onFulfil: (ids: string[]) => void = () => {}): Receipts => ({
  ...stores.receipts,
  intents: {
    ...stores.receipts.intents,
    async fulfil(intent, erased) {
      onFulfil([...erased.keys()])
      const keys = await everythingIn(stores)
      for (const id of erased.keys()) expect(keys.filter((key) => key.includes(id))).toEqual([])
      return stores.receipts.intents.fulfil(intent, erased)
    },
  },
})

describe('images that go together', () => {
  it('leave their neighbours alone, whatever these have, and count what each had itself', async () => {
    const lake = createLake(stores.s3, stores.names.lake, 7)
    const old = { receivedAt: Date.now() - 8 * day }
    const older = { receivedAt: Date.now() - 9 * day }
    const later = { ...old, expiresAt: Date.now() + day }
    const due = [...(await store(6, old)), ...(await store(3, older))]
    const living = await store(6, later)
    const [many, marked, open] = due as [ImageRow, ImageRow, ImageRow]
    await putVersions(stores, many.key, 20)
    await putMarker(stores, marked.key)
    await startMultipart(stores, open.key)
    for (const row of living) await startMultipart(stores, row.key)
    const before = (await imagesLeft(stores)).filter((key) => due.every(({ id }) => !key.includes(id)))

    const run = await purge(stores, Date.now(), { lake, receipts: watched() })
    expect(run).toMatchObject({ images: 9, versions: 27 + 20, metadata_files: 9, markers: 1, uploads: 1, rows: 9 })
    expect(run).toMatchObject({ failed: 0, orphan_objects: 0, complete: true })
    expect(await imagesLeft(stores)).toEqual(before)
    await expectNoTrace(stores, ...due.map(({ id }) => id))
    for (const row of living) expect(await stores.ledger.get(row.id)).toEqual(row)
    const items = await itemsToldOf()
    expect(items.map(({ versions }) => versions).sort((a, b) => a - b)).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 23])
    expect(items.filter(({ markers, uploads }) => markers + uploads > 0)).toHaveLength(2)
    for (const { version_ids, versions, markers } of items) expect(version_ids).toHaveLength(versions + markers + 1)
  })

  it('do not drag those along that are held or kept longer at the last moment', async () => {
    const rows = await store(4)
    const [held, extended] = rows as [ImageRow, ImageRow]
    const now = inEightDays()
    const { intents } = stores.receipts
    const declare: typeof intents.declare = async (...given) => {
      await stores.ledger.hold(held, { by: 'engineer', why: 'a case', at: 1, until: now + day } as never)
      await stores.ledger.hold(extended, { by: 'engineer', why: 'a case', at: 1, until: now + 1 } as never)
      return intents.declare(...given)
    }
    const receipts: Receipts = { ...stores.receipts, intents: { ...intents, declare } }
    expect(await purge(stores, now, { receipts })).toMatchObject({ images: 2, versions: 6, rows: 2, failed: 0 })
    for (const row of [held, extended]) {
      expect(await stores.ledger.get(row.id)).toMatchObject({ status: row.status })
      expect(await everythingIn(stores, imagePrefix(row))).toHaveLength(3)
      expect(await stores.lake.exists(metadataKey(row))).toBe(true)
    }
  })

  it('are seen empty before their rows go: one is written again after the deletion', async () => {
    const rows = await store(5)
    const [late] = rows as [ImageRow]
    let written = 0
    const lake: Lake = {
      ...stores.lake,
      async deleteVersions(...given) {
        const gone = await stores.lake.deleteVersions(...given)
        if (written++ === 0) await stores.lake.put(renditionKey(late, 'late', 'webp'), 'late', 'image/webp')
        return gone
      },
    }
    const removed: string[][] = []
    const receipts = watched((ids) => removed.push(ids))
    const run = await purge(stores, inEightDays(), { lake, receipts })
    expect(run).toMatchObject({
      images: 5,
      versions: 16,
      metadata_files: 5,
      rows: 5,
      orphan_objects: 0,
      complete: true,
    })
    expect(removed.flat().sort()).toEqual(
      rows
        .map(({ id }) => id)
        .filter((id) => id !== late.id)
        .sort(),
    )
    expect((await itemsToldOf()).map(({ versions }) => versions).sort()).toEqual([3, 3, 3, 3, 4])
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('lose only the one that S3 refuses to delete, whose row stays, closed', async () => {
    const rows = await store(5)
    const [stuck] = rows as [ImageRow]
    const lake = createLake(refusing(stores.s3, stuck.id), stores.names.lake)
    const run = await purge(stores, inEightDays(), { lake, receipts: watched() })
    expect(run).toMatchObject({ images: 4, versions: 12, rows: 4, failed: 1, complete: false })
    expect(await stores.ledger.get(stuck.id)).toMatchObject({ status: 'purged' })
    expect(await purge(stores, Date.now())).toMatchObject({
      images: 1,
      versions: 3,
      rows: 1,
      failed: 0,
      complete: true,
    })
    expect(await itemsToldOf()).toHaveLength(5)
  })

  it('forget their Idempotency-Keys, and not those that stand for other images by now', async () => {
    const [own, reused] = [
      idempotencyRow({ expiresAt: inEightDays() + day }),
      idempotencyRow({ expiresAt: inEightDays() + day }),
    ]
    await stores.ledger.insert(own)
    await stores.ledger.insert(reused)
    await storeImage(stores, { id: own.imageId, idempotencyId: own.id })
    await storeImage(stores, { idempotencyId: reused.id })
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 2, rows: 3, failed: 0, complete: true })
    expect(await stores.ledger.read(own.id)).toBeUndefined()
    expect(await stores.ledger.read(reused.id)).toEqual(reused)
    expect((await itemsToldOf()).map(({ rows }) => rows).sort()).toEqual([1, 2])
  })
})

describe('a crash between any two steps of a group', () => {
  class Crash extends Error {}
  const methods = ['intents.declare', 'lake.uploadsPage', 'lake.deleteVersions', 'intents.fulfil'] as const

  /** Real stores, but the process "dies" before or after one call: whatever is called later fails as well. */
  function crashAt(boundary: string): Partial<Stores> {
    let dead = false
    const wrap = <Part extends object>(name: string, part: Part): Part =>
      new Proxy(part, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown
          if (typeof value !== 'function' || !methods.some((method) => method.startsWith(`${name}.`))) return value
          return (...given: unknown[]) => {
            if (boundary === `before ${name}.${String(key)}`) dead = true
            if (dead) throw new Crash(boundary)
            const result = value.apply(target, given)
            if (!(result instanceof Promise)) return result
            return result.then((answer: unknown) => {
              if (boundary === `after ${name}.${String(key)}`) dead = true
              if (dead) throw new Crash(boundary)
              return answer
            })
          }
        },
      })
    const { lake, receipts } = stores
    return { lake: wrap('lake', lake), receipts: { ...receipts, intents: wrap('intents', receipts.intents) } }
  }

  it.each(methods.flatMap((method) => [`before ${method}`, `after ${method}`]))(
    '%s leaves images that the next run finishes, and tells of each once',
    async (boundary) => {
      const key = idempotencyRow({ expiresAt: inEightDays() + day })
      await stores.ledger.insert(key)
      const rows = [await storeImage(stores, { id: key.imageId, idempotencyId: key.id }), ...(await store(2))]
      await startMultipart(stores, (rows[1] as ImageRow).key)
      await expect(purge(stores, inEightDays(), crashAt(boundary))).rejects.toThrow(Crash)
      const intended = (await stores.receipts.intents.open()).flatMap(({ images }) => images)
      for (const { id } of rows) {
        const row = await stores.ledger.get(id)
        const left = (await imagesLeft(stores)).filter((name) => name.includes(id))
        // Whatever was begun has no row, but is named by an intent until all of it has gone.
        if (left.length > 0 && left.length < 4) expect(row).toBeUndefined()
        if (!row && left.length > 0) expect(intended.map((image) => image.id)).toContain(id)
      }
      expect(await purge(stores, inEightDays())).toMatchObject({ failed: 0, orphan_objects: 0, complete: true })
      expect(await imagesLeft(stores)).toEqual([])
      await expectNoTrace(stores, ...rows.map(({ id }) => id))
      expect(await stores.ledger.read(key.id)).toBeUndefined()
      expect(await itemsToldOf()).toHaveLength(3)
    },
  )
})

describe('a group that the run may not finish', () => {
  it.each([1, 3, 6, 10, 15, 25])(
    'is left closed and due where time ends at question %i, and counts what went',
    async (questions) => {
      await store(6)
      let left = questions
      const first = await purge(stores, inEightDays(), {}, () => left-- > 0)
      const second = await purge(stores, inEightDays())
      expect(second.complete).toBe(true)
      expect(first.images + second.images).toBe(6)
      expect(first.versions + second.versions).toBe(18)
      expect(first.rows + second.rows).toBe(6)
      expect(await imagesLeft(stores)).toEqual([])
    },
  )
})

/** An S3 client that deletes everything but the objects of one image. */
function refusing(s3: S3Client, id: string): S3Client {
  return new Proxy(s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return async (command: unknown) => {
        if (!(command instanceof DeleteObjectsCommand)) return target.send(command as Parameters<S3Client['send']>[0])
        const objects = command.input.Delete?.Objects ?? []
        const mine = objects.filter(({ Key }) => Key?.includes(id))
        const Objects = objects.filter((object) => !mine.includes(object))
        const rest = { ...command.input, Delete: { Objects, Quiet: true } }
        const { Errors = [] } = Objects.length > 0 ? await target.send(new DeleteObjectsCommand(rest)) : {}
        return { Errors: [...Errors, ...mine.map((object) => ({ ...object, Code: 'AccessDenied' }))] }
      }
    },
  })
}
