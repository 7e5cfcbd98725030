/**
 * Uploads in parts, for large files: what has arrived stays, so an upload that broke off goes on with the rest, from
 * the same page or from another one. S3 keeps the parts; the row names S3's upload, and ends it after its term.
 */
import type { MultipartUpload, UploadRequest } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'
import { reserve } from './idempotency.ts'
import type { PartsStore, StoredPart } from './parts-store.ts'
import type { Admit } from './quota.ts'
import { unknownUpload, uploadingRow } from './uploading.ts'

export type MultipartParts = {
  readonly ledger: Pick<Ledger, 'get' | 'insert' | 'read' | 'forget' | 'startParts'>
  readonly store: PartsStore
  readonly admit: Admit
  readonly clock: () => number
}

/** Numbers from 1, and lengths: all parts are equally long but the last. Pure. */
export function partsOf(bytes: number, partBytes: number): { number: number; bytes: number }[] {
  const count = Math.ceil(bytes / partBytes)
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    bytes: Math.min(partBytes, bytes - index * partBytes),
  }))
}

/**
 * Reserves an id, starts an upload in parts and says where to send them. Repeated under its Idempotency-Key, it says
 * which are still missing.
 * @throws RequestError 410 where the image that the key stands for has been erased
 */
export async function startMultipart(
  parts: MultipartParts,
  ownerId: string,
  request: UploadRequest,
  idempotencyKey: string | undefined,
): Promise<Omit<MultipartUpload, 'complete_url'>> {
  const asked = `multipart\n${request.content_type}\n${request.bytes}\n${request.sha256 ?? ''}\n${request.name ?? ''}`
  const reservation = await reserve(parts, ownerId, idempotencyKey, asked)
  const fresh = uploadingRow(reservation, ownerId, request)
  const repeated = reservation.idempotencyId && (await parts.ledger.get(fresh.id))
  if (!repeated) await parts.admit(ownerId, request.bytes)
  const row = (await parts.ledger.insert(fresh)) ? fresh : await parts.ledger.get(fresh.id)
  if (!row || row.status === 'purged') {
    throw new RequestError(410, 'erased', 'The upload that this Idempotency-Key stands for has been given up', {
      hint: 'Use a new key to upload it again.',
    })
  }
  return stateOf(parts, row.status === 'uploading' && !row.multipart ? await startParts(parts, row) : row)
}

/** S3's upload first, then its name in the row. One that does not get there holds nothing, and goes with the row. */
async function startParts({ ledger, store }: MultipartParts, row: ImageRow): Promise<ImageRow> {
  const uploadId = await store.start(row.key, row.contentType)
  const started = await ledger.startParts(row.id, { uploadId, partBytes: limits.uploadPartBytes })
  if (started.ok) return started.row
  if (!started.row || started.row.status === 'purged') throw unknownUpload()
  return started.row
}

/**
 * Which parts have arrived, with fresh links for the others.
 * @throws RequestError 404 also for what is not yours, or not an upload in parts
 */
export async function multipartState(
  parts: MultipartParts,
  ownerId: string,
  id: string,
): Promise<Omit<MultipartUpload, 'complete_url'>> {
  const row = isImageId(id) ? await parts.ledger.get(id) : undefined
  if (!row || row.ownerId !== ownerId || row.status === 'purged') throw unknownUpload()
  if (row.status === 'uploading' && !row.multipart) throw unknownUpload()
  return stateOf(parts, row)
}

async function stateOf(
  { store, clock }: MultipartParts,
  row: ImageRow,
): Promise<Omit<MultipartUpload, 'complete_url'>> {
  const { uploadId, partBytes = limits.uploadPartBytes } = row.multipart ?? {}
  // Without S3's upload there is nothing left to send: what has been put together waits to be completed, or is.
  const stored = uploadId && row.status === 'uploading' ? await store.list(row.key, uploadId) : undefined
  const states = partsOf(row.bytes, partBytes).map(async (part) => {
    if (!stored || !uploadId || hasArrived(stored, part)) return { ...part, arrived: true }
    return { ...part, arrived: false, url: await store.link(row.key, uploadId, part) }
  })
  return {
    id: row.id,
    bytes: row.bytes,
    part_bytes: partBytes,
    parts: await Promise.all(states),
    links_expire_at: new Date(clock() + limits.presignedPostSeconds * 1000).toISOString(),
    expires_at: new Date(row.expiresAt).toISOString(),
  }
}

const hasArrived = (stored: ReadonlyMap<number, StoredPart>, part: { number: number; bytes: number }) =>
  stored.get(part.number)?.bytes === part.bytes

/**
 * Puts the object together where all of its parts have arrived. Nothing to do where that has happened already.
 * @throws RequestError 409 where parts are missing; none of those that are there is lost
 */
export async function joinParts(store: PartsStore, row: ImageRow): Promise<void> {
  if (!row.multipart) return
  const { uploadId, partBytes } = row.multipart
  const stored = await store.list(row.key, uploadId)
  if (!stored) return
  const wanted = partsOf(row.bytes, partBytes)
  const missing = wanted.filter((part) => !hasArrived(stored, part)).length
  if (missing > 0) {
    throw new RequestError(409, 'parts-missing', `${missing} of ${wanted.length} parts have not arrived`, {
      hint: 'GET /uploads/{id}/parts says which, and where to send them.',
    })
  }
  const inOrder = wanted.flatMap(({ number }) => stored.get(number) ?? [])
  if (inOrder.length !== wanted.length) throw new UnavailableError('lake-unavailable', 'The lake lost sight of a part')
  await store.join(row.key, uploadId, inOrder)
}
