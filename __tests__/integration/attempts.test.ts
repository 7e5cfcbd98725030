/** Attempts at the same upload that meet each other, with a real ledger and a real lake. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { republishPending } from '../../functions/republish/republish.ts'
import { UnavailableError } from '../../functions/shared/errors.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { pendingShards } from '../../functions/shared/keys.ts'
import type { Lake } from '../../functions/shared/lake.ts'
import { type AcceptParts, acceptImage, type CheckedImage } from '../../functions/upload/accept.ts'
import { checkDigest } from '../../functions/upload/check.ts'
import { resendAfter, retention } from '../../platform.ts'
import { purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await createStores()
})
afterAll(() => stores.close())

const body = Buffer.from('an image')
const imageUnder = (idempotencyKey: string): CheckedImage => ({
  ownerId: 'person-1',
  body,
  contentType: 'image/jpeg',
  sha256: checkDigest(body, undefined),
  name: undefined,
  idempotencyKey,
})

/** @param putNew takes the place of the lake's */
function attempt(
  key: string,
  putNew: Lake['putNew'] = stores.lake.putNew,
  inserted: (row: ImageRow) => void = () => {},
) {
  const { ledger } = stores
  const insert: typeof ledger.insert = async (row) => {
    const written = await ledger.insert(row)
    if (row.kind === 'image' && written) inserted(row as ImageRow)
    return written
  }
  const parts: AcceptParts = {
    ledger: { ...ledger, insert },
    lake: { ...stores.lake, putNew },
    clock: Date.now,
    admit: async () => {},
    logger: { info() {}, warn() {} },
    publish: async () => {},
  }
  return acceptImage(parts, imageUnder(key), 'trace')
}

const failure = new UnavailableError('lake-unavailable', 'The lake did not answer')

it('an upload whose object cannot be stored leaves no row, and is taken in under the same id when it is repeated', async () => {
  const upload = randomUUID()
  let first: ImageRow | undefined
  const failing = attempt(
    upload,
    async () => Promise.reject(failure),
    (row) => {
      first = row
    },
  )
  await expect(failing).rejects.toBe(failure)
  expect(await stores.ledger.get(first?.id ?? '')).toBeUndefined()
  const accepted = await attempt(upload)
  expect(accepted.id).toBe(first?.id)
  expect((await stores.ledger.get(accepted.id))?.status).toBe('received')
  expect(await stores.lake.exists(accepted.key)).toBe(true)
})

it('a first attempt that fails late takes nothing away from the repetition that was acknowledged meanwhile', async () => {
  const upload = randomUUID()
  const object = Promise.withResolvers<never>()
  const row = Promise.withResolvers<ImageRow>()
  const first = attempt(upload, () => object.promise, row.resolve)
  const { id, key } = await row.promise
  expect((await attempt(upload)).id).toBe(id)
  object.reject(failure)
  await expect(first).rejects.toBe(failure)
  const standing = await stores.ledger.get(id)
  expect(standing?.status).toBe('received')
  expect(pendingShards).toContain(standing?.pendingShard)
  expect(await stores.lake.exists(key)).toBe(true)
})

it('a repetition is not acknowledged when the first attempt takes its row back before', async () => {
  const upload = randomUUID()
  const object = Promise.withResolvers<never>()
  const row = Promise.withResolvers<ImageRow>()
  const first = attempt(upload, () => object.promise, row.resolve)
  const { id } = await row.promise
  const repetition = attempt(upload, async (...given) => {
    object.reject(failure)
    await expect(first).rejects.toBe(failure)
    return stores.lake.putNew(...given)
  })
  await expect(repetition).rejects.toMatchObject({ status: 503, retriable: true })
  expect(await stores.ledger.get(id)).toBeUndefined()
})

it('a row whose upload ended before its object was stored is sent to nobody, and goes with the orphans', async () => {
  const upload = randomUUID()
  const row = Promise.withResolvers<ImageRow>()
  // Neither the object nor its failure comes: as if the process had ended.
  void attempt(upload, () => new Promise(() => {}), row.resolve)
  const { id } = await row.promise
  const sent: string[] = []
  const swept = await republishPending(
    {
      ...stores,
      publish: async (image) => sent.push(image.id),
      logger: { info() {}, warn() {} },
      hasTime: () => true,
    },
    Date.now() + 2 * resendAfter,
  )
  expect(swept).toMatchObject({ abandoned: 1, failed: 0 })
  expect(sent).not.toContain(id)
  const run = await purge(stores, Date.now() + 2 * retention.orphanGrace)
  expect(run).toMatchObject({ complete: true, orphan_rows: 1 })
  expect(await stores.ledger.get(id)).toBeUndefined()
})
