/** A bucket as all of ours are: nothing public, TLS only, encrypted, owned by the account, with an access log. */
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js'
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js'
import { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging/index.js'
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js'
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js'
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js'
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js'
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js'
import { Lazy } from 'cdktf'
import { Construct } from 'constructs'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'
import { policyDocument, type Statement } from './policy.ts'

export type PrivateBucketProps = {
  readonly name: string
  /** Without a key S3 encrypts with its own, which is all that log delivery and CloudFront can use. */
  readonly key?: EncryptionKey
  readonly versioned: boolean
  /** How its objects end; a bucket without an end does not compile. */
  readonly lifecycle: readonly [S3BucketLifecycleConfigurationRule, ...S3BucketLifecycleConfigurationRule[]]
  /** Where its access log goes; the log's own bucket has none. */
  readonly accessLog?: PrivateBucket
  /** Holds what people entrusted to us: kept from being destroyed where the environment says so. */
  readonly holdsData?: boolean
}

export class PrivateBucket extends Construct {
  readonly bucket: string
  readonly arn: string
  /** Host name for browsers and CloudFront. */
  readonly domainName: string
  /** For whoever may use the bucket by its policy only. */
  readonly policy: S3BucketPolicy
  readonly #statements: Statement[] = []

  constructor(stack: PlatformStack, id: string, props: PrivateBucketProps) {
    super(stack, id)
    const bucket = new S3Bucket(this, 'bucket', {
      bucket: stack.bucketName(props.name),
      forceDestroy: !(props.holdsData && stack.config.protectData),
      lifecycle: { preventDestroy: Boolean(props.holdsData && stack.config.protectData) },
    })
    this.bucket = bucket.bucket
    this.arn = bucket.arn
    this.domainName = bucket.bucketRegionalDomainName
    const target = { bucket: bucket.id }

    const access = new S3BucketPublicAccessBlock(this, 'public-access', {
      ...target,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    })
    new S3BucketOwnershipControls(this, 'ownership', { ...target, rule: { objectOwnership: 'BucketOwnerEnforced' } })
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      ...target,
      rule: [
        {
          applyServerSideEncryptionByDefault: props.key
            ? { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.key.arn }
            : { sseAlgorithm: 'AES256' },
          // One data key for many objects: KMS is asked, and paid, a hundredth as often.
          bucketKeyEnabled: props.key !== undefined,
        },
      ],
    })
    const versioning = props.versioned
      ? [new S3BucketVersioningA(this, 'versioning', { ...target, versioningConfiguration: { status: 'Enabled' } })]
      : []
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      ...target,
      rule: [...props.lifecycle],
      // Rules about noncurrent versions are refused before versioning is on.
      dependsOn: versioning,
    })
    this.policy = new S3BucketPolicy(this, 'policy', {
      ...target,
      // Later, because who may read often comes after the bucket.
      policy: Lazy.stringValue({ produce: () => policyDocument([...tlsOnly(bucket.arn), ...this.#statements]) }),
      dependsOn: [access],
    })
    if (props.accessLog) {
      new S3BucketLoggingA(this, 'access-log', {
        ...target,
        targetBucket: props.accessLog.bucket,
        targetPrefix: `${props.name}/`,
      })
    }
  }

  /** Adds to the bucket's own policy; for AWS services, which have no role that could be given a permission. */
  addToPolicy(statement: Statement): void {
    this.#statements.push(statement)
  }
}

const tlsOnly = (arn: string): Statement[] => {
  const everything = { effect: 'Deny', principals: '*', actions: ['s3:*'], resources: [arn, `${arn}/*`] } as const
  return [
    { ...everything, sid: 'RefusePlainHttp', conditions: { Bool: { 'aws:SecureTransport': 'false' } } },
    { ...everything, sid: 'RefuseOldTls', conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
  ]
}
