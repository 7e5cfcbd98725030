/**
 * Taking in an image: object and row, then the event. It is acknowledged only when object and row are durable, and the
 * event is in Kafka or the row in the outbox, from which the republish sweep sends it: nothing acknowledged is lost.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type ImageType, imageTypes, retention } from '../../platform.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { dateOf, isUncertain, originalKey, termOf, unsettledOf } from '../shared/keys.ts'
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
  if (reservation.repeated) {
    const earlier = await ledger.get(reservation.id)
    if (earlier) return standing(parts, earlier, image)
  }
  await parts.admit(image.ownerId, image.body.byteLength)
  const row = receivedRow(reservation, image)
  const { original, inserted } = await (reservation.repeated ? storeInTurn : storeAtOnce)(parts, row, image)
  if (!inserted) {
    const winner = await ledger.get(row.id)
    if (winner) return standing(parts, winner, image)
    throw new UnavailableError('ledger-unavailable', 'The ledger changed while the image was being recorded')
  }
  if (original.existed && !(await parts.lake.head(row.key, 1))) {
    // The orphan search took away what an interrupted first attempt had left, just before there was a row.
    await storeOriginal(parts.lake, row, image)
  }
  await publishOrLeave(parts, [row], trace)
  return row
}

type Stored = { readonly original: { readonly existed: boolean }; readonly inserted: boolean }

/**
 * Row and object on their way at the same time (docs/decisions/0421). A row whose object did not arrive is taken back,
 * unless a repetition of the request has stored the object meanwhile and relies on the row.
 */
async function storeAtOnce({ lake, ledger, clock, logger }: AcceptParts, row: ImageRow, image: CheckedImage) {
  const [original, inserted] = await Promise.allSettled([storeOriginal(lake, row, image), ledger.insert(row)])
  if (original.status === 'rejected') {
    if (inserted.status === 'fulfilled' && inserted.value) {
      await ledger.withdraw(row).catch((error) => logger.warn('row not taken back', { imageId: row.id, error }))
    }
    throw original.reason
  }
  if (inserted.status === 'rejected') throw inserted.reason
  checkYoung(row, clock())
  return { original: original.value, inserted: inserted.value } satisfies Stored
}

/**
 * The search for orphan rows closes a row whose object is missing when the grace is over. What was stored well before
 * that, it has seen; of anything later it may not have.
 */
function checkYoung({ receivedAt }: ImageRow, now: number): void {
  if (now - receivedAt <= retention.orphanGrace / 2) return
  throw new UnavailableError(
    'upload-abandoned',
    'The first attempt of this upload ended long ago, and is being removed',
  )
}

/** For an id that has been at work before: its age no longer tells whether the row waits for an object under way. */
async function storeInTurn({ lake, ledger }: AcceptParts, row: ImageRow, image: CheckedImage) {
  const original = await storeOriginal(lake, row, image)
  return { original, inserted: await ledger.insert(row) } satisfies Stored
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
  const uncertain = rows.filter(isUncertain)
  if (uncertain.length > 0) await ledger.leaveToSweep(uncertain)
}

/**
 * Acknowledges again what an earlier attempt has recorded. Its row may be there without the object, which may still fail:
 * so the object is stored first, and then the mark is set with which the earlier attempt no longer takes the row back.
 */
async function standing(parts: AcceptParts, row: ImageRow, image: CheckedImage): Promise<ImageRow> {
  if (row.status === 'purged') {
    throw new RequestError(410, 'erased', 'The image that this Idempotency-Key stands for has been erased', {
      hint: 'Use a new key to upload it again.',
    })
  }
  if (!isUncertain(row)) return row
  await storeOriginal(parts.lake, row, image)
  checkYoung(row, parts.clock())
  const marked = await parts.ledger.leaveToSweep([row])
  if (marked.has(row.id)) return row
  const now = await parts.ledger.get(row.id)
  if (now) return standing(parts, now, image)
  throw new UnavailableError('ledger-unavailable', 'An earlier attempt failed and took its row back meanwhile')
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
const storeOriginal = (lake: Lake, row: ImageRow, image: CheckedImage): Promise<{ existed: boolean }> =>
  lake.putNew(row.key, image.body, image.contentType, image.sha256)
