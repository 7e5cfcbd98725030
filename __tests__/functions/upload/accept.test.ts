import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import { pendingShards, unsettledShards } from '../../../functions/shared/keys.ts'
import type { Lake } from '../../../functions/shared/lake.ts'
import type { Ledger } from '../../../functions/shared/ledger.ts'
import { type AcceptParts, acceptImage, type CheckedImage } from '../../../functions/upload/accept.ts'
import { retention } from '../../../platform.ts'

const now = Date.UTC(2026, 10, 23, 12)
const image: CheckedImage = {
  ownerId: 'person-1',
  body: Buffer.from('bytes'),
  contentType: 'image/jpeg',
  sha256: 'ab'.repeat(32),
  name: 'ferry.jpg',
  idempotencyKey: undefined,
}

type Step = 'object' | 'row' | 'event' | 'outbox' | 'withdrawal'

/** Fakes that record the order of what was asked of them; `fail` names the step that throws. */
function fakeParts(...fail: Step[]) {
  const steps: string[] = []
  const rows: ImageRow[] = []
  const left: string[] = []
  const withdrawn: string[] = []
  const step = (name: Step) => {
    if (fail.includes(name)) throw new UnavailableError('test', `${name} does not answer`)
    steps.push(name)
  }
  const parts: AcceptParts = {
    admit: async () => {},
    ledger: {
      insert: async (row: ImageRow) => {
        step('row')
        rows.push(row)
        return true
      },
      get: async () => undefined,
      leaveToSweep: async (some: readonly ImageRow[]) => {
        step('outbox')
        left.push(...some.map(({ id }) => id))
        return new Set(some.map(({ id }) => id))
      },
      withdraw: async ({ id }: ImageRow) => {
        step('withdrawal')
        withdrawn.push(id)
        return true
      },
    } as unknown as Ledger,
    lake: {
      putNew: async () => {
        step('object')
        return { existed: false, versionId: 'v1' }
      },
    } as unknown as Lake,
    clock: () => now,
    logger: { info: vi.fn(), warn: vi.fn() },
    publish: async () => step('event'),
  }
  return { parts, steps, rows, left, withdrawn }
}

/** The row that binds the key to the image of the first attempt. */
const idempotencyOf = ({ id, receivedAt, idempotencyId }: ImageRow) => ({
  id: idempotencyId,
  kind: 'idempotency',
  imageId: id,
  receivedAt,
  requestHash: createHash('sha256').update(`direct\n${image.contentType}\n${image.sha256}`).digest('hex'),
  expiresAt: now + retention.idempotency,
})

