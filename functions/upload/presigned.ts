/**
 * Uploads that are too large for Lambda: the browser sends the file to S3 with a presigned POST, then says that it is
 * complete. The policy fixes key, type and exact length, so nothing else can be stored with it.
 */
import type { PresignedPost } from '@aws-sdk/s3-presigned-post'
import type { UploadRequest } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId, termOf } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import { type AcceptParts, ensurePublished, publishOrLeave } from './accept.ts'
import { checkBytes } from './check.ts'
import { reserve } from './idempotency.ts'
import { joinParts } from './multipart.ts'
import type { PartsStore } from './parts-store.ts'
import { contentOf, unknownUpload, uploadingRow } from './uploading.ts'

/** Makes a presigned POST for exactly this key, type and length. */
export type PresignPost = (object: { key: string; contentType: string; bytes: number }) => Promise<PresignedPost>

/** Enough of a file to know its type. */
const sniffLength = 4096

/** Reserves an id and returns where to send the file. */
export async function startUpload(
  parts: AcceptParts & { presign: PresignPost },
  ownerId: string,
  request: UploadRequest,
  idempotencyKey: string | undefined,
): Promise<{ row: ImageRow; post: PresignedPost; expiresAt: number }> {
  const asked = `presigned\n${request.content_type}\n${request.bytes}\n${request.sha256 ?? ''}\n${request.name ?? ''}${request.retention_seconds === undefined ? '' : `\n${request.retention_seconds}`}`
  const reservation = await reserve(parts, ownerId, idempotencyKey, asked)
  const row = uploadingRow(reservation, ownerId, request)
  const repeated = reservation.idempotencyId && (await parts.ledger.get(row.id))
  if (!repeated) await parts.admit(ownerId, request.bytes)
  if (!(await parts.ledger.insert(row))) {
    const standing = await parts.ledger.get(row.id)
    if (standing?.status !== 'uploading' || standing.multipart) {
      throw new RequestError(409, 'already-complete', 'This upload has already been completed or erased', {
        hint: 'Use a new Idempotency-Key to upload it again.',
      })
    }
  }
  const post = await parts.presign({ key: row.key, contentType: row.contentType, bytes: row.bytes })
  return { row, post, expiresAt: parts.clock() + limits.presignedPostSeconds * 1000 }
}

/**
 * Puts the parts together where it came in parts, checks what arrived, records it as received and asks for its
 * processing. Repeating it changes nothing.
 * @throws RequestError 404 for other people's uploads too: whether they exist is none of the caller's business
 */
export async function completeUpload(
  parts: AcceptParts & { readonly store: PartsStore },
  ownerId: string,
  id: string,
  trace: string,
): Promise<ImageRow> {
  const row = isImageId(id) ? await parts.ledger.get(id) : undefined
  if (!row || row.ownerId !== ownerId || row.status === 'purged') throw unknownUpload()
  if (row.status !== 'uploading') {
    await ensurePublished(parts, [row])
    return row
  }
  await joinParts(parts.store, row)
  const object = await checkArrived(parts.lake, row)
  const now = parts.clock()
  const completed = await parts.ledger.completeUpload(id, {
    at: now,
    bytes: object.bytes,
    versionId: object.versionId,
    expiresAt: now + termOf(row),
    owner: ownerId,
    ...contentOf(row),
  })
  if (!completed.ok) {
    if (!completed.row || completed.row.status === 'purged') throw unknownUpload()
    await ensurePublished(parts, [completed.row])
    return completed.row
  }
  await publishOrLeave(parts, [completed.row], trace)
  return completed.row
}

/**
 * Looks at what has arrived for an announced upload.
 * @throws RequestError 409 where nothing has, or of another length or checksum; 415 where it is of another type
 */
export async function checkArrived(
  lake: Lake,
  row: ImageRow,
): Promise<{ bytes: number; versionId?: string | undefined }> {
  const object = await lake.head(row.key, sniffLength)
  if (!object) {
    throw new RequestError(409, 'not-arrived', 'The file has not arrived', {
      hint: 'Send it to the URL that was returned for it, then complete it.',
    })
  }
  if (object.bytes !== row.bytes) {
    throw new RequestError(409, 'wrong-length', `${object.bytes} bytes arrived, ${row.bytes} were announced`, {
      hint: 'Start a new upload.',
    })
  }
  checkBytes(object.start, row.contentType)
  if (row.sha256) await checkAnnounced(lake, row.key, row.sha256, object.versionId)
  return object
}

/** Reads what was stored once more: only so is it known that it is what the sender had. */
async function checkAnnounced(
  lake: Lake,
  key: string,
  announced: string,
  versionId: string | undefined,
): Promise<void> {
  if ((await lake.sha256(key, versionId)) === announced) return
  throw new RequestError(409, 'digest-mismatch', 'What arrived is not what was announced', {
    hint: 'The file was damaged on the way or changed meanwhile: start a new upload.',
  })
}
