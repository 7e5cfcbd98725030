/** The catalog of the environment, with the schema of the aggregates in a bucket of ours under a key of ours. */
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { Catalog } from '@cdktf/provider-databricks/lib/catalog/index.js'
import { Grants } from '@cdktf/provider-databricks/lib/grants/index.js'
import { Schema } from '@cdktf/provider-databricks/lib/schema/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { analytics, analyticsCatalog, databricksBuckets } from '../../../platform.ts'
import type { LakeStack } from '../../lake.ts'
import { EncryptionKey } from '../key.ts'
import { databricksLifecycle } from '../lifecycles.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { policyDocument, type Statement } from '../policy.ts'
import { PrivateBucket } from '../private-bucket.ts'
import { UnityStorage } from './unity-storage.ts'

export type AnalyticsCatalogProps = {
  readonly lake: LakeStack
  readonly analysts: string
  readonly after: ITerraformDependable
}

export class AnalyticsCatalog extends Construct {
  readonly name: string
  /** Where the aggregates are: `<catalog>.<schema>`. */
  readonly reports: string

  constructor(stack: PlatformStack, id: string, { lake, analysts, after }: AnalyticsCatalogProps) {
    super(stack, id)
    const key = new EncryptionKey(stack, 'reports-key', { name: 'reports', purpose: 'Aggregates of the analysts' })
    const bucket = new PrivateBucket(stack, 'reports', {
      ...databricksBuckets.reports,
      key,
      accessLog: lake.accessLog,
      lifecycle: databricksLifecycle,
    })
    const storage = new UnityStorage(stack, `${id}-storage`, {
      name: 'reports',
      purpose: 'Tables of aggregates',
      bucket: bucket.bucket,
      readOnly: false,
      permissions: (scope, role, more) => {
        const statements: Statement[] = [...more, ...writing(bucket.arn)]
        key.grantEncrypt({ allow: (...granted) => void statements.push(...granted) }, 's3')
        return new IamRolePolicy(scope, 'policy', {
          name: 'reports',
          role: role.name,
          policy: policyDocument(statements),
        })
      },
      after,
    })
    const catalog = new Catalog(this, 'catalog', {
      name: analyticsCatalog(stack.config.environment),
      comment: 'Darkroom, for its analysts',
      storageRoot: storage.url,
      // Other workspaces of the metastore do not see it.
      isolationMode: 'ISOLATED',
      forceDestroy: !stack.config.protectData,
      dependsOn: [storage.location],
    })
    this.name = catalog.name
    const schema = new Schema(this, 'reports-schema', {
      catalogName: catalog.name,
      name: analytics.reports,
      comment: 'Aggregates of the last seven days; no row tells of a single image',
      forceDestroy: true,
    })
    this.reports = `${catalog.name}.${schema.name}`
    new Grants(this, 'catalog-grants', {
      catalog: catalog.name,
      grant: [{ principal: analysts, privileges: ['USE_CATALOG'] }],
    })
    new Grants(this, 'reports-grants', {
      schema: schema.id,
      grant: [{ principal: analysts, privileges: ['USE_SCHEMA', 'SELECT'] }],
    })
  }
}

const writing = (arn: string): Statement[] => [
  {
    actions: ['GetObject', 'PutObject', 'DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].map(
      (action) => `s3:${action}`,
    ),
    resources: [`${arn}/*`],
  },
  { actions: ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], resources: [arn] },
]
