/** The purge's first step: whatever the expiry index says is due, read again before it is believed. */
import pMap from 'p-map'
import PQueue from 'p-queue'
import { expiryShards, idempotencyPrefix } from '../shared/keys.ts'
import type { IndexEntry, Standing } from '../shared/ledger-queries.ts'
import { mostRemoved } from '../shared/receipts/outbox.ts'
import { type DueImage, eraseTogether } from './together.ts'
import { concurrency, eraseOrCount, tryAndCount, type Work } from './work.ts'

/** Rows read at once: one BatchGetItem. */
const chunkSize = 100

/**
 * Images that are put into order before the first of them goes. The index gives them by time, the lake by day and id:
 * the more of them are sorted, the more are neighbours there and share listings. Some 300 bytes of memory each.
 */
const sortedAtOnce = 20_000

/** Images that go together: their rows are deleted by two transactions. */
const togetherAtOnce = 2 * mostRemoved

/** While the objects of some are deleted, the rows of the next are closed and those of the last are deleted. */
const stages = 3

/** Erases the images that are due, unfinished uploads among them, and forgets expired idempotency keys. */
export async function purgeDue(work: Work): Promise<void> {
  const turns = new PQueue({ concurrency: 1 })
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => turns.add(task) as Promise<T>
  await pMap(neighbours(work), (images) => eraseTogether(work, images, inTurn), { concurrency: stages })
}

/** What is due, sorted and cut so that those who go together lie together in the lake. */
async function* neighbours(work: Work): AsyncGenerator<DueImage[]> {
  let images: DueImage[] = []
  function* sorted() {
    images.sort((a, b) => compare(a.date, b.date) || compare(a.id, b.id))
    for (let start = 0; start < images.length && work.mayGoOn(); start += togetherAtOnce) {
      yield images.slice(start, start + togetherAtOnce)
    }
    images = []
  }
  for await (const more of dueImages(work)) {
    images.push(...more)
    if (images.length >= sortedAtOnce) yield* sorted()
  }
  yield* sorted()
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

async function* dueImages(work: Work): AsyncGenerator<DueImage[]> {
  for (const shard of shardsFrom(work.now)) {
    for await (const page of work.ledger.due(shard, work.now)) {
      for (let start = 0; start < page.length && work.mayGoOn(); start += chunkSize) {
        yield await read(work, page.slice(start, start + chunkSize))
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

/** Forgets the keys among the entries, and reads the images again. */
async function read(work: Work, entries: readonly IndexEntry[]): Promise<DueImage[]> {
  const isKey = ({ id }: IndexEntry) => id.startsWith(idempotencyPrefix)
  await pMap(entries.filter(isKey), ({ id }) => forgetKey(work, id), { concurrency })
  const standing = await work.ledger.standing(entries.filter((entry) => !isKey(entry)).map(({ id }) => id))
  return [...standing.values()]
    .filter(({ expiresAt }) => expiresAt <= work.now)
    .map(({ id, date, expiresAt, idempotencyId }) => ({ id, date, expiresAt, ...(idempotencyId && { idempotencyId }) }))
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
  async function isDone(shard: string): Promise<boolean> {
    for await (const page of ledger.due(shard, now)) {
      const images = page.filter(({ id }) => !id.startsWith(idempotencyPrefix))
      const standing = await ledger.standing(images.map(({ id }) => id))
      if ([...standing.values()].some(({ expiresAt }) => expiresAt <= now)) return false
    }
    return true
  }
  return (await pMap(expiryShards, isDone, { concurrency })).every(Boolean)
}
