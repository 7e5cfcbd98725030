import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
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

/** Fakes that record the order of what was asked of them; `fail` names the step that throws. */
function fakeParts(fail?: 'object' | 'row' | 'event') {
  const steps: string[] = []
  const rows: ImageRow[] = []
  const step = (name: 'object' | 'row' | 'event') => {
    if (name === fail) throw new UnavailableError('test', `${name} does not answer`)
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
  return { parts, steps, rows }
}

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

  it('acknowledges although Kafka is away, and leaves the row pending for the sweep', async () => {
    const { parts, rows } = fakeParts('event')
    const row = await acceptImage(parts, image, 'trace')
    expect(row.status).toBe('received')
    expect(rows[0]?.pendingShard).toMatch(/^p\d\d$/)
    expect(parts.logger.warn).toHaveBeenCalledOnce()
  })

  it('never writes the file name into a log line', async () => {
    const { parts } = fakeParts('event')
    await acceptImage(parts, image, 'trace')
    expect(JSON.stringify(vi.mocked(parts.logger.warn).mock.calls)).not.toContain('ferry')
  })
})
