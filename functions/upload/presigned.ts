/**
 * Uploads that are too large for Lambda: the browser sends the file to S3 with a presigned POST, then says that it is
 * complete. The policy fixes key, type and exact length, so nothing else can be stored with it.
 */
import type { PresignedPost } from '@aws-sdk/s3-presigned-post'
import type { UploadRequest } from '../../contract/schemas.ts'
import { imageTypes, limits, retention } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { dateOf, isImageId, originalKey } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import { expiryOf } from '../shared/ledger.ts'
import { type AcceptParts, publishOrLeave } from './accept.ts'
import { checkBytes } from './check.ts'
import { reserve } from './idempotency.ts'

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
  const asked = `presigned\n${request.content_type}\n${request.bytes}\n${request.name ?? ''}`
  const reservation = await reserve(parts, ownerId, idempotencyKey, asked)
  const row = uploadingRow(reservation, ownerId, request)
  if (!(await parts.ledger.insert(row))) {
    const standing = await parts.ledger.get(row.id)
    if (standing?.status !== 'uploading') {
      throw new RequestError(409, 'already-complete', 'This upload has already been completed or erased', {
        hint: 'Use a new Idempotency-Key to upload it again.',
      })
    }
  }
  const post = await parts.presign({ key: row.key, contentType: row.contentType, bytes: row.bytes })
  return { row, post, expiresAt: parts.clock() + limits.presignedPostSeconds * 1000 }
}

/** The row of an upload that has been announced. */
export function uploadingRow(
  { id, receivedAt, idempotencyId }: { id: string; receivedAt: number; idempotencyId?: string },
  ownerId: string,
  request: UploadRequest,
): ImageRow {
  const date = dateOf(receivedAt)
  const extension = imageTypes[request.content_type]
  return {
    id,
    kind: 'image',
    ownerId,
    status: 'uploading',
    date,
    key: originalKey({ id, date }, extension),
    contentType: request.content_type,
    extension,
    bytes: request.bytes,
    ...(request.name !== undefined && { name: request.name }),
    ...(idempotencyId && { idempotencyId }),
    receivedAt,
    attempts: 0,
    ...expiryOf(id, receivedAt + retention.unfinishedUploads),
  }
}

/**
 * Checks what arrived, records it as received and asks for its processing. Repeating it changes nothing.
 * @throws RequestError 404 for other people's uploads too: whether they exist is none of the caller's business
 */
export async function completeUpload(
  parts: AcceptParts,
  ownerId: string,
  id: string,
  trace: string,
): Promise<ImageRow> {
  const row = isImageId(id) ? await parts.ledger.get(id) : undefined
  if (!row || row.ownerId !== ownerId || row.status === 'purged') throw unknownUpload()
  if (row.status !== 'uploading') return row
  const object = await checkArrived(parts.lake, row)
  const now = parts.clock()
  const completed = await parts.ledger.completeUpload(id, {
    at: now,
    bytes: object.bytes,
    versionId: object.versionId,
    expiresAt: now + retention.images,
    owner: ownerId,
  })
  if (!completed.ok) {
    if (!completed.row || completed.row.status === 'purged') throw unknownUpload()
    return completed.row
  }
  await publishOrLeave(parts, completed.row, trace)
  return completed.row
}

/**
 * Looks at what has arrived for an announced upload.
 * @throws RequestError 409 where nothing has, or of another length; 415 where it is of another type
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
  return object
}

export const unknownUpload = () =>
  new RequestError(404, 'unknown-upload', 'There is no such upload', { hint: 'Start one with POST /uploads.' })
