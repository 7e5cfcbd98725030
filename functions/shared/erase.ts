/**
 * The one way to make an image disappear. The row is closed first, so that no other part of the platform can change
 * the image any more, and deleted last, so that an erasure which was interrupted anywhere is taken up again.
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { ReceiptItem } from '../../contract/receipts.ts'
import { DarkroomError } from './errors.ts'
import type { ImageRow } from './image.ts'
import { imagePrefix, metadataKey } from './keys.ts'
import type { Lake } from './lake.ts'
import type { Ledger } from './ledger.ts'
import type { Erased, Receipts } from './receipts/receipts.ts'
import { type DeletionCount, emptyCount, mostNamedVersions } from './versions.ts'

/** What an erasure removed. Retried deletions count once. */
export type ErasureCount = {
  /** Versions of originals and renditions. */
  readonly versions: number
  readonly markers: number
  /** Unfinished multipart uploads. */
  readonly uploads: number
  /** Versions of the metadata file. */
  readonly metadataFiles: number
  /** Rows of the ledger: the image's and its idempotency key's. */
  readonly rows: number
}

/** What an erasure has removed so far; grows while it goes, over all attempts at one image. */
export type Removed = { readonly images: DeletionCount; readonly metadata: DeletionCount; rows: number }

export const nothingRemoved = (): Removed => ({ images: emptyCount(), metadata: emptyCount(), rows: 0 })

/**
 * `erased`: everything is gone, verified by listing. `gone`: there is no such row any more. `not-yours`: the row is
 * somebody else's. `not-due`: the row, read again at the moment of closing it, lives longer than `dueBy`. `completed`:
 * it should have been an upload under way, and is an image. `held`: it is under a legal hold. In the last five cases
 * nothing has been touched.
 */
export type Erasure = ErasureCount & {
  readonly outcome: 'erased' | 'gone' | 'not-yours' | 'not-due' | 'held' | 'completed'
  /** What waits for a receipt; absent where somebody else deleted the row first, and left the entry. */
  readonly entry?: string
}

export type ErasureParts = {
  readonly ledger: Ledger
  readonly lake: Lake
  readonly receipts: Pick<Receipts, 'removeRow'>
  readonly clock: () => number
}

export type ErasureOptions = {
  /** When the purge may take up an interrupted erasure; by default now, or the row's own time if that is earlier. */
  readonly expiresAt?: number
  /** Erase only what belongs to this person (erasure on request). */
  readonly ownerId?: string
  /** Erase only an upload that has not been completed (giving it up). */
  readonly unfinished?: boolean
  /** Erase only what is due by then (purge): an image whose time was extended meanwhile stays. */
  readonly dueBy?: number
  /** Why, for the receipt; on request where nothing is said. */
  readonly reason?: ReceiptItem['reason']
  /** The run of the purge that does it. */
  readonly run?: string
  /** What has been removed of this image before; is added to. */
  readonly removed?: Removed
}

/** Something is left in the lake although it was deleted several times. The row stays, closed, for the next run. */
export class IncompleteErasureError extends DarkroomError {
  readonly code = 'erasure-incomplete'
  readonly retriable = true
  readonly status = 503
  /** What has been removed all the same. */
  readonly count: ErasureCount

  constructor(count: ErasureCount, message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, hint: 'Nobody can see the image any more; the hourly purge finishes the erasure.' })
    this.count = count
  }
}

/** Listing and deleting are repeated this often: a processor that was at work may write once more in between. */
const rounds = 4
const firstPauseMs = 50

type Address = Pick<ImageRow, 'id' | 'date'>

/**
 * Closes the row, deletes every version, marker and unfinished upload of the image and its metadata, lists again to
 * verify, then deletes the idempotency row and last the row itself, which leaves an entry for a receipt in its place.
 * Safe to repeat and to run twice at once.
 * @param row the image as the caller has read it; id, date and idempotencyId decide what is deleted
 * @throws IncompleteErasureError where something is left or a store did not answer; the row is then `purged` and due
 */
