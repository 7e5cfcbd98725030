/** Presigned links to objects in the lake. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { limits, sharing } from '../../platform.ts'
import type { Sign } from './view.ts'

/**
 * Links are signed as of the beginning of a quarter of an hour, so that a page which asks again gets the same link
 * and the browser need not load the picture anew.
 */
const windowMs = 15 * 60 * 1000

/** @returns a signer whose links live for an hour at most and end with the image */
export function createSigner(s3: S3Client, bucket: string, clock: () => number): Sign {
  return ({ key, versionId, expiresAt }) => {
    const signedAt = Math.floor(clock() / windowMs) * windowMs
    const untilPurge = Math.floor((expiresAt - signedAt) / 1000)
    return getSignedUrl(
      s3,
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        VersionId: versionId,
        // Browsers keep a picture no longer than its link can be renewed.
        ResponseCacheControl: 'private, max-age=900',
      }),
      { signingDate: new Date(signedAt), expiresIn: Math.max(1, Math.min(limits.linkSeconds, untilPurge)) },
    )
  }
}

/** @returns a signer for shared links: what is taken back is out of reach a minute later, and no cache keeps it */
export function createBriefSigner(s3: S3Client, bucket: string, clock: () => number): Sign {
  return ({ key, versionId, expiresAt }) => {
    const left = Math.floor((expiresAt - clock()) / 1000)
    return getSignedUrl(
      s3,
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        VersionId: versionId,
        ResponseCacheControl: 'private, no-store',
      }),
      { expiresIn: Math.max(1, Math.min(sharing.pictureSeconds, left)) },
    )
  }
}
