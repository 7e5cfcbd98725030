/**
 * Erases many images in the steps of `eraseImage`, each step for all of them at once: rows closed, everything deleted,
 * listed again, rows deleted. Listings and writes are shared, conditions, counts and receipts are each image's own.
 * An image that is odd in any way (more than a handful of objects, a refused deletion, something left or written
 * meanwhile) leaves the others and is erased by itself.
 */
import pMap from 'p-map'
import { chunks } from '../shared/chunks.ts'
import { countOf, itemOfErasure, nothingRemoved, type Removed } from '../shared/erase.ts'
import { UnavailableError } from '../shared/errors.ts'
import type { ImageAddress } from '../shared/keys.ts'
import type { Standing } from '../shared/ledger-queries.ts'
import { mostRemoved } from '../shared/receipts/outbox.ts'
import { addErasure } from '../shared/runs.ts'
import { mostActions } from '../shared/transactions.ts'
import type { StoredVersion } from '../shared/versions.ts'
import { inventory, isNothing } from './inventory.ts'
import { concurrency, eraseOrCount, expiryWhenClosed, type Work } from './work.ts'

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

/** Lets no two stretches of work that list and delete run at once. */
export type InTurn = <T>(task: () => Promise<T>) => Promise<T>

/**
 * Erases images that are due. Stops between any two requests where the run may not go on: what is closed by then is
 * due at once, and the next run takes it up.
 * @param inTurn versitygw fails a listing when a folder goes while it is read; so these wait for each other
 */
export async function eraseTogether(work: Work, rows: readonly DueImage[], inTurn: InTurn): Promise<void> {
  const all = rows.map((row): Doomed => ({ id: row.id, date: row.date, row, removed: nothingRemoved(), fate: 'open' }))
  await orAlone(all, () => close(work, all))
  await inTurn(async () => {
    const closed = withFate(all, 'closed')
    await orAlone(closed, () => empty(work, closed))
  })
  const verified = withFate(all, 'empty')
  await orAlone(verified, () => removeRows(work, verified))
  await inTurn(() => pMap(withFate(all, 'alone'), (image) => eraseAlone(work, image), { concurrency }))
  for (const { fate, removed } of all) {
    if (fate !== 'alone') addErasure(work.counts, countOf(removed))
  }
}

const withFate = (images: readonly Doomed[], fate: Doomed['fate']): Doomed[] =>
  images.filter((image) => image.fate === fate)

/** A store that does not answer for all of them is asked for each, so that failures and outages count as ever. */
async function orAlone(images: readonly Doomed[], step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    for (const image of images) if (image.fate !== 'gone' && image.fate !== 'refused') image.fate = 'alone'
  }
}

/** The condition `dueBy` holds at the moment at which each row is closed: what lives longer by then is left alone. */
async function close(work: Work, images: readonly Doomed[]): Promise<void> {
  for (const some of chunks(images, mostActions)) {
    if (!work.mayGoOn()) return
    const rows = some.map(({ row }) => ({ id: row.id, expiresAt: expiryWhenClosed(work, row) }))
    const closed = await work.ledger.closeAll(rows, work.clock(), work.now)
    for (const image of some) image.fate = closed.has(image.id) ? 'closed' : 'refused'
  }
}

/** Deletes what lies there for images whose rows are closed, and lists again: what has nothing left is `empty`. */
async function empty(work: Work, closed: readonly Doomed[]): Promise<void> {
  if (!work.mayGoOn()) return
  const found = await inventory(work.lake, closed)
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

/** Forgets Idempotency-Keys that still stand for their images, then deletes the rows, which leaves entries for receipts. */
async function removeRows(work: Work, images: readonly Doomed[]): Promise<void> {
  for (const some of chunks(images, mostRemoved)) {
    if (!work.mayGoOn()) return
    const keys = some.flatMap(({ row }): [string, string][] =>
      row.idempotencyId === undefined ? [] : [[row.id, row.idempotencyId]],
    )
    const forgotten = await work.ledger.forgetAll(new Map(keys))
    for (const image of some) if (forgotten.has(image.id)) image.removed.rows += 1
    const why = { reason: 'due', run: work.runId, cutOff: work.now } as const
    const entries = await work.receipts.removeRows(
      new Map(some.map(({ id, removed }) => [id, itemOfErasure(removed, why)])),
    )
    for (const image of some) {
      image.fate = 'gone'
      if (entries.has(image.id)) image.removed.rows += 1
    }
    work.counts.images += some.length
    work.outages.inARow = 0
    await work.toldOf(entries.size)
  }
}

async function eraseAlone(work: Work, { row, removed }: Doomed): Promise<void> {
  if (!work.mayGoOn()) return addErasure(work.counts, countOf(removed))
  const erasure = await eraseOrCount(work, row, { dueBy: work.now, removed })
  if (erasure?.outcome === 'erased') work.counts.images += 1
}
