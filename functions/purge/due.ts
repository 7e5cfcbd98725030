/**
 * The purge's first step: whatever the expiry index says is due. The index lags behind its rows, so its word is not taken:
 * each row goes only where it is due, and not held, at that very moment (`closable`).
 */
import pLimit from 'p-limit'
import pMap from 'p-map'
import { chunks } from '../shared/chunks.ts'
import { expiryShards, idempotencyPrefix } from '../shared/keys.ts'
import type { Standing } from '../shared/ledger-queries.ts'
import { mostIntended } from '../shared/receipts/intents.ts'
import { type DueImage, eraseTogether, type InTurn } from './together.ts'
import { concurrency, eraseOrCount, tryAndCount, type Work } from './work.ts'

/**
 * Images that are put into order before the first of them goes. The index gives them by time, the lake by day and id:
 * the more of them are sorted, the more are neighbours there and share listings. Some 300 bytes of memory each.
 */
const sortedAtOnce = 20_000

/** Images that go together: two transactions close them. */
const togetherAtOnce = 2 * mostIntended
/** As many as go in smaller groups at first, so that S3 need not wait for two transactions before it has anything to do. */
const firstAtOnce = togetherAtOnce

/** While one group is emptied, another is listed, a third is closed, and of a fourth entries are left. */
const stages = 4

/** Erases the images that are due, unfinished uploads among them, and forgets expired idempotency keys. */
export async function purgeDue(work: Work): Promise<void> {
  await takeUpIntents(work)
  // And no p-queue, which holds on to what it has run, all its images with it, until it is empty once.
  const turns = { close: pLimit(1), list: pLimit(1), empty: pLimit(1) }
  const inTurn: InTurn = (stretch, task) => turns[stretch](task)
  await pMap(neighbours(work), (images) => eraseTogether(work, images, inTurn), { concurrency: stages })
}

/** What an earlier run was at when it was interrupted gets closed rows, which are due. */
async function takeUpIntents(work: Work): Promise<void> {
  const { intents } = work.receipts
  for (const intent of (await tryAndCount(work, intents.open)) ?? []) {
    if (work.mayGoOn()) await tryAndCount(work, () => intents.fulfil(intent, new Map()))
  }
}

/** What is due, sorted and cut so that those who go together lie together in the lake. */
async function* neighbours(work: Work): AsyncGenerator<DueImage[]> {
  let images: DueImage[] = []
  function* sorted() {
    images.sort((a, b) => compare(a.date, b.date) || compare(a.id, b.id))
    const first = chunks(images.slice(0, firstAtOnce), mostIntended)
    const others = chunks(images.slice(firstAtOnce), togetherAtOnce)
    for (const some of [...first, ...others]) if (work.mayGoOn()) yield some
    images = []
  }
  for await (const more of dueImages(work)) {
    images.push(...more)
    if (images.length >= sortedAtOnce) yield* sorted()
  }
  yield* sorted()
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The images among what the index names, a page at a time. Keys of requests that have expired are forgotten on the way. */
async function* dueImages(work: Work): AsyncGenerator<DueImage[]> {
  for (const shard of shardsFrom(work.now)) {
    for await (const page of work.ledger.due(shard, work.now)) {
      if (!work.mayGoOn()) return
      const { keys = [], images = [] } = Object.groupBy(page, ({ id }) => (isKey(id) ? 'keys' : 'images'))
      await pMap(keys, ({ id }) => forgetKey(work, id), { concurrency })
      yield images.map(({ at, ...entry }) => ({ ...entry, expiresAt: at }))
    }
  }
}

const isKey = (id: string): boolean => id.startsWith(idempotencyPrefix)

/** Each hour another shard comes first, so that a shard full of trouble cannot use up the time of all others for ever. */
function shardsFrom(now: number): string[] {
  const first = Math.floor(now / 3_600_000) % expiryShards.length
  return [...expiryShards.slice(first), ...expiryShards.slice(0, first)]
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

/**
 * Whether every row that is due has gone, and no erasure is under way. The index may lag behind deletions, so the rows
 * themselves are asked.
 */
export async function isNothingDue({ ledger, receipts, now }: Pick<Work, 'ledger' | 'receipts' | 'now'>) {
  async function isDone(shard: string): Promise<boolean> {
    for await (const page of ledger.due(shard, now)) {
      const images = page.filter(({ id }) => !isKey(id))
      const standing = await ledger.standing(images.map(({ id }) => id))
      if ([...standing.values()].some(({ expiresAt }) => expiresAt <= now)) return false
    }
    return true
  }
  const done = await pMap(expiryShards, isDone, { concurrency })
  return done.every(Boolean) && (await receipts.intents.open()).length === 0
}
