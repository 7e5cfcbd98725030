/**
 * Deleting for good in a versioned bucket: every version, every delete marker and every unfinished multipart upload.
 *
 * Listing goes by key markers only and starts again after a deletion. A version or upload marker would name something
 * that has just been deleted: S3 copes with that, but versitygw then answers with an empty last page or an error, and
 * a purge that believed it would leave versions behind.
 */
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { UnavailableError } from './errors.ts'

/** One version of an object, or a delete marker. Times are epoch milliseconds. */
export type StoredVersion = {
  readonly key: string
  readonly versionId: string | undefined
  readonly marker: boolean
  readonly modifiedAt: number
}

export type UnfinishedUpload = { readonly key: string; readonly uploadId: string; readonly startedAt: number }

/** Up to 1,000 entries in the order of their keys, and whether there are more behind the last key. */
export type Page<Entry> = { readonly entries: Entry[]; readonly more: boolean }

/** What a deletion did. `errors` names what could not be deleted, by key and S3's code, since the last attempt. */
export type DeletionCount = {
  versions: number
  markers: number
  uploads: number
  /** S3's ids of what was deleted, the first `mostNamedVersions`. */
  readonly versionIds: string[]
  readonly errors: { readonly key: string; readonly code: string }[]
}

/** An image has a handful; where one has more, the others are only counted. */
export const mostNamedVersions = 200

export const emptyCount = (): DeletionCount => ({ versions: 0, markers: 0, uploads: 0, versionIds: [], errors: [] })

