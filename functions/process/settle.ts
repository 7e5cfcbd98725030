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
  await writeMetadata(parts.lake, row)
  if (!isGone(await parts.ledger.get(row.id))) return 'overtaken'
  await emptyPrefix(parts.lake, address)
  return 'gone'
}
