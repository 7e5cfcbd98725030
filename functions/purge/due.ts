/** The purge's first step: whatever the expiry index says is due, read again before it is believed. */
import pMap from 'p-map'
import { expiryShards, idempotencyPrefix } from '../shared/keys.ts'
import type { IndexEntry, Standing } from '../shared/ledger-queries.ts'
import { concurrency, eraseOrCount, tryAndCount, type Work } from './work.ts'

/** Rows read at once: one BatchGetItem. */
const chunkSize = 100

/** Erases the images that are due, unfinished uploads among them, and forgets expired idempotency keys. */
export async function purgeDue(work: Work): Promise<void> {
  for (const shard of shardsFrom(work.now)) {
    for await (const page of work.ledger.due(shard, work.now)) {
      for (let start = 0; start < page.length && work.mayGoOn(); start += chunkSize) {
        await purgeEntries(work, page.slice(start, start + chunkSize))
      }
      if (!work.mayGoOn()) return
    }
  }
}

/** Each hour another shard comes first, so that a shard full of trouble cannot use up the time of all others for ever. */
function shardsFrom(now: number): string[] {
  const first = Math.floor(now / 3_600_000) % expiryShards.length
  return [...expiryShards.slice(first), ...expiryShards.slice(0, first)]
}

async function purgeEntries(work: Work, entries: readonly IndexEntry[]): Promise<void> {
  const isKey = ({ id }: IndexEntry) => id.startsWith(idempotencyPrefix)
  const images = entries.filter((entry) => !isKey(entry)).map(({ id }) => id)
  const standing = await work.ledger.standing(images)
  const due = [...standing.values()].filter(({ expiresAt }) => expiresAt <= work.now)
  await pMap(due, (row) => purgeImage(work, row), { concurrency })
  await pMap(entries.filter(isKey), ({ id }) => forgetKey(work, id), { concurrency })
}

/** The condition `dueBy` holds at the moment at which the row is closed: what lives longer by then is left alone. */
export async function purgeImage(work: Work, row: Standing): Promise<void> {
  if (!work.mayGoOn()) return
  const erasure = await eraseOrCount(work, row, { dueBy: work.now })
  if (erasure?.outcome === 'erased') work.counts.images += 1
}

async function forgetKey(work: Work, id: string): Promise<void> {
  if (!work.mayGoOn()) return
  const forgotten = await tryAndCount(work, () => work.ledger.forget(id, { expiredBy: work.now }))
  if (forgotten) work.counts.rows += 1
}

/** Whether every row that is due has gone. The index may lag behind deletions, so the rows themselves are asked. */
export async function isNothingDue({ ledger, now }: Pick<Work, 'ledger' | 'now'>): Promise<boolean> {
  for (const shard of expiryShards) {
    for await (const page of ledger.due(shard, now)) {
      const images = page.filter(({ id }) => !id.startsWith(idempotencyPrefix))
      const standing = await ledger.standing(images.map(({ id }) => id))
      if ([...standing.values()].some(({ expiresAt }) => expiresAt <= now)) return false
    }
  }
  return true
}