describe('acceptImage', () => {
  it('stores object and row, then the event', async () => {
    const { parts, steps } = fakeParts()
    await acceptImage(parts, image, 'trace')
    expect(steps).toEqual(['object', 'row', 'event'])
  })

  it('sends the event only when object and row are both durable, in whichever order they come', async () => {
    for (const late of ['object', 'row'] as const) {
      const { parts, steps } = fakeParts()
      const arrival = Promise.withResolvers<void>()
      const { lake, ledger } = parts
      const slow = {
        object: { lake: { ...lake, putNew: () => arrival.promise.then(() => lake.putNew('', image.body, '')) } },
        row: { ledger: { ...ledger, insert: (row: ImageRow) => arrival.promise.then(() => ledger.insert(row)) } },
      }[late]
      const accepted = acceptImage({ ...parts, ...slow } as AcceptParts, image, 'trace')
      await new Promise((resolve) => setImmediate(resolve))
      expect(steps).toEqual([late === 'object' ? 'row' : 'object'])
      arrival.resolve()
      await accepted
      expect(steps.at(-1)).toBe('event')
    }
  })

  it('keeps the term and the pending mark in the row', async () => {
    const { parts, rows } = fakeParts()
    await acceptImage(parts, image, 'trace')
    expect(rows[0]).toMatchObject({
      status: 'received',
      expiresAt: now + retention.images,
      pendingSince: now,
      key: expect.stringMatching(/^images\/date=2026-11-23\/[0-9a-f-]{36}\/original\.jpg$/),
    })
  })

  it('takes the row back when the object cannot be stored', async () => {
    const { parts, rows, withdrawn } = fakeParts('object')
    await expect(acceptImage(parts, image, 'trace')).rejects.toMatchObject({ status: 503 })
    expect(withdrawn).toEqual([rows[0]?.id])
  })

  it('leaves alone a row that another attempt has written, or perhaps has, when the object cannot be stored', async () => {
    for (const insert of [async () => false, async () => Promise.reject(new UnavailableError('test', 'no answer'))]) {
      const { parts, withdrawn } = fakeParts('object')
      const ledger = { ...parts.ledger, insert } as unknown as Ledger
      await expect(acceptImage({ ...parts, ledger }, image, 'trace')).rejects.toMatchObject({ status: 503 })
      expect(withdrawn).toEqual([])
    }
  })

  it('says that the object could not be stored, even where the row cannot be taken back', async () => {
    const { parts } = fakeParts('object', 'withdrawal')
    await expect(acceptImage(parts, image, 'trace')).rejects.toThrow('object does not answer')
  })

  it('acknowledges nothing that took so long that its row may count as an orphan', async () => {
    const { parts, steps } = fakeParts()
    const times = [now, now + retention.orphanGrace]
    const clock = () => times.shift() ?? now + retention.orphanGrace
    await expect(acceptImage({ ...parts, clock }, image, 'trace')).rejects.toMatchObject({ code: 'upload-abandoned' })
    expect(steps).not.toContain('event')
  })

  it.each(['object', 'row'] as const)('acknowledges nothing when the %s cannot be stored', async (fail) => {
    const { parts, steps } = fakeParts(fail)
    await expect(acceptImage(parts, image, 'trace')).rejects.toMatchObject({ status: 503, retriable: true })
    expect(steps).not.toContain('event')
  })

  it('acknowledges although Kafka is away, and puts the row into the outbox of the sweep before', async () => {
    const { parts, left } = fakeParts('event')
    const row = await acceptImage(parts, image, 'trace')
    expect(row.status).toBe('received')
    expect(left).toEqual([row.id])
    expect(parts.logger.warn).toHaveBeenCalledOnce()
  })

  it('acknowledges nothing when neither Kafka nor the outbox takes the event', async () => {
    const { parts } = fakeParts('event', 'outbox')
    await expect(acceptImage(parts, image, 'trace')).rejects.toMatchObject({ status: 503, retriable: true })
    expect(parts.logger.info).not.toHaveBeenCalled()
  })

  it('writes a row that is looked after even where this process ends before it sends the event', async () => {
    const { parts, rows, left } = fakeParts()
    await acceptImage(parts, image, 'trace')
    expect(unsettledShards).toContain(rows[0]?.pendingShard)
    expect(left).toEqual([])
  })

  it('has the event of an earlier attempt sent by the sweep, where that may have ended before it sent it', async () => {
    const { parts, steps, rows, left } = fakeParts()
    const keyed = { ...image, idempotencyKey: 'key' }
    const first = await acceptImage(parts, keyed, 'trace')
    const again = (status: ImageRow['status'], pendingShard = rows.at(-1)?.pendingShard) => {
      const row = { ...first, status, ...(pendingShard && { pendingShard }) }
      const known = { insert: async () => false, read: async () => idempotencyOf(first), get: async () => row }
      return acceptImage({ ...parts, ledger: { ...parts.ledger, ...known } as unknown as Ledger }, keyed, 'trace')
    }
    steps.length = 0
    expect((await again('received')).id).toBe(first.id)
    // The row may be there without the object, so that is stored before anybody relies on the row.
    expect([steps, left]).toEqual([['object', 'outbox'], [first.id]])
    // What is settled, or waits for the sweep already, is left alone.
    await again('processed')
    await again('received', pendingShards[0])
    expect(steps).toEqual(['object', 'outbox'])
  })

  describe('repeated, while the row of an earlier attempt may lack its object', () => {
    const keyed = { ...image, idempotencyKey: 'key' }

    /** @param found what the ledger says about the image, in turn; the last one for ever */
    async function repeat(found: (row: ImageRow) => (ImageRow | undefined)[], clock = () => now, fail: Step[] = []) {
      const { parts: before } = fakeParts()
      const first = await acceptImage(before, keyed, 'trace')
      const { parts, steps } = fakeParts(...fail)
      const answers = found(first)
      const ledger = {
        ...parts.ledger,
        insert: async (row: { kind: string }) => row.kind === 'image' && parts.ledger.insert(row as ImageRow),
        read: async () => idempotencyOf(first),
        get: async () => (answers.length > 1 ? answers.shift() : answers[0]),
        leaveToSweep: async () => {
          steps.push('outbox')
          return new Set(answers[0] ? [first.id] : [])
        },
      } as unknown as Ledger
      return { first, steps, again: acceptImage({ ...parts, ledger, clock }, keyed, 'trace') }
    }

    it('fails when the object cannot be stored, and does not touch the row', async () => {
      const { again, steps } = await repeat((row) => [row], undefined, ['object'])
      await expect(again).rejects.toMatchObject({ status: 503 })
      expect(steps).toEqual([])
    })

    it('fails when the earlier attempt has taken its row back meanwhile', async () => {
      const { again } = await repeat((row) => [row, undefined])
      await expect(again).rejects.toMatchObject({ status: 503, retriable: true })
    })

    it('fails when the row has been closed meanwhile', async () => {
      const { parts: before } = fakeParts()
      const first = await acceptImage(before, keyed, 'trace')
      const answers = [first, { ...first, status: 'purged' as const }]
      const { parts } = fakeParts()
      const ledger = {
        ...parts.ledger,
        insert: async () => false,
        read: async () => idempotencyOf(first),
        get: async () => answers.shift(),
        leaveToSweep: async () => new Set(),
      } as unknown as Ledger
      await expect(acceptImage({ ...parts, ledger }, keyed, 'trace')).rejects.toMatchObject({ status: 410 })
    })

    it('fails when the row is so old that it may count as an orphan', async () => {
      const { again, steps } = await repeat(
        (row) => [row],
        () => now + retention.orphanGrace / 2 + 1,
      )
      await expect(again).rejects.toMatchObject({ code: 'upload-abandoned', status: 503 })
      expect(steps).not.toContain('outbox')
    })

    it('stores the object before the row where there is no row', async () => {
      const { again, steps, first } = await repeat(() => [undefined])
      expect((await again).id).toBe(first.id)
      expect(steps).toEqual(['object', 'row', 'event'])
    })
  })

  it('never writes the file name into a log line', async () => {
    const { parts } = fakeParts('event')
    await acceptImage(parts, image, 'trace')
    expect(JSON.stringify(vi.mocked(parts.logger.warn).mock.calls)).not.toContain('ferry')
  })
})
