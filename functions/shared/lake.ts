/**
 * The lake (S3): writing objects that must not be overwritten, reading the accepted version, and (from
 * `versions.ts`) deleting every version below a prefix. Callers pass keys from `keys.ts`.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { UnavailableError } from './errors.ts'
import { createPresigner, type PresignedRequest } from './presigner.ts'
import { createVersions } from './versions.ts'

export type Lake = ReturnType<typeof createLake>

/** The beginning of an object, and the length of all of it. */
export type Start = { readonly bytes: number; readonly versionId: string | undefined; readonly start: Uint8Array }

/** For how long a request may be on its way that is sent as soon as it is signed. */
const leanSeconds = 60
type HandlerRequest = Parameters<S3Client['config']['requestHandler']['handle']>[0]

export type StoredObject = { readonly key: string; readonly bytes: number; readonly modifiedAt: number }

/** @param pageSize of the listings in `versions.ts` */
export function createLake(s3: S3Client, bucket: string, pageSize?: number) {
  const presign = createPresigner(s3, bucket)

  /**
   * Writes an object that must not exist yet (`If-None-Match: *`).
   * @param sha256 of the body, hexadecimal, where the caller has it: S3 checks the body against it, and need not be sent
   *   it by a command of the SDK
   * @returns its version, or `existed` where the key was taken, in which case nothing was written
   */
  const putNew = async (
    key: string,
    body: Uint8Array,
    contentType: string,
    sha256?: string,
  ): Promise<{ existed: false; versionId?: string } | { existed: true }> =>
    (sha256 && (await putLean(key, body, contentType, sha256))) || putByCommand(key, body, contentType)

  /**
   * The same for half of a command's CPU time (docs/performance.md). Undefined for every answer but "written": the command
   * tries again, and where the first attempt has written after all, it is told that the key is taken.
   */
  async function putLean(key: string, body: Uint8Array, contentType: string, sha256: string) {
    const headers = {
      'content-type': contentType,
      'content-length': String(body.byteLength),
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    }
    const answer = await sendLean({ method: 'PUT', key, headers, operation: 'PutObject' }, body)
    if (answer?.status !== 200) return undefined
    const versionId = answer.headers['x-amz-version-id']
    return { existed: false, ...(versionId && { versionId }) } as const
  }

  /** A request without a command's way through the SDK; undefined where it breaks off. */
  async function sendLean(request: PresignedRequest, body?: Uint8Array) {
    try {
      const signed = await presign(request, leanSeconds)
      const { response } = await s3.config.requestHandler.handle({ ...signed, body } as HandlerRequest)
      const content = Buffer.concat(await Array.fromAsync(response.body as Readable))
      return { status: response.statusCode, headers: response.headers, content }
    } catch {
      return undefined
    }
  }

  async function putByCommand(key: string, body: Uint8Array, contentType: string) {
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
      IfNoneMatch: '*',
    })
    try {
      const { VersionId } = await s3.send(command)
      return { existed: false, ...(VersionId !== undefined && { versionId: VersionId }) } as const
    } catch (error) {
      if (statusOf(error) === 412) return { existed: true } as const
      throw unavailable(error)
    }
  }

  /** Writes an object; writing the same again changes nothing that a reader sees. */
  async function put(key: string, body: Uint8Array | string, contentType: string): Promise<void> {
    await attempt(() =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType })),
    )
  }

  /**
   * Writes a version onto its own key again, which makes it the newest one, with the age of today. Read and written
   * rather than copied: versitygw takes a copy of an object onto itself for a change of its metadata alone.
   * @returns the new version; undefined where there is nothing to renew
   */
  async function renew(key: string, versionId: string | undefined): Promise<string | undefined> {
    try {
      const { Body, ContentType } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
      )
      const body = (await Body?.transformToByteArray()) ?? new Uint8Array()
      return (await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType }))).VersionId
    } catch (error) {
      if (await isMissing(error)) return undefined
      throw unavailable(error)
    }
  }

  /** The whole object, or undefined where there is none. */
  async function get(key: string, versionId?: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
      return await Body?.transformToByteArray()
    } catch (error) {
      if (await isMissing(error)) return undefined
      throw unavailable(error)
    }
  }

  /**
   * SHA-256 of an object that is there, hexadecimal, without holding it in memory.
   * @throws UnavailableError also where it is gone
   */
  async function sha256(key: string, versionId?: string): Promise<string> {
    const { Body } = await attempt(() =>
      s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId })),
    )
    const hash = createHash('sha256')
    await attempt(async () => {
      for await (const chunk of Body as Readable) hash.update(chunk)
    })
    return hash.digest('hex')
  }

  /** Size, version and the first bytes of an object, without reading it all; undefined where there is none. */
  const head = async (key: string, firstBytes: number): Promise<Start | undefined> =>
    (await glance(key, firstBytes)) ?? headByCommand(key, firstBytes)

  /**
   * The same for a third of a command's CPU time. Undefined for every answer but the plain one: the command tries again,
   * and tells what is missing from what fails.
   */
  async function glance(key: string, firstBytes: number): Promise<Start | undefined> {
    const headers = { range: `bytes=0-${firstBytes - 1}` }
    const answer = await sendLean({ method: 'GET', key, headers, operation: 'GetObject' })
    const [, total] = /^bytes 0-\d+\/(\d+)$/.exec(answer?.headers['content-range'] ?? '') ?? []
    if (answer?.status !== 206 || total === undefined) return undefined
    return { bytes: Number(total), versionId: answer.headers['x-amz-version-id'], start: answer.content }
  }

  async function headByCommand(key: string, firstBytes: number): Promise<Start | undefined> {
    try {
      const { Body, ContentRange, VersionId } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=0-${firstBytes - 1}` }),
      )
      const start = (await Body?.transformToByteArray()) ?? new Uint8Array()
      return { bytes: Number(ContentRange?.split('/')[1] ?? start.byteLength), versionId: VersionId, start }
    } catch (error) {
      // An empty object has no first byte.
      if (statusOf(error) === 416) return { bytes: 0, versionId: undefined, start: new Uint8Array() }
      if (await isMissing(error)) return undefined
      throw unavailable(error)
    }
  }

  /** Current objects below a prefix, behind a key where one is given, a page (up to 1,000) at a time. */
  async function* list(prefix: string, after?: string): AsyncGenerator<StoredObject[]> {
    let token: string | undefined
    do {
      const page = await attempt(() =>
        s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after, ContinuationToken: token }),
        ),
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
   * Whether an object, in the given version, is there.
   * @throws UnavailableError also where the bucket itself is missing, which must not look like a missing object
   */
  async function exists(key: string, versionId?: string): Promise<boolean> {
    try {
      await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
      return true
    } catch (error) {
      if (await isMissing(error)) return false
      throw unavailable(error)
    }
  }

  /** A HEAD has no body to tell a missing object from a missing bucket, so the bucket is asked. */
  async function isMissing(error: unknown): Promise<boolean> {
    if (statusOf(error) !== 404 || error instanceof NoSuchBucket) return false
    await attempt(() => s3.send(new HeadBucketCommand({ Bucket: bucket })))
    return true
  }

  return {
    bucket,
    putNew,
    put,
    renew,
    get,
    sha256,
    head,
    exists,
    list,
    folders,
    ...createVersions(s3, bucket, pageSize),
  }
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
