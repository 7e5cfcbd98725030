import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IdempotencyRow, ImageRow } from '../../functions/shared/image.ts'
import { expiryShard, expiryShards, newImageId, pendingShard, unsettledOf } from '../../functions/shared/keys.ts'
import { pendingOf } from '../../functions/shared/ledger.ts'
import { idempotencyRow, imageRow } from '../support/images.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await createStores()
})
afterAll(() => stores.close())

const at = Date.UTC(2026, 10, 23, 12)
const event = { topic: 'images', partition: 0, offset: '7' }

async function inserted(given: Parameters<typeof imageRow>[0] = {}) {
  const row = imageRow(given)
  expect(await stores.ledger.insert(row)).toBe(true)
  return row
}

describe('rows', () => {
  it('are written once', async () => {
    const row = await inserted()
    expect(await stores.ledger.insert({ ...row, ownerId: 'somebody else' })).toBe(false)
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })

  it('of idempotency keys are no images', async () => {
    const row = idempotencyRow()
    await stores.ledger.insert(row)
    expect(await stores.ledger.get(row.id)).toBeUndefined()
    expect(await stores.ledger.read(row.id)).toEqual(row)
    expect(await stores.ledger.claim(row.id)).toEqual({ ok: false, row: undefined })
  })
})

describe('a row that is taken back', () => {
  const fresh = (given: Partial<ImageRow> = {}) => {
    const id = newImageId()
    return inserted({ id, status: 'received', receivedAt: at, ...unsettledOf(id, at), ...given })
  }

  it('goes as long as it is as it was inserted', async () => {
    const row = await fresh()
    expect(await stores.ledger.withdraw(row)).toBe(true)
    expect(await stores.ledger.get(row.id)).toBeUndefined()
    expect(await stores.ledger.withdraw(row)).toBe(false)
  })

  it('stays when somebody relies on it', async () => {
    const until = at + 1
    const rows = await Promise.all([fresh(), fresh(), fresh(), fresh(), fresh()])
    const [marked, claimed, published, held, purged] = rows as [ImageRow, ImageRow, ImageRow, ImageRow, ImageRow]
    expect(await stores.ledger.leaveToSweep([marked])).toEqual(new Set([marked.id]))
    await stores.ledger.claim(claimed.id)
    await stores.ledger.markPublished(published.id, at, event)
    await stores.ledger.hold(held, { until, by: 'person-2', at, reason: 'case 1' } as never)
    await stores.ledger.markPurged(purged.id, at, at)
    for (const row of rows) {
      expect(await stores.ledger.withdraw(row)).toBe(false)
      expect(await stores.ledger.get(row.id)).toBeDefined()
    }
  })
})

