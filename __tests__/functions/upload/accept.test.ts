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

type Step = 'object' | 'row' | 'event' | 'outbox'

/** Fakes that record the order of what was asked of them; `fail` names the step that throws. */
function fakeParts(...fail: Step[]) {
  const steps: string[] = []
  const rows: ImageRow[] = []
  const left: string[] = []
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
  return { parts, steps, rows, left }
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
  it('stores the object, then the row, then the event', async () => {
    const { parts, steps } = fakeParts()
    await acceptImage(parts, image, 'trace')
    expect(steps).toEqual(['object', 'row', 'event'])
  })

  it('keeps the version that was accepted, the term and the pending mark in the row', async () => {
    const { parts, rows } = fakeParts()
    await acceptImage(parts, image, 'trace')
    expect(rows[0]).toMatchObject({
      status: 'received',
      versionId: 'v1',
      expiresAt: now + retention.images,
      pendingSince: now,
      key: expect.stringMatching(/^images\/date=2026-11-23\/[0-9a-f-]{36}\/original\.jpg$/),
    })
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
    expect([steps, left]).toEqual([['outbox'], [first.id]])
    // What is settled, or waits for the sweep already, is left alone.
    await again('processed')
    await again('received', pendingShards[0])
    expect(steps).toEqual(['outbox'])
  })

  it('never writes the file name into a log line', async () => {
    const { parts } = fakeParts('event')
    await acceptImage(parts, image, 'trace')
    expect(JSON.stringify(vi.mocked(parts.logger.warn).mock.calls)).not.toContain('ferry')
  })
})