/** @param pageSize entries a listing asks for; S3 gives 1,000 at most, and smaller pages let tests turn more of them */
export function createVersions(s3: S3Client, bucket: string, pageSize = 1000) {
  /**
   * A page of versions and delete markers below a prefix.
   * @param after start behind this key; it need not exist. S3 leaves the key itself out, versitygw may show it again
   * @param most entries, where fewer than a whole page will do
   */
  async function versionsPage(prefix: string, after?: string, most = pageSize): Promise<Page<StoredVersion>> {
    const MaxKeys = Math.min(most, pageSize)
    const page = await attempt(() =>
      s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: after, MaxKeys })),
    )
    const entry = (marker: boolean) => (found: { Key?: string; VersionId?: string; LastModified?: Date }) => ({
      key: found.Key ?? '',
      versionId: found.VersionId,
      marker,
      modifiedAt: found.LastModified?.getTime() ?? 0,
    })
    const entries = [...(page.Versions ?? []).map(entry(false)), ...(page.DeleteMarkers ?? []).map(entry(true))]
    return { entries: entries.sort(byKey), more: page.IsTruncated === true }
  }

  /** A page of unfinished multipart uploads below a prefix; `after` as in `versionsPage`. */
  async function uploadsPage(prefix: string, after?: string): Promise<Page<UnfinishedUpload>> {
    const page = await attempt(() =>
      s3.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker: after, MaxUploads: pageSize }),
      ),
    )
    const entries = (page.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
      key: Key,
      uploadId: UploadId,
      startedAt: Initiated?.getTime() ?? 0,
    }))
    return { entries: entries.sort(byKey), more: page.IsTruncated === true }
  }

  /**
   * Deletes every version, delete marker and unfinished multipart upload whose key starts with the prefix.
   * @param count is added to as it goes, so that a failure half-way loses no figures
   * @throws UnavailableError where listing fails; what could not be deleted is named in `errors` instead
   */
  async function deleteEverything(prefix: string, count: DeletionCount = emptyCount()): Promise<DeletionCount> {
    count.errors.length = 0
    await Promise.all([
      emptied(
        () => versionsPage(prefix),
        (entries) => deleteVersions(entries, count),
      ),
      emptied(
        () => uploadsPage(prefix),
        (entries) => abortUploads(entries, count),
      ),
    ])
    return count
  }

  /** As `deleteEverything`, for the versions and markers of one exact key: a longer key is left alone. */
  async function deleteKey(key: string, count: DeletionCount = emptyCount()): Promise<DeletionCount> {
    count.errors.length = 0
    await emptied(
      () => versionsPage(key),
      (entries) =>
        deleteVersions(
          entries.filter((entry) => entry.key === key),
          count,
        ),
    )
    return count
  }

  /**
   * Deletes versions and markers (at most 1,000, S3's limit for one call).
   * @param counts what the deletion is added to; where it concerns several images, the count of each entry
   * @returns how many are gone
   */
  async function deleteVersions(
    entries: readonly StoredVersion[],
    counts: DeletionCount | ((entry: StoredVersion) => DeletionCount),
  ): Promise<number> {
    if (entries.length === 0) return 0
    const countOf = typeof counts === 'function' ? counts : () => counts
    const refused = await deleteObjects(entries)
    let gone = 0
    for (const entry of entries) {
      const code = refused.get(identityOf(entry.key, entry.versionId))
      if (code === undefined) gone += 1
      account(countOf(entry), entry, code)
    }
    return gone
  }

  /** @returns S3's code for each version that is not deleted, by its identity */
  async function deleteObjects(entries: readonly StoredVersion[]): Promise<Map<string, string>> {
    const Objects = entries.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }))
    try {
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      )
      return new Map(Errors.map(({ Key = '', VersionId, Code = 'Unknown' }) => [identityOf(Key, VersionId), Code]))
    } catch (error) {
      return new Map(entries.map(({ key, versionId }) => [identityOf(key, versionId), codeOf(error)]))
    }
  }

  /** Aborts unfinished multipart uploads; one that has ended meanwhile is no error. @returns how many were aborted */
  async function abortUploads(uploads: readonly UnfinishedUpload[], count: DeletionCount): Promise<number> {
    let aborted = 0
    for (const { key, uploadId } of uploads) {
      try {
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }))
        aborted += 1
      } catch (error) {
        if (codeOf(error) !== 'NoSuchUpload') count.errors.push({ key, code: codeOf(error) })
      }
    }
    count.uploads += aborted
    return aborted
  }

  /** Whether no version, marker or unfinished upload is left below a prefix: what a purge must see. */
  async function isEmpty(prefix: string): Promise<boolean> {
    const [versions, uploads] = await Promise.all([versionsPage(prefix), uploadsPage(prefix)])
    return versions.entries.length === 0 && uploads.entries.length === 0
  }

  /** Whether no version or marker of one exact key is left. It comes before every longer key in a listing. */
  const isKeyEmpty = async (key: string): Promise<boolean> =>
    (await versionsPage(key)).entries.every((entry) => entry.key !== key)

  return { versionsPage, uploadsPage, deleteEverything, deleteKey, deleteVersions, abortUploads, isEmpty, isKeyEmpty }
}

/** Deletes the first page again and again, until there is no other or nothing of it could be deleted. */
async function emptied<Entry>(
  firstPage: () => Promise<Page<Entry>>,
  remove: (entries: Entry[]) => Promise<number>,
): Promise<void> {
  for (;;) {
    const { entries, more } = await firstPage()
    const removed = await remove(entries)
    if (!more || removed === 0) return
  }
}

/** @param code why S3 has refused the deletion; undefined where it was deleted */
function account(count: DeletionCount, { key, marker, versionId }: StoredVersion, code: string | undefined): void {
  if (code !== undefined) {
    count.errors.push({ key, code })
    return
  }
  if (marker) count.markers += 1
  else count.versions += 1
  if (versionId !== undefined && count.versionIds.length < mostNamedVersions) count.versionIds.push(versionId)
}

const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

const identityOf = (key: string, versionId: string | undefined) => `${key}\n${versionId ?? 'null'}`

const codeOf = (error: unknown): string => (error instanceof Error ? error.name : 'Unknown')

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new UnavailableError('lake-unavailable', 'The lake did not answer', { cause })
  }
}
