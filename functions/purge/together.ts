/**
 * Erases many images in the steps of `eraseImage`, each step for all of them at once: rows closed, everything deleted,
 * listed again, entries for a receipt written. Listings and writes are shared, conditions, counts and receipts are each
 * image's own. Closed is what an intent names (`shared/receipts/intents.ts`): its rows have gone already.
 * An image that is odd in any way (more than a handful of objects, a refused deletion, something left or written
 * meanwhile) gets a closed row, leaves the others and is erased by itself.
 */
import pMap from 'p-map'
import { chunks } from '../shared/chunks.ts'
import { countOf, itemOfErasure, nothingRemoved, type Removed } from '../shared/erase.ts'
import { UnavailableError } from '../shared/errors.ts'
import type { ImageAddress } from '../shared/keys.ts'
import type { Standing } from '../shared/ledger-queries.ts'
import { type Intent, mostIntended, newIntentId } from '../shared/receipts/intents.ts'
import { addErasure } from '../shared/runs.ts'
import type { StoredVersion } from '../shared/versions.ts'
import { inventory, isNothing } from './inventory.ts'
import { concurrency, eraseOrCount, expiryWhenClosed, tryAndCount, type Work } from './work.ts'

/** As much of a row as an erasure needs. */
export type DueImage = Pick<Standing, 'id' | 'date' | 'expiresAt' | 'idempotencyId'>

/** Requests to S3 that delete at once; each does its deletions one after the other. */
const deletionsAtOnce = 4
/** S3's limit on one DeleteObjects. */
const mostDeleted = 1000

/** An image on its way through the steps. `refused`: not ours to erase. `alone`: has left the others. */
type Doomed = ImageAddress & {
  readonly row: DueImage
  readonly removed: Removed
  fate: 'open' | 'refused' | 'closed' | 'empty' | 'gone' | 'alone'
}

/** Lets the same stretch of work of several groups run one after the other, in the order in which they asked. */
export type InTurn = <T>(stretch: 'close' | 'list' | 'empty', task: () => Promise<T>) => Promise<T>

type Inventory = Awaited<ReturnType<typeof inventory<Doomed>>>

/**
 * Erases images that are due. Stops between any two requests where the run may not go on: what is closed by then gets a
 * closed row that is due at once, and the next run takes it up.
 * @param inTurn while one group is emptied, only the next is listed and only the one after it closed: all at once they would
 *   keep each other waiting. And what has been deleted is looked at before the next deletion begins, because versitygw fails a
 *   listing when a folder goes while it is read
 */
export async function eraseTogether(work: Work, rows: readonly DueImage[], inTurn: InTurn): Promise<void> {
  const all = rows.map((row): Doomed => ({ id: row.id, date: row.date, row, removed: nothingRemoved(), fate: 'open' }))
  const intents: Intent[] = []
  await inTurn('close', async () => {
    for (const some of chunks(all, mostTogether(all))) intents.push(...(await close(work, some)))
  })
  const closed = withFate(all, 'closed')
  const early = await inTurn('list', () => listEarly(work, closed))
  await inTurn('empty', () => orAlone(closed, () => empty(work, closed, early)))
  const byId = new Map(all.map((image) => [image.id, image]))
  const namedBy = (intent: Intent) => intent.images.flatMap(({ id }) => byId.get(id) ?? [])
  for (const intent of intents) await fulfil(work, intent, namedBy(intent))
  const alone = withFate(all, 'alone')
  const eraseEach = () => pMap(alone, (image) => eraseAlone(work, image), { concurrency })
  if (alone.length > 0) await inTurn('empty', eraseEach)
  for (const { fate, removed } of all) {
    if (fate !== 'alone') addErasure(work.counts, countOf(removed))
  }
}

/** Each Idempotency-Key that goes as well takes a place of its own. */
const mostTogether = (images: readonly Doomed[]): number =>
  images.some(({ row }) => row.idempotencyId !== undefined) ? mostIntended / 2 : mostIntended

const withFate = (images: readonly Doomed[], fate: Doomed['fate']): Doomed[] =>
  images.filter((image) => image.fate === fate)

/** A store that does not answer for all of them is asked for each, so that failures and outages count as ever. */
async function orAlone(images: readonly Doomed[], step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    for (const image of images) image.fate = 'alone'
  }
}

/**
 * The condition `dueBy` holds at the moment at which each image is closed: what lives longer by then is left alone.
 * @returns the intent, if there is any
 */