export async function eraseImage(
  { ledger, lake, receipts, clock }: ErasureParts,
  row: Pick<ImageRow, 'id' | 'date' | 'expiresAt' | 'idempotencyId'>,
  options: ErasureOptions = {},
): Promise<Erasure> {
  const now = clock()
  const expiresAt = options.expiresAt ?? Math.min(row.expiresAt, now)
  const closed = await ledger.markPurged(row.id, now, expiresAt, {
    owner: options.ownerId,
    dueBy: options.dueBy,
    unfinished: options.unfinished ?? false,
  })
  const removed = options.removed ?? nothingRemoved()
  if (!closed.ok) return { ...countOf(removed), outcome: refusal(closed.row, options, now) }

  const { images, metadata } = removed
  let entry: string | undefined
  try {
    await emptyPrefix(lake, row, images, metadata)
    if (row.idempotencyId && (await ledger.forget(row.idempotencyId, { imageId: row.id }))) removed.rows += 1
    entry = await receipts.removeRow(row.id, itemOfErasure(removed, { ...options, cutOff: options.dueBy ?? now }))
    if (entry) removed.rows += 1
  } catch (cause) {
    const left = cause instanceof StillThereError ? cause.message : 'A store did not answer during the erasure'
    throw new IncompleteErasureError(countOf(removed), left, { cause })
  }
  return { ...countOf(removed), outcome: 'erased', ...(entry && { entry }) }
}

/**
 * What a receipt says of an image whose row is about to be deleted.
 * @param why.cutOff what was due by then, in epoch milliseconds
 */
export function itemOfErasure(
  removed: Removed,
  { reason = 'request', run, cutOff }: Pick<ErasureOptions, 'reason' | 'run'> & { readonly cutOff: number },
): Erased {
  const { metadataFiles, ...counts } = countOf(removed)
  return {
    ...counts,
    metadata_files: metadataFiles,
    rows: removed.rows + 1,
    version_ids: [...removed.images.versionIds, ...removed.metadata.versionIds].slice(0, mostNamedVersions),
    reason,
    ...(run && { run }),
    cut_off: new Date(cutOff).toISOString(),
  }
}

/**
 * Deletes whatever lies in the lake for an image, whether or not there is a row, and verifies it.
 * @param images counts what lay below the image's prefix; `metadata` what lay at its metadata key
 * @throws StillThereError when something is left after several rounds
 */
export async function emptyPrefix(
  lake: Pick<Lake, 'deleteEverything' | 'deleteKey' | 'isEmpty' | 'isKeyEmpty'>,
  image: Address,
  images: DeletionCount = emptyCount(),
  metadata: DeletionCount = emptyCount(),
): Promise<void> {
  const prefix = imagePrefix(image)
  const key = metadataKey(image)
  for (let round = 0; round < rounds; round += 1) {
    if (round > 0) await pause(firstPauseMs * 2 ** round)
    await Promise.all([lake.deleteEverything(prefix, images), lake.deleteKey(key, metadata)])
    const empty = await Promise.all([lake.isEmpty(prefix), lake.isKeyEmpty(key)])
    if (empty.every(Boolean)) return
  }
  const codes = [...new Set([...images.errors, ...metadata.errors].map(({ code }) => code))]
  throw new StillThereError(`Something is left after ${rounds} deletions (${codes.join(', ') || 'written again'})`)
}

/** The lake still holds something after it was told to delete it. */
export class StillThereError extends DarkroomError {
  readonly code = 'still-there'
  readonly retriable = true
}

function refusal(
  row: ImageRow | undefined,
  { ownerId, unfinished, dueBy = 0 }: ErasureOptions,
  now: number,
): Erasure['outcome'] {
  if (!row) return 'gone'
  if (ownerId !== undefined && row.ownerId !== ownerId) return 'not-yours'
  if ((row.heldUntil ?? 0) > (dueBy || now)) return 'held'
  if (!unfinished) return 'not-due'
  return row.status === 'purged' ? 'gone' : 'completed'
}

export const countOf = ({ images, metadata, rows }: Removed): ErasureCount => ({
  versions: images.versions,
  markers: images.markers + metadata.markers,
  uploads: images.uploads + metadata.uploads,
  metadataFiles: metadata.versions,
  rows,
})
