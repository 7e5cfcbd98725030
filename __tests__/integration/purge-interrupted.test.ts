import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../functions/shared/errors.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { imageRow, storeImage, storeObjects } from '../support/images.ts'
import { expectNoTrace, imagesLeft, inEightDays, purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeEach(async () => {
  stores = await createStores()
})
afterEach(() => stores.close())

describe('when time runs out', () => {
  it('stops cleanly, says that it is not complete, and the next runs finish the rest', async () => {
    await Promise.all(Array.from({ length: 30 }, () => storeImage(stores)))
    await Promise.all(Array.from({ length: 10 }, () => storeObjects(stores, imageRow())))
    const now = inEightDays()
    const runs = []
    for (let complete = false; !complete && runs.length < 50; ) {
      let left = 40
      const run = await purge(stores, now, {}, () => left-- > 0)
      runs.push(run)
      complete = run.complete
    }
    expect(runs[0]?.complete).toBe(false)
    expect(runs.at(-1)?.complete).toBe(true)
    expect(runs.reduce((sum, run) => sum + run.images, 0)).toBe(30)
    expect(runs.reduce((sum, run) => sum + run.orphan_objects, 0)).toBe(40)
    expect(await imagesLeft(stores)).toEqual([])
  })
})

describe('when S3 refuses to delete', () => {
  it('tries again within the run: a failing DeleteObjects that recovers after three calls', async () => {
    await storeImage(stores)
    const lake = createLake(failingDeletes(stores.s3, 3), stores.names.lake)
    expect(await purge(stores, inEightDays(), { lake })).toMatchObject({
      images: 1,
      versions: 3,
      failed: 0,
      complete: true,
    })
    expect(await imagesLeft(stores)).toEqual([])
  })

  it('counts what failed, keeps the image closed, and the next run finishes: a DeleteObjects that always fails', async () => {
    const row = await storeImage(stores)
    const lake = createLake(failingDeletes(stores.s3, Number.POSITIVE_INFINITY), stores.names.lake)
    expect(await purge(stores, inEightDays(), { lake })).toMatchObject({
      images: 0,
      versions: 0,
      complete: false,
      failed: 1,
    })
    const closed = await stores.ledger.get(row.id)
    expect(closed?.status).toBe('purged')
    expect(closed?.expiresAt).toBeLessThanOrEqual(Date.now())
    expect(await purge(stores, Date.now())).toMatchObject({ images: 1, versions: 3, failed: 0, complete: true })
    await expectNoTrace(stores, row.id)
  }, 120_000)

  it('goes on with the others when some are refused for ever', async () => {
    const stuck = await storeImage(stores)
    await Promise.all(Array.from({ length: 10 }, () => storeImage(stores)))
    const s3 = failingDeletes(stores.s3, Number.POSITIVE_INFINITY, stuck.id)
    const run = await purge(stores, inEightDays(), { lake: createLake(s3, stores.names.lake) })
    expect(run).toMatchObject({ images: 10, failed: 1, complete: false })
    expect((await imagesLeft(stores)).every((key) => key.includes(stuck.id))).toBe(true)
  })

  it('stops when S3 is away, and leaves the rest to the next run: a lake whose listings fail', async () => {
    await Promise.all(Array.from({ length: 40 }, () => storeImage(stores)))
    const away = () => Promise.reject(new UnavailableError('lake-unavailable', 'The lake did not answer'))
    const lake = { ...stores.lake, versionsPage: away, isEmpty: away }
    const run = await purge(stores, inEightDays(), { lake })
    expect(run).toMatchObject({ images: 0, complete: false })
    expect(run.failed).toBeLessThan(35)
    expect(await purge(stores, inEightDays())).toMatchObject({ images: 40, failed: 0, complete: true })
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
