/**
 * The lake (S3): writing objects that must not be overwritten, reading the accepted version, and deleting every
 * version below a prefix. Callers pass keys from `keys.ts`.
 */
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  NoSuchKey,
  type ObjectIdentifier,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { UnavailableError } from './errors.ts'

export type Lake = ReturnType<typeof createLake>

export type StoredObject = { readonly key: string; readonly bytes: number; readonly modifiedAt: number }

/** What a deletion found and did. `errors` names what S3 refused, by key and code. */
export type DeletionCount = {
  readonly versions: number
  readonly markers: number
  readonly uploads: number
  readonly errors: readonly { readonly key: string; readonly code: string }[]
}

export function createLake(s3: S3Client, bucket: string) {
  /**
   * Writes an object that must not exist yet (`If-None-Match: *`).
   * @returns its version, or `existed` where the key was taken, in which case nothing was written
   */
  async function putNew(
    key: string,
    body: Uint8Array,
    contentType: string,
  ): Promise<{ existed: false; versionId?: string } | { existed: true }> {
    try {
      const { VersionId } = await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' }),
      )
      return VersionId === undefined ? { existed: false } : { existed: false, versionId: VersionId }
    } catch (error) {
      if (statusOf(error) === 412) return { existed: true }
      throw unavailable(error)
    }
  }

  /** Writes an object; writing the same again changes nothing that a reader sees. */
  async function put(key: string, body: Uint8Array | string, contentType: string): Promise<void> {
    await attempt(() =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType })),
    )
  }

  /** The whole object, or undefined where there is none. */
  async function get(key: string, versionId?: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
      return await Body?.transformToByteArray()
    } catch (error) {
      if (error instanceof NoSuchKey || statusOf(error) === 404) return undefined
      throw unavailable(error)
    }
  }

  /** Size, version and the first bytes of an object, without reading it all; undefined where there is none. */
  async function head(key: string, firstBytes: number) {
    try {
      const { ContentLength, VersionId } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
      const bytes = ContentLength ?? 0
      if (bytes === 0) return { bytes, versionId: VersionId, start: new Uint8Array() }
      const { Body } = await s3.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          VersionId,
          Range: `bytes=0-${Math.min(firstBytes, bytes) - 1}`,
        }),
      )
      return { bytes, versionId: VersionId, start: (await Body?.transformToByteArray()) ?? new Uint8Array() }
    } catch (error) {
      if (error instanceof NoSuchKey || statusOf(error) === 404) return undefined
      throw unavailable(error)
    }
  }

  /** Current objects below a prefix, a page (up to 1,000) at a time. */
  async function* list(prefix: string): AsyncGenerator<StoredObject[]> {
    let token: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })),
      )
      yield (page.Contents ?? []).map((object) => ({
        key: object.Key ?? '',
        bytes: object.Size ?? 0,
        modifiedAt: object.LastModified?.getTime() ?? 0,
      }))
      token = page.NextContinuationToken
    } while (token)
  }

  /** The next level of "folders" below a prefix, each with its closing slash. */
  async function folders(prefix: string): Promise<string[]> {
    const found: string[] = []
    let token: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token })),
      )
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''))
      token = page.NextContinuationToken
    } while (token)
    return found
  }

  /**
   * Deletes every version, delete marker and unfinished multipart upload whose key starts with the prefix.
   * Without a VersionId a versioned bucket would only gain a marker.
   */
  async function deleteEverything(prefix: string): Promise<DeletionCount> {
    const count = { versions: 0, markers: 0, uploads: 0 }
    const errors: { key: string; code: string }[] = []
    for await (const { versions, markers } of listVersions(prefix)) {
      const objects = [...versions, ...markers]
      if (objects.length === 0) continue
      const { Errors } = await attempt(() =>
        s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } })),
      )
      for (const { Key, Code } of Errors ?? []) errors.push({ key: Key ?? '', code: Code ?? 'Unknown' })
      count.versions += versions.length
      count.markers += markers.length
    }
    for (const { key, uploadId } of await listUploads(prefix)) {
      await attempt(() => s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })))
      count.uploads += 1
    }
    return { ...count, versions: count.versions, errors }
  }

  /** How many versions, markers and unfinished uploads a prefix still holds: 0 is what a purge must see. */
  async function countEverything(prefix: string): Promise<number> {
    let left = (await listUploads(prefix)).length
    for await (const { versions, markers } of listVersions(prefix)) left += versions.length + markers.length
    return left
  }

  async function* listVersions(
    prefix: string,
  ): AsyncGenerator<{ versions: ObjectIdentifier[]; markers: ObjectIdentifier[] }> {
    let key: string | undefined
    let version: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: key, VersionIdMarker: version }),
        ),
      )
      const identify = ({ Key, VersionId }: { Key?: string; VersionId?: string }): ObjectIdentifier => ({
        Key,
        VersionId,
      })
      yield { versions: (page.Versions ?? []).map(identify), markers: (page.DeleteMarkers ?? []).map(identify) }
      key = page.IsTruncated ? page.NextKeyMarker : undefined
      version = page.IsTruncated ? page.NextVersionIdMarker : undefined
    } while (key)
  }

  async function listUploads(prefix: string): Promise<{ key: string; uploadId: string }[]> {
    const found: { key: string; uploadId: string }[] = []
    let key: string | undefined
    let upload: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: key, UploadIdMarker: upload }),
        ),
      )
      for (const { Key, UploadId } of page.Uploads ?? []) found.push({ key: Key ?? '', uploadId: UploadId ?? '' })
      key = page.IsTruncated ? page.NextKeyMarker : undefined
      upload = page.IsTruncated ? page.NextUploadIdMarker : undefined
    } while (key)
    return found
  }

  return { bucket, putNew, put, get, head, list, folders, deleteEverything, countEverything }
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined

const unavailable = (cause: unknown) => new UnavailableError('lake-unavailable', 'The lake did not answer', { cause })

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw unavailable(error)
  }
}
