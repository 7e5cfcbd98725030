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
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { UnavailableError } from './errors.ts'

export type Lake = ReturnType<typeof createLake>

export type StoredObject = { readonly key: string; readonly bytes: number; readonly modifiedAt: number }

/** One version of an object, or a delete marker. */
export type StoredVersion = {
  readonly key: string
  readonly versionId: string | undefined
  readonly marker: boolean
  readonly modifiedAt: number
}

export type UnfinishedUpload = { readonly key: string; readonly uploadId: string; readonly startedAt: number }

/** What a deletion did. `errors` names what S3 refused in the last round, by key and code. */
export type DeletionCount = {
  versions: number
  markers: number
  uploads: number
  readonly errors: { readonly key: string; readonly code: string }[]
}

export const emptyCount = (): DeletionCount => ({ versions: 0, markers: 0, uploads: 0, errors: [] })

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
   * @param count is added to as it goes, so that a failure half-way loses no figures
   * @throws UnavailableError where listing fails; what S3 refuses to delete is named in `errors` instead
   */
  async function deleteEverything(prefix: string, count: DeletionCount = emptyCount()): Promise<DeletionCount> {
    count.errors.length = 0
    for await (const { entries } of listVersions(prefix)) await deleteVersions(entries, count)
    for await (const uploads of listUploads(prefix)) await abortUploads(uploads, count)
    return count
  }

  /** As `deleteEverything`, for one exact key: a longer key that starts with it is left alone. */
  async function deleteKey(key: string, count: DeletionCount = emptyCount()): Promise<DeletionCount> {
    count.errors.length = 0
    for await (const { entries } of listVersions(key)) {
      await deleteVersions(
        entries.filter((entry) => entry.key === key),
        count,
      )
    }
    for await (const uploads of listUploads(key)) {
      await abortUploads(
        uploads.filter((upload) => upload.key === key),
        count,
      )
    }
    return count
  }

  /** Deletes versions and markers (at most 1,000, S3's limit for one call) and adds to the count. */
  async function deleteVersions(entries: readonly StoredVersion[], count: DeletionCount): Promise<void> {
    if (entries.length === 0) return
    const Objects = entries.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }))
    const refused = new Set<string>()
    try {
      const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }))
      for (const { Key = '', VersionId, Code = 'Unknown' } of Errors ?? []) {
        // Somebody else was faster: that is what was wanted.
        if (Code === 'NoSuchKey' || Code === 'NoSuchVersion') continue
        refused.add(identityOf(Key, VersionId))
        count.errors.push({ key: Key, code: Code })
      }
    } catch (error) {
      const code = error instanceof Error ? error.name : 'Unknown'
      for (const { key } of entries) count.errors.push({ key, code })
      return
    }
    const deleted = entries.filter(({ key, versionId }) => !refused.has(identityOf(key, versionId)))
    count.markers += deleted.filter(({ marker }) => marker).length
    count.versions += deleted.filter(({ marker }) => !marker).length
  }

  /** Aborts unfinished multipart uploads; one that has ended meanwhile is no error. */
  async function abortUploads(uploads: readonly UnfinishedUpload[], count: DeletionCount): Promise<void> {
    for (const { key, uploadId } of uploads) {
      try {
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }))
        count.uploads += 1
      } catch (error) {
        if (statusOf(error) !== 404) count.errors.push({ key, code: error instanceof Error ? error.name : 'Unknown' })
      }
    }
  }

  /** How many versions, markers and unfinished uploads a prefix still holds: 0 is what a purge must see. */
  const countEverything = (prefix: string): Promise<number> => count(prefix, () => true)

  /** As `countEverything`, for one exact key. */
  const countKey = (key: string): Promise<number> => count(key, (entry) => entry.key === key)

  async function count(prefix: string, counts: (entry: { key: string }) => boolean): Promise<number> {
    let left = 0
    for await (const { entries } of listVersions(prefix)) left += entries.filter(counts).length
    for await (const uploads of listUploads(prefix)) left += uploads.filter(counts).length
    return left
  }

  /**
   * Versions and delete markers below a prefix in the order of their keys, a page (up to 1,000) at a time.
   * Deleting what a page held does not disturb the next: S3 continues behind a name, whether or not it still exists.
   * @param after start behind this key (it need not exist)
   */
  async function* listVersions(prefix: string, after?: string): AsyncGenerator<{ entries: StoredVersion[] }> {
    let key = after
    let version: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: key, VersionIdMarker: version }),
        ),
      )
      const entry = (marker: boolean) => (found: { Key?: string; VersionId?: string; LastModified?: Date }) => ({
        key: found.Key ?? '',
        versionId: found.VersionId,
        marker,
        modifiedAt: found.LastModified?.getTime() ?? 0,
      })
      yield { entries: [...(page.Versions ?? []).map(entry(false)), ...(page.DeleteMarkers ?? []).map(entry(true))] }
      key = page.IsTruncated ? page.NextKeyMarker : undefined
      version = page.IsTruncated ? page.NextVersionIdMarker : undefined
    } while (key)
  }

  /** Unfinished multipart uploads below a prefix, a page (up to 1,000) at a time. */
  async function* listUploads(prefix: string): AsyncGenerator<UnfinishedUpload[]> {
    let key: string | undefined
    let upload: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: key, UploadIdMarker: upload }),
        ),
      )
      yield (page.Uploads ?? []).map(({ Key, UploadId, Initiated }) => ({
        key: Key ?? '',
        uploadId: UploadId ?? '',
        startedAt: Initiated?.getTime() ?? 0,
      }))
      key = page.IsTruncated ? page.NextKeyMarker : undefined
      upload = page.IsTruncated ? page.NextUploadIdMarker : undefined
    } while (key)
  }

  return {
    bucket,
    putNew,
    put,
    get,
    head,
    list,
    folders,
    listVersions,
    listUploads,
    deleteEverything,
    deleteKey,
    deleteVersions,
    abortUploads,
    countEverything,
    countKey,
  }
}

const identityOf = (key: string, versionId: string | undefined) => `${key}\n${versionId ?? 'null'}`

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
