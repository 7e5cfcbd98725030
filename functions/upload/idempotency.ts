/**
 * Idempotency keys. A key is bound to an image id before anything is stored, so every repetition, also one that
 * follows a crash half-way, works on the same id and finds what is already there.
 */
import { createHash } from 'node:crypto'
import { retention } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { IdempotencyRow } from '../shared/image.ts'
import { newImageId } from '../shared/keys.ts'
import { expiryOf, type Ledger } from '../shared/ledger.ts'

/** The id under which a request is carried out, and the moment that decides its key in the lake. */
export type Reservation = {
  readonly id: string
  readonly receivedAt: number
  readonly idempotencyId?: string
  /** An earlier attempt made it, and may still be at work. */
  readonly repeated?: true
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Hashed, because people put names and addresses into such keys. */
export const idempotencyRowId = (ownerId: string, key: string): string => `idempotency#${sha256(`${ownerId}\n${key}`)}`

/**
 * Finds or makes the reservation for a request.
 * @param request what the request asks for; the same key with another request is refused
 * @throws RequestError 409
 */
export async function reserve(
  { ledger, clock }: { ledger: Pick<Ledger, 'insert' | 'read' | 'forget'>; clock: () => number },
  ownerId: string,
  key: string | undefined,
  request: string,
): Promise<Reservation> {
  const now = clock()
  const fresh = { id: newImageId(), receivedAt: now }
  if (key === undefined) return fresh
  const idempotencyId = idempotencyRowId(ownerId, key)
  const row: IdempotencyRow = {
    id: idempotencyId,
    kind: 'idempotency',
    imageId: fresh.id,
    receivedAt: now,
    requestHash: sha256(request),
    ...expiryOf(fresh.id, now + retention.idempotency),
  }
  if (await ledger.insert(row)) return { ...fresh, idempotencyId }
  const standing = await ledger.read(idempotencyId)
  if (standing?.kind !== 'idempotency' || standing.expiresAt <= now) {
    await ledger.forget(idempotencyId, { expiredBy: now })
    return reserve({ ledger, clock }, ownerId, key, request)
  }
  if (standing.requestHash !== row.requestHash) {
    throw new RequestError(409, 'idempotency-key-reused', 'This Idempotency-Key belongs to another request', {
      hint: 'Use a new key for each image.',
    })
  }
  return { id: standing.imageId, receivedAt: standing.receivedAt, idempotencyId, repeated: true }
}
