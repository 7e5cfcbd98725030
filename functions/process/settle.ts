/**
 * Telling the ledger how an image ended, and obeying where it disagrees: a row that has gone means that the image was
 * erased while it was in work, so whatever was written meanwhile is removed again. Nothing purged comes back.
 */
import { emptyPrefix } from '../shared/erase.ts'
import type { ImageRow } from '../shared/image.ts'
import { type ImageAddress, metadataKey } from '../shared/keys.ts'
import type { Transition } from '../shared/ledger.ts'
import type { DeliveryParts } from './parts.ts'
import { metadataRecord } from './record.ts'

export const isGone = (row: ImageRow | undefined): boolean => row === undefined || row.status === 'purged'

/** Writes the metadata file as the row stands. */
export const writeMetadata = (lake: DeliveryParts['lake'], row: ImageRow): Promise<void> =>
  lake.put(metadataKey(row), JSON.stringify(metadataRecord(row)), 'application/json')

/**
 * Of two deliveries that end an image in different ways, the one that loses may crash between its file and the ledger's
 * refusal, and leave a file that contradicts the row. Its record then comes again, and this puts the file right.
 * @returns as `settle`, for a row that another delivery has settled
 */
export async function mendMetadata(
  row: ImageRow,
  address: ImageAddress,
  parts: Pick<DeliveryParts, 'lake' | 'ledger'>,
): Promise<'overtaken' | 'gone'> {
  const found = await parts.lake.get(metadataKey(row))
  if (found && Buffer.from(found).toString() === JSON.stringify(metadataRecord(row))) return 'overtaken'
  await writeMetadata(parts.lake, row)
  if (!isGone(await parts.ledger.get(row.id))) return 'overtaken'
  await emptyPrefix(parts.lake, address)
  return 'gone'
}

/**
 * @param transition what the ledger answered to the status that was wanted
 * @returns `settled` where the status holds, `overtaken` where another delivery had settled the image in another way,
 *   `gone` where the image has been erased; then nothing of it is in the lake any more
 */
export async function settle(
  transition: Transition,
  wanted: 'processed' | 'quarantined',
  address: ImageAddress,
  parts: DeliveryParts,
): Promise<'settled' | 'overtaken' | 'gone'> {
  if (transition.ok) return 'settled'
  const { row } = transition
  if (row === undefined || isGone(row)) {
    await emptyPrefix(parts.lake, address)
    return 'gone'
  }
  if (row.status === wanted) return 'overtaken'
  // The file that was written for the other ending must not contradict the row.
  return mendMetadata(row, address, parts)
}
