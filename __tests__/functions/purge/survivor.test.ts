import { describe, expect, it } from 'vitest'
import { oldestSurvivor } from '../../../functions/purge/survivor.ts'
import type { Standing } from '../../../functions/shared/ledger-queries.ts'
import { imageRow } from '../../support/images.ts'

const now = Date.UTC(2026, 10, 23)
const hour = 3_600_000

function ledgerWith(...rows: Standing[]) {
  return {
    firstToExpire: async (shard: string) => {
      const [first] = rows.filter(({ expiryShard }: Standing & { expiryShard?: string }) => expiryShard === shard)
      return first && { id: first.id, at: first.expiresAt }
    },
    standing: async () => new Map(rows.map((row) => [row.id, row])),
  }
}

describe('the oldest survivor', () => {
  it('is of age 0 where there is no image', async () => {
    expect(await oldestSurvivor(ledgerWith(), now)).toEqual({ ageSeconds: 0, overdueSeconds: 0 })
  })

  it('is as old as it has been here, and not overdue before its time', async () => {
    const young = imageRow({ receivedAt: now - hour, expiresAt: now + hour })
    const old = imageRow({ receivedAt: now - 3 * hour, expiresAt: now + 2 * hour })
    expect(await oldestSurvivor(ledgerWith(young, old), now)).toEqual({ ageSeconds: 3 * 3600, overdueSeconds: 0 })
  })

  it('is overdue by what it has outlived its time', async () => {
    const late = imageRow({ receivedAt: now - 200 * hour, expiresAt: now - 2 * hour })
    expect(await oldestSurvivor(ledgerWith(late), now)).toEqual({ ageSeconds: 200 * 3600, overdueSeconds: 2 * 3600 })
  })
})
