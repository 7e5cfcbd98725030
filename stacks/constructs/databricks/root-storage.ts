/** The bucket that every workspace has for itself: libraries, results, logs of jobs. No image is ever put there. */
import { MwsStorageConfigurations } from '@cdktf/provider-databricks/lib/mws-storage-configurations/index.js'
import { Construct } from 'constructs'
import { databricksBuckets } from '../../../platform.ts'
import type { EncryptionKey } from '../key.ts'
import { databricksLifecycle } from '../lifecycles.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { PrivateBucket } from '../private-bucket.ts'
import { databricksAccount } from './regions.ts'

export type RootStorageProps = {
  readonly databricksAccount: string
  readonly key: EncryptionKey
  readonly accessLog: PrivateBucket
}

export class RootStorage extends Construct {
  /** As Databricks knows it. */
  readonly storageConfigurationId: string

  constructor(stack: PlatformStack, id: string, { databricksAccount: account, key, accessLog }: RootStorageProps) {
    super(stack, id)
    const bucket = new PrivateBucket(stack, `${id}-bucket`, {
      ...databricksBuckets.root,
      key,
      accessLog,
      lifecycle: databricksLifecycle,
      holdsData: true,
    })
    bucket.addToPolicy({
      sid: 'DatabricksForUs',
      principals: { AWS: `arn:aws:iam::${databricksAccount}:root` },
      actions: [
        's3:GetObject',
        's3:GetObjectVersion',
        's3:PutObject',
        's3:DeleteObject',
        's3:ListBucket',
        's3:GetBucketLocation',
      ],
      resources: [bucket.arn, `${bucket.arn}/*`],
      conditions: { StringEquals: { 'aws:PrincipalTag/DatabricksAccountId': account } },
    })
    this.storageConfigurationId = new MwsStorageConfigurations(this, 'configuration', {
      accountId: account,
      storageConfigurationName: stack.named('root'),
      bucketName: bucket.bucket,
      dependsOn: [bucket.policy],
    }).storageConfigurationId
  }
}
