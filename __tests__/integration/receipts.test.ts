/** Receipts of real erasures in S3 and DynamoDB: complete, chained, and written whatever is interrupted. */
import { generateKeyPairSync } from 'node:crypto'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseOwn } from '../../functions/images/erase.ts'
import { UnavailableError } from '../../functions/shared/errors.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { imagePrefix } from '../../functions/shared/keys.ts'
import { type ChainParts, openChain } from '../../functions/shared/receipts/chain.ts'
import { isSignatureOf, receiptKey, sha256Hex } from '../../functions/shared/receipts/form.ts'
import { createHeads } from '../../functions/shared/receipts/heads.ts'
import { createItemKeys, itemOf } from '../../functions/shared/receipts/item-keys.ts'
import { createOutbox } from '../../functions/shared/receipts/outbox.ts'
import type { Receipts } from '../../functions/shared/receipts/receipts.ts'
import { signerOf } from '../../functions/shared/receipts/sign.ts'
import { storeImage } from '../support/images.ts'
import { day, inEightDays, purge } from '../support/purge.ts'
import { receiptsIn } from '../support/receipts.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

const eraseOn = (row: ImageRow, given: Partial<Stores> = {}) =>
  eraseOwn({ ...stores, ...given, clock: Date.now, logger: { error() {} } }, row)

const waiting = async (): Promise<number> => {
  const { Items = [] } = await stores.documents.send(
    new QueryCommand({
      TableName: stores.names.runs,
      KeyConditionExpression: 'kind = :kind',
      ExpressionAttributeValues: { ':kind': 'receipt-pending' },
      ConsistentRead: true,
    }),
  )
  return Items.length
}

const key = signerOf(generateKeyPairSync('ed25519').privateKey)
const chainParts = ({ documents, names, lake }: Stores): ChainParts => ({
  lake,
  outbox: createOutbox(documents, names),
  heads: createHeads(documents, names.runs),
  signer: key,
  writer: { name: 'purge', codeVersion: 'test' },
  clock: Date.now,
})

describe('an erasure on request', () => {
  it('has a receipt that names neither image nor person, and that only the key of the day connects', async () => {
    const row = await storeImage(stores, { name: 'holiday.jpg', ownerId: 'person-with-a-name' })
    const versions = (await stores.lake.versionsPage(imagePrefix(row))).entries.map(({ versionId }) => versionId)
    const { receipt } = await eraseOn(row)
    const [found] = await receiptsIn(stores.lake)
    expect(receipt).toEqual({ number: 1, sha256: sha256Hex((await stores.lake.get(receiptKey(1))) as Uint8Array) })
    expect(found).toMatchObject({
      number: 1,
      previous: null,
      counts: { items: 1, versions: 3, metadata_files: 1, rows: 1 },
    })
    expect(found?.items[0]?.version_ids).toEqual(expect.arrayContaining(versions))
    expect(isSignatureOf(found as NonNullable<typeof found>)).toBe(true)
    for (const secret of [row.id, row.date + row.id, 'holiday', 'person-with-a-name', row.key]) {
      expect(JSON.stringify(found)).not.toContain(secret)
    }
    const key = await createItemKeys(stores.documents, stores.names.runs, Date.now).current()
    expect(found?.items[0]?.item).toBe(itemOf(key, row.id))
  })

  it('is acknowledged without one where the lake takes none, and the next run of the purge writes it', async () => {
    const row = await storeImage(stores)
    const down = async () => {
      throw new UnavailableError('lake-unavailable', 'The lake did not answer')
    }
    const receipts: Receipts = { ...stores.receipts, open: () => ({ ...stores.receipts.open(), issue: down }) }
    expect(await eraseOn(row, { receipts })).not.toHaveProperty('receipt')
    expect(await waiting()).toBe(1)
    expect(await purge(stores, Date.now())).toMatchObject({ images: 0, complete: true, receipt: { number: 1 } })
    expect(await receiptsIn(stores.lake)).toMatchObject([
      { items: [{ reason: 'request', versions: 3 }], run: { items: 0 } },
    ])
    expect(await waiting()).toBe(0)
  })
})

