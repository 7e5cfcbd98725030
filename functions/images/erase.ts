/** Erasure on request: the one way in which an image disappears, a receipt, and a record that it was asked for. */
import type { ReceiptReference } from '../../contract/receipts.ts'
import type { Erasure } from '../../contract/schemas.ts'
import { type Erasure as Erased, type ErasureOptions, type ErasureParts, eraseImage } from '../shared/erase.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Logger } from '../shared/log.ts'
import type { Receipts } from '../shared/receipts/receipts.ts'
import { addErasure, erasureRun, noCounts, type Runs, recordRun } from '../shared/runs.ts'

export type EraseOwnParts = ErasureParts & {
  readonly receipts: Receipts
  readonly runs: Runs
  readonly logger: Pick<Logger, 'error'>
}

/**
 * Erases an image for its owner, writes the receipt and records the counts. A receipt that cannot be written now keeps
 * nobody's image alive: what it will tell was made durable when the row went, and the next writer tells it.
 * @param only to give an upload up, and not to erase an image that was completed meanwhile
 * @throws IncompleteErasureError where a store did not answer; the image is closed then, and the purge goes on
 */
export async function eraseOwn(
  parts: EraseOwnParts,
  row: ImageRow,
  only: Pick<ErasureOptions, 'unfinished'> = {},
): Promise<Erasure> {
  const startedAt = parts.clock()
  const erasure = await eraseImage(parts, row, { ownerId: row.ownerId, ...only })
  if (erasure.outcome === 'completed') throw completedAlready()
  if (erasure.outcome === 'held') throw underHold()
  if (erasure.outcome !== 'erased') throw new RequestError(404, 'unknown-image', 'There is no such image any more')
  let receipt: ReceiptReference | undefined
  try {
    receipt = await receiptFor(parts.receipts, erasure.entry)
    await recordRun(parts, {
      ...erasureRun(erasure, { startedAt, finishedAt: parts.clock() }),
      ...(receipt && { receipt }),
    })
  } catch (error) {
    // The image is gone whether or not the record was written; saying otherwise would be the worse error.
    if (!(error instanceof UnavailableError)) throw error
    parts.logger.error('erasure not recorded', { error })
  }
  return {
    id: row.id,
    status: 'purged',
    versions: erasure.versions + erasure.metadataFiles,
    markers: erasure.markers,
    uploads: erasure.uploads,
    ...(receipt && { receipt }),
  }
}

const underHold = () =>
  new RequestError(409, 'held', 'The image is under a legal hold and cannot be erased now', {
    hint: 'It goes at its time, or when the hold ends. Ask those who run the platform.',
  })

/** An upload that is given up may have been completed a moment before. */
export const completedAlready = () =>
  new RequestError(409, 'already-complete', 'This upload has been completed', {
    hint: 'It is an image now: DELETE /images/{id} erases it.',
  })

/**
 * Erases an image for its owner as one of several: `recordMany` then writes one receipt and one record for all of them.
 * @throws as `eraseOwn`
 */
export async function eraseOneOfMany(parts: ErasureParts, row: ImageRow): Promise<Erased> {
  const erasure = await eraseImage(parts, row, { ownerId: row.ownerId })
  // To its owner an image that is kept must not count as gone.
  if (erasure.outcome === 'held') throw underHold()
  if (erasure.outcome !== 'erased') throw new RequestError(404, 'unknown-image', 'There is no such image any more')
  return erasure
}

/**
 * Writes the receipt and the record of several erasures. What fails here keeps nobody's image alive: each erasure has
 * left its entry for the next receipt in the transaction that deleted its row.
 */
export async function recordMany(
  parts: EraseOwnParts,
  erasures: readonly Erased[],
  times: { readonly startedAt: number; readonly finishedAt: number },
): Promise<void> {
  const [first] = erasures
  if (!first) return
  try {
    const chain = parts.receipts.open()
    for (const { entry } of erasures) if (entry) chain.watch(entry)
    await chain.issue()
    const [receipt] = erasures.flatMap(({ entry }) => (entry ? (chain.holding(entry) ?? []) : []))
    const counts = noCounts()
    for (const erasure of erasures) addErasure(counts, erasure)
    const run = { ...erasureRun(first, times), ...counts, images: erasures.length }
    await recordRun(parts, { ...run, ...(receipt && { receipt }) })
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    parts.logger.error('erasures not recorded', { error })
  }
}

/** @returns undefined where somebody else deleted the row, or wrote the receipt before we could see it */
async function receiptFor(receipts: Receipts, entry: string | undefined): Promise<ReceiptReference | undefined> {
  const chain = receipts.open()
  if (entry) chain.watch(entry)
  await chain.issue()
  return entry ? chain.holding(entry) : undefined
}
