/** Addresses to which a client sends a file, straight to S3. */
import type { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { createPresigner, linkOf } from '../shared/presigner.ts'
import type { BatchParts } from './batch.ts'
import type { PresignPost } from './presigned.ts'

/** A form that fixes key, type and exact length. @param expiresIn seconds */
export const createPresignPost =
  (s3: S3Client, bucket: string, expiresIn: number): PresignPost =>
  ({ key, contentType, bytes }) =>
    createPresignedPost(s3, {
      Bucket: bucket,
      Key: key,
      Fields: { 'Content-Type': contentType },
      Conditions: [
        ['content-length-range', bytes, bytes],
        ['eq', '$Content-Type', contentType],
      ],
      Expires: expiresIn,
    })

/** Links of which length, type and condition are signed: S3 refuses any other body, and a second one. @param expiresIn seconds */
export function createPresignPut(s3: S3Client, bucket: string, expiresIn: number): BatchParts['presignPut'] {
  const presign = createPresigner(s3, bucket)
  return async ({ key, contentType, bytes }) => {
    const headers = { 'content-type': contentType, 'if-none-match': '*' }
    const signed = { ...headers, 'content-length': String(bytes) }
    const request = await presign({ method: 'PUT', key, headers: signed, operation: 'PutObject' }, expiresIn)
    return { url: linkOf(request), headers }
  }
}
