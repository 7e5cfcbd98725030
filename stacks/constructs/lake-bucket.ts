/** The lake and the failures bucket, and the permissions on them that come with their variables. */
import type { lakeVariables } from '../../functions/shared/env.ts'
import { buckets, layout, thumbnailName } from '../../platform.ts'
import type { EncryptionKey } from './key.ts'
import { failuresLifecycle, lakeLifecycle } from './lifecycles.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { Grantee, Statement } from './policy.ts'
import { PrivateBucket } from './private-bucket.ts'

type Prefix = Exclude<(typeof layout)[keyof typeof layout], 'original'>

export type LakeAccess = {
  readonly read?: readonly Prefix[]
  /** Thumbnails of images, and no other object. */
  readonly readThumbnails?: boolean
  readonly write?: readonly Prefix[]
  /** Sees which parts of an upload have arrived; starting one and putting it together come with `write`. */
  readonly parts?: readonly Prefix[]
  /** Every version, marker and unfinished upload. */
  readonly erase?: readonly Prefix[]
  /** Without it a missing object is "403 forbidden" instead of "404 not found". */
  readonly list?: boolean
}

type BucketProps = { readonly key: EncryptionKey; readonly accessLog: PrivateBucket }

export class LakeBucket extends PrivateBucket {
  readonly #key: EncryptionKey

  constructor(stack: PlatformStack, id: string, { key, accessLog }: BucketProps) {
    super(stack, id, { ...buckets.lake, key, accessLog, lifecycle: lakeLifecycle, holdsData: true })
    this.#key = key
  }

  /** @returns the variables by which a function finds the lake */
  grant(grantee: Grantee, access: LakeAccess): Record<(typeof lakeVariables)[number], string> {
    grantee.allow(...objectStatements(this.arn, access))
    if (access.readThumbnails) {
      const resources = [`${this.arn}/${layout.images}*/${thumbnailName}.*`]
      grantee.allow({ actions: ['s3:GetObject'], resources })
    }
    if (access.read || access.readThumbnails) this.#key.grantDecrypt(grantee, 's3')
    if (access.write) this.#key.grantEncrypt(grantee, 's3')
    return { LAKE_BUCKET: this.bucket, S3_ADDRESSING: 'virtual' }
  }
}

export class FailuresBucket extends PrivateBucket {
  readonly #key: EncryptionKey

  constructor(stack: PlatformStack, id: string, { key, accessLog }: BucketProps) {
    super(stack, id, { ...buckets.failures, key, accessLog, lifecycle: failuresLifecycle, holdsData: true })
    this.#key = key
  }

  /** For the trigger, which writes with the role of the function that it feeds. */
  grantWrite(grantee: Grantee): void {
    grantee.allow(...objectStatements(this.arn, { write: [everything], list: true }))
    this.#key.grantEncrypt(grantee, 's3')
  }

  /** For the purge, which deletes what the failures bucket has kept of purged images. */
  grantErase(grantee: Grantee): { FAILURES_BUCKET: string } {
    grantee.allow(...objectStatements(this.arn, { erase: [everything] }))
    return { FAILURES_BUCKET: this.bucket }
  }
}

const everything = ''

type Access = { readonly [K in Exclude<keyof LakeAccess, 'list' | 'readThumbnails'>]?: readonly string[] } & {
  readonly list?: boolean
}

function objectStatements(arn: string, { read, write, parts, erase, list }: Access): Statement[] {
  const below = (prefixes: readonly string[]) => prefixes.map((prefix) => `${arn}/${prefix}*`)
  const ofBucket = [
    ...(list || erase ? ['s3:ListBucket'] : []),
    ...(erase ? ['s3:ListBucketVersions', 's3:ListBucketMultipartUploads'] : []),
  ]
  return [
    ...(read ? [{ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: below(read) }] : []),
    ...(write ? [{ actions: ['s3:PutObject'], resources: below(write) }] : []),
    ...(parts ? [{ actions: ['s3:ListMultipartUploadParts'], resources: below(parts) }] : []),
    ...(erase
      ? [
          {
            actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:AbortMultipartUpload'],
            resources: below(erase),
          },
        ]
      : []),
    ...(ofBucket.length > 0 ? [{ actions: ofBucket, resources: [arn] }] : []),
  ]
}