async function close(work: Work, images: readonly Doomed[]): Promise<Intent[]> {
  if (!work.mayGoOn()) return []
  const intended = images.map(({ id, date, row }) => {
    const { idempotencyId } = row
    return { id, date, expiresAt: expiryWhenClosed(work, row), ...(idempotencyId && { idempotencyId }) }
  })
  const id = newIntentId()
  try {
    const { forgotten, ...intent } = await work.receipts.intents.declare(id, intended, work.now)
    for (const image of images) if (forgotten.has(image.id)) image.removed.rows += 1
    return closedBy(intent, images)
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    // The answer may have been lost, and not the request.
    const intent = await tryAndCount(work, () => work.receipts.intents.find(id))
    return closedBy(intent, images, 'alone')
  }
}

function closedBy(intent: Intent | undefined, images: readonly Doomed[], otherwise: Doomed['fate'] = 'refused') {
  const named = new Set(intent?.images.map(({ id }) => id))
  for (const image of images) image.fate = named.has(image.id) ? 'closed' : otherwise
  return intent && named.size > 0 ? [intent] : []
}

/** A listing while the group before is being deleted. Where that makes it fail (see `inTurn`), it is made again in its turn. */
async function listEarly(work: Work, closed: readonly Doomed[]): Promise<Inventory | undefined> {
  if (!work.mayGoOn()) return undefined
  try {
    return await inventory(work.lake, closed)
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    return undefined
  }
}

/** Deletes what lies there for images whose rows are closed, and lists again: what has nothing left is `empty`. */
async function empty(work: Work, closed: readonly Doomed[], early: Inventory | undefined): Promise<void> {
  if (!work.mayGoOn()) return
  const found = early ?? (await inventory(work.lake, closed))
  const shared = closed.filter((image) => found.has(image))
  for (const image of closed) if (!found.has(image)) image.fate = 'alone'

  const versions = shared.flatMap((image) => {
    const { objects = [], metadata = [] } = found.get(image) ?? {}
    const { removed } = image
    return [...objects.map((entry) => [entry, removed.images]), ...metadata.map((entry) => [entry, removed.metadata])]
  }) as [StoredVersion, Removed['images']][]
  const size = Math.min(mostDeleted, Math.ceil(versions.length / deletionsAtOnce))
  await pMap(chunks(versions, size), (some) => deleteTogether(work, some), { concurrency: deletionsAtOnce })
  for (const image of shared) {
    const { uploads = [] } = found.get(image) ?? {}
    if (uploads.length > 0 && work.mayGoOn()) await work.lake.abortUploads(uploads, image.removed.images)
  }

  if (!work.mayGoOn()) return
  const left = await inventory(work.lake, shared, { expectsNothing: true })
  for (const image of shared) {
    const { images, metadata } = image.removed
    const seen = left.get(image)
    const isEmpty = seen !== undefined && isNothing(seen)
    image.fate = isEmpty && images.errors.length + metadata.errors.length === 0 ? 'empty' : 'alone'
  }
}

async function deleteTogether(work: Work, versions: readonly [StoredVersion, Removed['images']][]): Promise<void> {
  if (!work.mayGoOn()) return
  const counts = new Map(versions)
  await work.lake.deleteVersions([...counts.keys()], (entry) => counts.get(entry) as Removed['images'])
}

/** Leaves entries for receipts of what is empty; what is not gets a closed row, and goes by itself. */
async function fulfil(work: Work, intent: Intent, images: readonly Doomed[]): Promise<void> {
  const emptied = withFate(images, 'empty')
  for (const image of images) if (image.fate !== 'empty') image.fate = 'alone'
  const why = { reason: 'due', run: work.runId, cutOff: work.now } as const
  const erased = new Map(emptied.map(({ id, removed }) => [id, itemOfErasure(removed, why)]))
  let answerLost = false
  const ended = await tryAndCount(work, async () => {
    try {
      return (await work.receipts.intents.fulfil(intent, erased)) || answerLost
    } catch (error) {
      answerLost = true
      throw error
    }
  })
  // Otherwise it stays, or somebody else has ended it: whoever ends it counts it.
  if (!ended) return
  for (const image of emptied) {
    image.fate = 'gone'
    image.removed.rows += 1
  }
  work.counts.images += emptied.length
  await work.toldOf(emptied.length)
}

async function eraseAlone(work: Work, { row, removed }: Doomed): Promise<void> {
  if (!work.mayGoOn()) return addErasure(work.counts, countOf(removed))
  const erasure = await eraseOrCount(work, row, { dueBy: work.now, removed })
  if (erasure?.outcome === 'erased') work.counts.images += 1
}
