/**
 * Taking in an image: object, then row, then event. It is acknowledged only when object and row are durable; an
 * event that does not reach Kafka is left to the republish sweep, so that nothing acknowledged is lost.
 */
import { type ImageType, imageTypes } from '../../platform.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { dateOf, originalKey, termOf } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import { expiryOf, type Ledger, ownerContentOf, pendingOf } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { type Reservation, reserve } from './idempotency.ts'
import type { Admit } from './quota.ts'

export type AcceptParts = {
  readonly ledger: Ledger
  readonly lake: Lake
  readonly clock: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Refuses what is beyond the person's quota. */
  readonly admit: Admit
  /** Puts the event into Kafka and records it; throws UnavailableError where that has to wait. */
  readonly publish: (row: ImageRow, trace: string) => Promise<unknown>
}

export type CheckedImage = {
  readonly ownerId: string
  readonly body: Uint8Array
  readonly contentType: ImageType
  readonly sha256: string
  readonly name: string | undefined
  readonly idempotencyKey: string | undefined
  /** Where the uploader wants it kept for less than the promise. */
  readonly retentionMs?: number | undefined
}

/**
 * Stores a checked image and asks for its processing.
 * @returns the row that now stands for it; for a repeated Idempotency-Key the row of the first time
 * @throws UnavailableError when lake or ledger did not answer: nothing has been acknowledged then
 */
export async function acceptImage(parts: AcceptParts, image: CheckedImage, trace: string): Promise<ImageRow> {
  const { ledger } = parts
  const request = `direct\n${image.contentType}\n${image.sha256}${image.retentionMs === undefined ? '' : `\n${image.retentionMs}`}`
  const reservation = await reserve(parts, image.ownerId, image.idempotencyKey, request)
  if (reservation.idempotencyId) {
    const earlier = await ledger.get(reservation.id)
    if (earlier) return stillThere(earlier)
  }
  await parts.admit(image.ownerId, image.body.byteLength)
  const row = receivedRow(reservation, image)
  const original = await storeOriginal(parts.lake, row, image)
  const stored = { ...row, ...(original.versionId && { versionId: original.versionId }) }
  if (!(await ledger.insert(stored))) {
    const winner = await ledger.get(row.id)
    if (winner) return stillThere(winner)
    throw new UnavailableError('ledger-unavailable', 'The ledger changed while the image was being recorded')
  }
  if (original.existed && !(await parts.lake.head(row.key, 1))) {
    // The orphan search took away what an interrupted first attempt had left, just before there was a row.
    await storeOriginal(parts.lake, row, image)
  }
  await publishOrLeave(parts, stored, trace)
  return stored
}

/** Publishes; where Kafka does not answer, the row stays pending and the sweep will do it. */
export async function publishOrLeave({ publish, logger }: AcceptParts, row: ImageRow, trace: string): Promise<void> {
  try {
    await publish(row, trace)
    logger.info('image accepted', { imageId: row.id, bytes: row.bytes, published: true })
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    logger.warn('event left to the sweep', { imageId: row.id, published: false, error })
  }
}

function stillThere(row: ImageRow): ImageRow {
  if (row.status !== 'purged') return row
  throw new RequestError(410, 'erased', 'The image that this Idempotency-Key stands for has been erased', {
    hint: 'Use a new key to upload it again.',
  })
}

function receivedRow({ id, receivedAt, idempotencyId }: Reservation, image: CheckedImage): ImageRow {
  const date = dateOf(receivedAt)
  const extension = imageTypes[image.contentType]
  return {
    id,
    kind: 'image',
    ownerId: image.ownerId,
    status: 'received',
    date,
    key: originalKey({ id, date }, extension),
    contentType: image.contentType,
    extension,
    bytes: image.body.byteLength,
    sha256: image.sha256,
    ownerContent: ownerContentOf(image.ownerId, image.sha256),
    ...(image.name !== undefined && { name: image.name }),
    ...(idempotencyId && { idempotencyId }),
    receivedAt,
    changedAt: receivedAt,
    attempts: 0,
    ...(image.retentionMs !== undefined && { retentionMs: image.retentionMs }),
    ...expiryOf(id, receivedAt + termOf(image)),
    ...pendingOf(id, receivedAt),
  }
}

/** A key that is taken already holds the same bytes: only a repetition of this very request can have written it. */
async function storeOriginal(lake: Lake, row: ImageRow, image: CheckedImage) {
  const stored = await lake.putNew(row.key, image.body, image.contentType, image.sha256)
  if (!stored.existed) return stored
  return { existed: true, versionId: (await lake.head(row.key, 1))?.versionId }
}
