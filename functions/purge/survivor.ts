/** How old the oldest image is that is still there: the figure that the alarm on the promise watches. */
import { expiryShards } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'

/**
 * @param now epoch milliseconds
 * @returns seconds, both 0 where there is no image: since the oldest of those that expire next was received, and by
 * how much the most overdue one has outlived its time
 */
export async function oldestSurvivor(
  ledger: Pick<Ledger, 'firstToExpire' | 'standing'>,
  now: number,
): Promise<{ ageSeconds: number; overdueSeconds: number }> {
  const first = await Promise.all(expiryShards.map((shard) => ledger.firstToExpire(shard)))
  const standing = [...(await ledger.standing(first.flatMap((entry) => (entry ? [entry.id] : [])))).values()]
  const since = (times: readonly number[]) => Math.max(0, Math.round((now - Math.min(now, ...times)) / 1000))
  return {
    ageSeconds: since(standing.map(({ receivedAt, expiresAt }) => receivedAt ?? expiresAt)),
    overdueSeconds: since(standing.map(({ expiresAt }) => expiresAt)),
  }
}
