/**
 * Taking in an image: object, then row, then event. It is acknowledged only when object and row are durable, and the
 * event is in Kafka or the row in the outbox, from which the republish sweep sends it: nothing acknowledged is lost.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type ImageType, imageTypes } from '../../platform.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { dateOf, isUnsettled, originalKey, termOf, unsettledOf } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import { expiryOf, type Ledger, ownerContentOf } from '../shared/ledger.ts'
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
  /** Puts the events of up to 100 images into Kafka; throws UnavailableError where that has to wait. */
  readonly publish: (rows: readonly ImageRow[], trace: string) => Promise<unknown>
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
    if (earlier) return standing(parts, earlier)
  }
  await parts.admit(image.ownerId, image.body.byteLength)
  const row = receivedRow(reservation, image)
  const original = await storeOriginal(parts.lake, row, image)
  const stored = { ...row, ...(original.versionId && { versionId: original.versionId }) }
  if (!(await ledger.insert(stored))) {
    const winner = await ledger.get(row.id)
    if (winner) return standing(parts, winner)
    throw new UnavailableError('ledger-unavailable', 'The ledger changed while the image was being recorded')
  }
  if (original.existed && !(await parts.lake.head(row.key, 1))) {
    // The orphan search took away what an interrupted first attempt had left, just before there was a row.
    await storeOriginal(parts.lake, row, image)
  }
  await publishOrLeave(parts, [stored], trace)
  return stored
}

/**
 * Publishes; where Kafka does not answer, puts the rows into the outbox, and the sweep will do it. Neither may be missing
 * before an upload is acknowledged.
 * @throws UnavailableError where the ledger does not answer either: nothing may be acknowledged then
 */
export async function publishOrLeave(
  { publish, ledger, logger }: Pick<AcceptParts, 'publish' | 'ledger' | 'logger'>,
  rows: readonly ImageRow[],
  trace: string,
): Promise<void> {
  if (rows.length === 0) return
  // Written while Kafka is at work: a line takes 0.2 ms, for which the uploader would wait.
  const logged = turn().then(() => {
    for (const { id, bytes } of rows) logger.info('image recorded', { imageId: id, bytes })
  })
  try {
    await publish(rows, trace)
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    await ledger.leaveToSweep(rows)
    logger.warn('events left to the sweep', { images: rows.length, error })
  }
  await logged
}

/**
 * Images that an earlier attempt has recorded, before they are acknowledged again: it may have ended before it sent
 * their events, which cannot be told from events that the processor has not come to yet. So the sweep sends them, once.
 */
export async function ensurePublished({ ledger }: Pick<AcceptParts, 'ledger'>, rows: readonly ImageRow[]) {
  const uncertain = rows.filter(({ status, pendingShard = '' }) => status === 'received' && isUnsettled(pendingShard))
  if (uncertain.length > 0) await ledger.leaveToSweep(uncertain)
}

async function standing(parts: Pick<AcceptParts, 'ledger'>, row: ImageRow): Promise<ImageRow> {
  if (row.status === 'purged') {
    throw new RequestError(410, 'erased', 'The image that this Idempotency-Key stands for has been erased', {
      hint: 'Use a new key to upload it again.',
    })
  }
  await ensurePublished(parts, [row])
  return row
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
    ...unsettledOf(id, receivedAt),
  }
}

/** A key that is taken already holds the same bytes: only a repetition of this very request can have written it. */
async function storeOriginal(lake: Lake, row: ImageRow, image: CheckedImage) {
  const stored = await lake.putNew(row.key, image.body, image.contentType, image.sha256)
  if (!stored.existed) return stored
  return { existed: true, versionId: (await lake.head(row.key, 1))?.versionId }
}
