import { describe, expect, it } from 'vitest'
import { type RepublishParts, republishPending } from '../../../functions/republish/republish.ts'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import { pendingShards, unsettledShards } from '../../../functions/shared/keys.ts'
import { republishAfter, resendAfter } from '../../../platform.ts'
import { imageRow } from '../../support/images.ts'

const now = Date.UTC(2026, 10, 23, 12)
const silent = { info() {}, warn() {} }
const down = () => new UnavailableError('stream-unavailable', 'down')

/** All rows wait in the first shard of `shard`'s kind; `asked` records until when the index was asked. */
function partsWith(rows: readonly ImageRow[], given: Partial<RepublishParts> = {}, first = pendingShards[0]) {
  const published: string[] = []
  const asked: number[] = []
  const parts: RepublishParts = {
    ledger: {
      async *pending(shard: string, at: number) {
        asked.push(at)
        yield shard === first ? rows.map(({ id }) => ({ id, at })) : []
      },
      get: async (id) => rows.find((row) => row.id === id && row.bytes > 0),
    },
    lake: { exists: async () => true },
    publish: async (row) => published.push(row.id),
    logger: silent,
    hasTime: () => true,
    ...given,
  }
  return { parts, published, asked }
}

const received = (count: number) => Array.from({ length: count }, () => imageRow({ status: 'received' }))

describe('the outbox sweep', () => {
  it('publishes every image that has waited, and asks every shard for those alone', async () => {
    const rows = received(25)
    const { parts, published, asked } = partsWith(rows)
    expect(await republishPending(parts, now)).toEqual({
      published: 25,
      settled: 0,
      abandoned: 0,
      failed: 0,
      complete: true,
    })
    expect(published.sort()).toEqual(rows.map(({ id }) => id).sort())
    expect(asked).toEqual([
      ...pendingShards.map(() => now - republishAfter),
      ...unsettledShards.map(() => now - resendAfter),
    ])
  })

  it('sends the event of an image again that was published long ago and never settled', async () => {
    const rows = [
      imageRow({ status: 'published' }),
      imageRow({ status: 'received' }),
      imageRow({ status: 'processed' }),
    ]
    const { parts, published } = partsWith(rows, {}, unsettledShards[0])
    expect(await republishPending(parts, now)).toEqual({
      published: 2,
      settled: 1,
      abandoned: 0,
      failed: 0,
      complete: true,
    })
    expect(published.sort()).toEqual([rows[0]?.id, rows[1]?.id].sort())
  })

  it('sends no event of an upload whose original never arrived, and asks the lake about no other', async () => {
    const unsettled = unsettledShards[0] ?? ''
    const rows = [
      imageRow({ status: 'received', pendingShard: unsettled }),
      imageRow({ status: 'received', pendingShard: unsettled, versionId: 'v' }),
      imageRow({ status: 'received', pendingShard: unsettled, attempts: 1 }),
      imageRow({ status: 'published', pendingShard: unsettled }),
      imageRow({ status: 'received', pendingShard: pendingShards[0] ?? '' }),
    ]
    const { parts, published } = partsWith(rows, { lake: { exists: async () => false } }, unsettled)
    expect(await republishPending(parts, now)).toMatchObject({ published: 4, abandoned: 1, failed: 0 })
    expect(published).not.toContain(rows[0]?.id)
  })

  it('sends the event of an upload that was not acknowledged, where its original is there', async () => {
    const rows = [imageRow({ status: 'received', pendingShard: unsettledShards[0] ?? '' })]
    const { parts } = partsWith(rows, {}, unsettledShards[0])
    expect(await republishPending(parts, now)).toMatchObject({ published: 1, abandoned: 0 })
  })

  it('waits while the lake does not answer', async () => {
    const rows = [imageRow({ status: 'received', pendingShard: unsettledShards[0] ?? '' })]
    const { parts } = partsWith(rows, { lake: { exists: async () => Promise.reject(down()) } }, unsettledShards[0])
    expect(await republishPending(parts, now)).toMatchObject({ published: 0, abandoned: 0, failed: 1, complete: false })
  })

  it('leaves alone what has moved on since the index was read', async () => {
    const rows = [imageRow({ status: 'published' }), imageRow({ status: 'purged' }), imageRow({ bytes: 0 })]
    const { parts, published } = partsWith(rows)
    expect(await republishPending(parts, now)).toEqual({
      published: 0,
      settled: 3,
      abandoned: 0,
      failed: 0,
      complete: true,
    })
    expect(published).toEqual([])
  })

  it('stops early while Kafka is away, and says so', async () => {
    let attempts = 0
    const publish = async () => {
      attempts += 1
      throw down()
    }
    const { parts } = partsWith(received(500), { publish })
    const result = await republishPending(parts, now)
    expect(result).toMatchObject({ published: 0, complete: false })
    expect(result.failed).toBe(attempts)
    expect(attempts).toBeLessThan(20)
  })

  it('goes on after a single failure', async () => {
    const rows = received(10)
    const { parts } = partsWith(rows, {
      publish: async ({ id }) => {
        if (id === rows[0]?.id) throw down()
      },
    })
    expect(await republishPending(parts, now)).toMatchObject({ published: 9, failed: 1, complete: false })
  })

  it('stops before its time is up', async () => {
    let left = 7
    const { parts, published } = partsWith(received(100), { hasTime: () => left-- > 0 })
    expect(await republishPending(parts, now)).toMatchObject({ complete: false })
    expect(published.length).toBeLessThan(8)
  })

  it('does not hide a mistake of its own', async () => {
    const publish = async () => {
      throw new TypeError('a mistake')
    }
    await expect(republishPending(partsWith(received(1), { publish }).parts, now)).rejects.toThrow()
  })
})
