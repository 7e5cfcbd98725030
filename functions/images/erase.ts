/** Erasure on request: the one way in which an image disappears, a receipt, and a record that it was asked for. */
import type { ReceiptReference } from '../../contract/receipts.ts'
import type { Erasure } from '../../contract/schemas.ts'
import { type ErasureOptions, type ErasureParts, eraseImage } from '../shared/erase.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Logger } from '../shared/log.ts'
import type { Receipts } from '../shared/receipts/receipts.ts'
import { erasureRun, type Runs, recordRun } from '../shared/runs.ts'

/**
 * Erases an image for its owner, writes the receipt and records the counts. A receipt that cannot be written now keeps
 * nobody's image alive: what it will tell was made durable when the row went, and the next writer tells it.
 * @param only to give an upload up, and not to erase an image that was completed meanwhile
 * @throws IncompleteErasureError where a store did not answer; the image is closed then, and the purge goes on
 */
export async function eraseOwn(
  parts: ErasureParts & { readonly receipts: Receipts; readonly runs: Runs; readonly logger: Pick<Logger, 'error'> },
  row: ImageRow,
  only: Pick<ErasureOptions, 'unfinished'> = {},
): Promise<Erasure> {
  const startedAt = parts.clock()
  const erasure = await eraseImage(parts, row, { ownerId: row.ownerId, ...only })
  if (erasure.outcome === 'completed') throw completedAlready()
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

/** An upload that is given up may have been completed a moment before. */
export const completedAlready = () =>
  new RequestError(409, 'already-complete', 'This upload has been completed', {
    hint: 'It is an image now: DELETE /images/{id} erases it.',
  })

/** @returns undefined where somebody else deleted the row, or wrote the receipt before we could see it */
async function receiptFor(receipts: Receipts, entry: string | undefined): Promise<ReceiptReference | undefined> {
  const chain = receipts.open()
  if (entry) chain.watch(entry)
  await chain.issue()
  return entry ? chain.holding(entry) : undefined
}
