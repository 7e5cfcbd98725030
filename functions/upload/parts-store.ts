/** Multipart uploads in the lake (S3): starting one, links for its parts, what has arrived, and putting it together. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  NoSuchUpload,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { UnavailableError } from '../shared/errors.ts'

/** A part that is there. */
export type StoredPart = { readonly number: number; readonly bytes: number; readonly etag: string }

export type PartsStore = ReturnType<typeof createPartsStore>

/** @param linkSeconds how long a link to a part holds */
export function createPartsStore(s3: S3Client, bucket: string, linkSeconds: number) {
  /** @returns S3's id of the new multipart upload */
  async function start(key: string, contentType: string): Promise<string> {
    const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType })
    const { UploadId } = await attempt(() => s3.send(command))
    if (!UploadId) throw unavailable(new Error('S3 gave no upload id'))
    return UploadId
  }

  /** A link by which exactly this part, in exactly this length, can be sent with PUT. Signing asks nobody. */
  const link = (key: string, uploadId: string, part: { number: number; bytes: number }): Promise<string> =>
    getSignedUrl(
      s3,
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: part.number,
        ContentLength: part.bytes,
      }),
      { expiresIn: linkSeconds },
    )

  /** The parts that are there, by number; undefined where the upload has been completed or aborted. */
  async function list(key: string, uploadId: string): Promise<ReadonlyMap<number, StoredPart> | undefined> {
    const found = new Map<number, StoredPart>()
    let marker: string | undefined
    try {
      do {
        const page = await s3.send(
          new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
        )
        for (const { PartNumber = 0, Size = 0, ETag = '' } of page.Parts ?? []) {
          found.set(PartNumber, { number: PartNumber, bytes: Size, etag: ETag })
        }
        marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
      } while (marker)
      return found
    } catch (error) {
      if (isGone(error)) return undefined
      throw unavailable(error)
    }
  }

  /** Makes the object out of its parts. One that is put together already, or was aborted, is left to the caller. */
  async function join(key: string, uploadId: string, parts: readonly StoredPart[]): Promise<void> {
    const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
    try {
      await s3.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts },
        }),
      )
    } catch (error) {
      if (!isGone(error)) throw unavailable(error)
    }
  }

  return { start, link, list, join }
}

const isGone = (error: unknown): boolean =>
  error instanceof NoSuchUpload || (error instanceof S3ServiceException && error.name === 'NoSuchUpload')

const unavailable = (cause: unknown) => new UnavailableError('lake-unavailable', 'The lake did not answer', { cause })

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw unavailable(error)
  }
}