describe('transitions', () => {
  it('claim counts deliveries and changes nothing else', async () => {
    const row = await inserted()
    await stores.ledger.claim(row.id)
    expect(await stores.ledger.claim(row.id)).toEqual({ ok: true, row: { ...row, attempts: 2 } })
  })

  it('say that there is no row where there is none', async () => {
    expect(await stores.ledger.claim(newImageId())).toEqual({ ok: false, row: undefined })
    expect(await stores.ledger.markPurged(newImageId(), at, at)).toEqual({ ok: false, row: undefined })
  })

  it('return the row that stands in the way', async () => {
    const row = await inserted({ status: 'processed' })
    const refused = await stores.ledger.markPublished(row.id, at, event)
    expect(refused).toEqual({ ok: false, row })
  })

  it('put received images into the outbox, and leave alone what has moved on or waits for another event', async () => {
    const waiting = (status: ImageRow['status'], since = at) => {
      const id = newImageId()
      return inserted({ id, status, receivedAt: at, ...unsettledOf(id, since) })
    }
    const [received, processed, again] = [
      await waiting('received'),
      await waiting('processed'),
      await waiting('received', at + 1),
    ]
    const rows = [received, processed, { ...again, pendingSince: at }]
    expect(await stores.ledger.leaveToSweep(rows)).toEqual(new Set([received.id]))
    expect(await pendingIds(received.id)).toContain(received.id)
    expect(await stores.ledger.get(processed.id)).toEqual(processed)
    expect(await stores.ledger.get(again.id)).toEqual(again)
  })

  it('take a published image out of the outbox', async () => {
    const id = newImageId()
    await inserted({ id, status: 'received', ...pendingOf(id, at) })
    expect(await pendingIds(id)).toContain(id)
    await stores.ledger.markPublished(id, at, event)
    expect(await pendingIds(id)).not.toContain(id)
    expect(await stores.ledger.get(id)).toMatchObject({ status: 'published', event })
  })

  it('ignore values that are undefined instead of erasing what is there', async () => {
    const row = await inserted({ status: 'published', sha256: 'a'.repeat(64), event })
    const done = await stores.ledger.markProcessed(row.id, { processedAt: at, sha256: undefined, event: undefined })
    expect(done).toMatchObject({ ok: true, row: { status: 'processed', sha256: row.sha256, event } })
  })

  it('let exactly one of ten processors win', async () => {
    const row = await inserted()
    const all = await Promise.all(
      Array.from({ length: 10 }, () => stores.ledger.markProcessed(row.id, { processedAt: at })),
    )
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('leave a closed image closed, whatever comes', async () => {
    const row = await inserted({ name: 'holiday.jpg', ownerContent: 'x#y', status: 'received' })
    const closed = await stores.ledger.markPurged(row.id, at, at)
    expect(closed).toMatchObject({ ok: true, row: { status: 'purged', purgedAt: at, expiresAt: at } })
    const { ledger } = stores
    const arrived = { at, bytes: 1, expiresAt: at + 1e9, owner: row.ownerId }
    const results = [
      await ledger.claim(row.id),
      await ledger.markPublished(row.id, at, event),
      await ledger.markProcessed(row.id, { processedAt: at }),
      await ledger.markQuarantined(row.id, { quarantinedAt: at, reason: { code: 'truncated', message: '' } }),
      await ledger.completeUpload(row.id, arrived),
    ]
    expect(results.map(({ ok, row: standing }) => [ok, standing?.status])).toEqual(Array(5).fill([false, 'purged']))
    const left = await ledger.get(row.id)
    expect(left).not.toHaveProperty('name')
    expect(left).not.toHaveProperty('ownerContent')
  })

  it('close only what belongs to the owner, and only what is due', async () => {
    const row = await inserted({ expiresAt: at })
    const { ledger } = stores
    expect(await ledger.markPurged(row.id, at, at, { owner: 'person-2' })).toMatchObject({ ok: false })
    expect(await ledger.markPurged(row.id, at, at, { dueBy: at - 1 })).toMatchObject({ ok: false, row })
    expect(await ledger.markPurged(row.id, at, at, { dueBy: at, owner: row.ownerId })).toMatchObject({ ok: true })
  })
})

describe('removing', () => {
  it('refuses an image that has not been closed, and tells whether it removed anything', async () => {
    const row = await inserted()
    expect(await stores.ledger.remove(row.id)).toBe(false)
    await stores.ledger.markPurged(row.id, at, at)
    expect(await stores.ledger.remove(row.id)).toBe(true)
    expect(await stores.ledger.remove(row.id)).toBe(false)
  })

  it('forgets an idempotency key only for its own image or when it has expired', async () => {
    const row: IdempotencyRow = idempotencyRow({ expiresAt: at })
    const { ledger } = stores
    await ledger.insert(row)
    expect(await ledger.forget(row.id, { imageId: newImageId() })).toBe(false)
    expect(await ledger.forget(row.id, { expiredBy: at - 1 })).toBe(false)
    expect(await ledger.forget(row.id, { imageId: row.imageId })).toBe(true)
    await ledger.insert(row)
    expect(await ledger.forget(row.id, { expiredBy: at })).toBe(true)
    expect(await ledger.forget(row.id, { expiredBy: at })).toBe(false)
  })

  it('never takes an image for an idempotency key', async () => {
    const row = await inserted({ expiresAt: at })
    expect(await stores.ledger.forget(row.id, { expiredBy: at })).toBe(false)
    expect(await stores.ledger.get(row.id)).toEqual(row)
  })
})

describe('the expiry index', () => {
  it('pages through thousands of due rows while they are being deleted, and shows none twice', async () => {
    // One shard, and rows padded so that the index's page (1 MB) is not the whole of it.
    const own = await createStores()
    const shard = 'e00'
    const count = 650
    const ids = Array.from({ length: count }, (_, n) => `idempotency#${'x'.repeat(1900)}${String(n).padStart(5, '0')}`)
    for (let start = 0; start < count; start += 50) {
      const some = ids.slice(start, start + 50)
      await Promise.all(some.map((id, n) => own.ledger.insert(idempotencyRow({ id, expiresAt: start + n, shard }))))
    }
    const seen: string[] = []
    let pages = 0
    for await (const page of own.ledger.due(shard, count)) {
      pages += 1
      await Promise.all(page.map(({ id }) => own.ledger.forget(id, { expiredBy: count })))
      seen.push(...page.map(({ id }) => id))
    }
    expect(pages).toBeGreaterThan(1)
    expect(seen).toEqual(ids)
    await own.close()
  })

  it('shows what is due by then, soonest first, and not what is due later', async () => {
    const own = await createStores()
    const rows = [3, 1, 2].map((n) => imageRow({ expiresAt: at + n, expiryShard: 'e03' }))
    for (const row of rows) await own.ledger.insert(row)
    await own.ledger.insert(idempotencyRow({ expiresAt: at, shard: 'e03' }))
    const due = []
    for await (const page of own.ledger.due('e03', at + 2)) due.push(...page.map((entry) => entry.at - at))
    expect(due).toEqual([0, 1, 2])
    expect(await own.ledger.countExpiring('e03', 0, at + 2)).toBe(2)
    expect(await own.ledger.countExpiring('e03', at + 2, at + 9)).toBe(2)
    expect(await own.ledger.firstToExpire('e03')).toMatchObject({ at: at + 1 })
    expect(await own.ledger.firstToExpire('e04')).toBeUndefined()
    await own.close()
  })

  it('has a shard for every id', () => {
    for (let n = 0; n < 200; n += 1) expect(expiryShards).toContain(expiryShard(newImageId()))
  })
})

describe('what stands for many ids', () => {
  it('is read consistently, beyond one batch, without idempotency rows and without repetitions', async () => {
    const rows = await Promise.all(Array.from({ length: 230 }, () => inserted()))
    const idempotency = idempotencyRow()
    await stores.ledger.insert(idempotency)
    const ids = [...rows.map(({ id }) => id), rows[0]?.id ?? '', idempotency.id, newImageId()]
    const found = await stores.ledger.standing(ids)
    expect(found.size).toBe(230)
    expect(found.get(rows[0]?.id ?? '')).toMatchObject({ status: 'published', key: rows[0]?.key })
    expect(found.get(rows[0]?.id ?? '')).not.toHaveProperty('ownerId')
  })
})

async function pendingIds(id: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of stores.ledger.pending(pendingShard(id), at)) found.push(...page.map((entry) => entry.id))
  return found
}
