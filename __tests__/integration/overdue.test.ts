/** The figure behind the alarm on the promise, on real stores: `MostOverdue` says what a purge has left behind. */
import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { oldestSurvivor } from '../../functions/purge/survivor.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { storeImage } from '../support/images.ts'
import { day, purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

const hour = 3_600_000

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

/** S3 as it answers under a bucket policy that forbids deletion. */
const refusingToDelete = (s3: S3Client): S3Client =>
  new Proxy(s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return async (command: unknown) => {
        if (!(command instanceof DeleteObjectsCommand)) return target.send(command as Parameters<S3Client['send']>[0])
        return { Errors: command.input.Delete?.Objects?.map((object) => ({ ...object, Code: 'AccessDenied' })) }
      }
    },
  })
const overdueAt = async (now: number) => (await oldestSurvivor(stores.ledger, now)).overdueSeconds

describe('an image that the purge cannot remove', () => {
  it('is overdue by what it has outlived its time, more with every run, until it is gone', async () => {
    const row = await storeImage(stores, { receivedAt: Date.now() - 8 * day, expiresAt: Date.now() - day })
    await storeImage(stores, { receivedAt: Date.now() })
    const lake = createLake(refusingToDelete(stores.s3), stores.names.lake)
    for (const now of [Date.now(), Date.now() + hour]) {
      expect(await purge(stores, now, { lake })).toMatchObject({ failed: 1, complete: false })
      // Closing the row must not make it look younger than it is.
      expect(await overdueAt(now)).toBe(Math.round((now - row.expiresAt) / 1000))
    }
    expect(await purge(stores, Date.now())).toMatchObject({ images: 1, complete: true })
    expect(await overdueAt(Date.now())).toBe(0)
  })
})