describe('a run of the purge', () => {
  it('tells every image it erased, why, and its own counts', async () => {
    for (let n = 0; n < 5; n += 1) await storeImage(stores)
    const run = await purge(stores, inEightDays())
    const [found, ...others] = await receiptsIn(stores.lake)
    expect(others).toEqual([])
    expect(run).toMatchObject({ images: 5, complete: true, receipt: { number: 1 } })
    expect(found?.run).toMatchObject({ id: run.id, items: 5, images: 5, versions: 15, complete: true, failed: 0 })
    expect(found?.items.map(({ reason, run: of }) => [reason, of])).toEqual(Array(5).fill(['due', run.id]))
  })

  it('destroys the keys of old items, and says which', async () => {
    await storeImage(stores)
    await purge(stores, inEightDays())
    const again = await purge(stores, Date.now() + 30 * day)
    expect(again.complete).toBe(true)
    const [first, second] = await receiptsIn(stores.lake)
    const told = [...(first?.destroyed_item_keys ?? []), ...(second?.destroyed_item_keys ?? [])]
    expect(told).toContain(first?.items[0]?.item_key)
  })

  it('is not complete without its receipt, although the images are gone', async () => {
    const row = await storeImage(stores)
    const fail = async () => {
      throw new UnavailableError('signer-unavailable', 'The key for receipts did not answer')
    }
    const receipts: Receipts = { ...stores.receipts, open: () => ({ ...stores.receipts.open(), issue: fail }) }
    const run = await purge(stores, inEightDays(), { receipts })
    expect(run).toMatchObject({ images: 1, complete: false, failed: 1 })
    expect(await stores.ledger.get(row.id)).toBeUndefined()
    expect(await purge(stores, inEightDays())).toMatchObject({ complete: true })
    expect((await receiptsIn(stores.lake)).flatMap(({ items }) => items)).toHaveLength(1)
  })
})

describe('the chain', () => {
  it('takes twenty writers at once: one chain, no gap, each erasure told exactly once', async () => {
    const rows = await Promise.all(Array.from({ length: 20 }, () => storeImage(stores)))
    const erasures = await Promise.all(rows.map((row) => eraseOn(row)))
    const all = await receiptsIn(stores.lake)
    const key = await createItemKeys(stores.documents, stores.names.runs, Date.now).current()
    expect(all.flatMap(({ items }) => items.map(({ item }) => item)).toSorted()).toEqual(
      rows.map(({ id }) => itemOf(key, id)).toSorted(),
    )
    for (const [n, receipt] of all.entries()) {
      const before = all[n - 1]
      const bytes = before && (await stores.lake.get(receiptKey(before.number)))
      expect(receipt.previous).toEqual(
        before ? { number: before.number, sha256: sha256Hex(bytes as Uint8Array), issued_at: before.issued_at } : null,
      )
    }
    const head = await createHeads(stores.documents, stores.names.runs).read()
    expect(head).toMatchObject({ number: all.length })
    expect(await waiting()).toBe(0)
    for (const { receipt } of erasures.filter((one) => one.receipt)) {
      expect(sha256Hex((await stores.lake.get(receiptKey(receipt?.number ?? 0))) as Uint8Array)).toBe(receipt?.sha256)
    }
  }, 60_000)

  it.each(['before settling', 'before the head moves'])(
    'goes on after a crash %s, and tells nothing twice',
    async (when) => {
      class Crash extends Error {}
      const parts = chainParts(stores)
      const dying = {
        ...parts,
        outbox: {
          ...parts.outbox,
          settle: async (entries: readonly string[]) => {
            if (when === 'before settling') throw new Crash()
            await parts.outbox.settle(entries)
          },
        },
        heads: {
          ...parts.heads,
          save: async () => {
            throw new Crash()
          },
        },
      }
      await storeImage(stores)
      const run = await purge(stores, inEightDays(), {
        receipts: { ...stores.receipts, open: () => ({ ...openChain(parts), issue: async () => {} }) },
      })
      expect(run.complete).toBe(false)
      await expect(openChain(dying).issue()).rejects.toThrow(Crash)
      await storeImage(stores)
      await purge(stores, inEightDays())
      const all = await receiptsIn(stores.lake)
      expect(all.map(({ items }) => items.length)).toEqual([1, 1])
      expect(await waiting()).toBe(0)
    },
  )

  it('goes on behind a head that has been lost, and behind receipts that have been dropped', async () => {
    await storeImage(stores)
    await purge(stores, inEightDays())
    await purge(stores, inEightDays())
    await stores.lake.deleteKey(receiptKey(2))
    await purge(stores, inEightDays())
    expect(await stores.lake.exists(receiptKey(2))).toBe(false)
    expect(await stores.lake.exists(receiptKey(3))).toBe(true)
  })
})
