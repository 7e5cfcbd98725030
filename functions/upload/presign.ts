/** Addresses to which a client sends a file, straight to S3. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
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

/**
 * Links of which length, type and condition are signed: S3 refuses any other body, and a second one. `getSignedUrl` goes
 * through all that a request would for each of them (0.25 ms, measured), and a batch takes a hundred; so the bucket's
 * address is asked of it once, and the links are signed by its presigner alone (0.06 ms).
 * @param expiresIn seconds
 */
export function createPresignPut(s3: S3Client, bucket: string, expiresIn: number): BatchParts['presignPut'] {
  const presigner = new S3RequestPresigner(s3.config)
  let found: Promise<URL> | undefined

  return async ({ key, contentType, bytes }) => {
    found ??= addressOf(s3, bucket).catch((error) => {
      found = undefined
      throw error
    })
    const { protocol, hostname, port, pathname } = await found
    const headers = { 'content-type': contentType, 'if-none-match': '*' }
    const path = pathname + key.split('/').map(encodeURIComponent).join('/')
    const where = { protocol, hostname, path, ...(port && { port: Number(port) }) }
    const { query, headers: signed } = await presigner.presign(
      {
        method: 'PUT',
        ...where,
        // As the SDK's own links have it.
        query: { 'x-id': 'PutObject' },
        headers: { ...headers, 'content-length': String(bytes) },
      },
      { expiresIn, signableHeaders: new Set(['host', 'content-length', ...Object.keys(headers)]) },
    )
    const url = `${protocol}//${signed.host}${path}?${new URLSearchParams(query as Record<string, string>)}`
    return { url, headers }
  }
}

/** Where the bucket's keys begin: a host of its own, or the first part of the path. */
async function addressOf(s3: S3Client, bucket: string): Promise<URL> {
  const link = new URL(await getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: 'key' })))
  return new URL(link.pathname.slice(0, -'key'.length), link)
}
