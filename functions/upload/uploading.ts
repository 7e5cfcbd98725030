/** The row of an upload that goes straight to the lake, before anything has arrived there. Pure. */
import type { UploadRequest } from '../../contract/schemas.ts'
import { imageTypes, retention } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { dateOf, originalKey } from '../shared/keys.ts'
import { expiryOf, ownerContentOf } from '../shared/ledger.ts'
import type { Reservation } from './idempotency.ts'

/** It ends a day later, unless it is completed by then. */
export function uploadingRow(
  { id, receivedAt, idempotencyId }: Reservation,
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
    ...(request.sha256 !== undefined && { sha256: request.sha256 }),
    ...(request.name !== undefined && { name: request.name }),
    ...(request.retention_seconds !== undefined && { retentionMs: request.retention_seconds * 1000 }),
    ...(idempotencyId && { idempotencyId }),
    receivedAt,
    attempts: 0,
    ...expiryOf(id, receivedAt + retention.unfinishedUploads),
  }
}

/** What finds the same bytes again, where the upload's checksum was announced (and has been verified by then). */
export const contentOf = ({ ownerId, sha256 }: Pick<ImageRow, 'ownerId' | 'sha256'>) =>
  sha256 === undefined ? {} : { ownerContent: ownerContentOf(ownerId, sha256) }

/** The same for what never was, what is gone and what is somebody else's. */
export const unknownUpload = () =>
  new RequestError(404, 'unknown-upload', 'There is no such upload', { hint: 'Start a new one.' })
