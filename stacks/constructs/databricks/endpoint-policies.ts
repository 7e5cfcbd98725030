/** What clusters may reach through the endpoints of AWS: our buckets by name, and those few of Databricks'. */
import { buckets, databricksBuckets } from '../../../platform.ts'
import type { PlatformStack } from '../platform-stack.ts'
import type { Statement } from '../policy.ts'
import { databricksAccount, databricksRegion } from './regions.ts'

const reading = ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation']
const writing = [
  ...reading,
  's3:PutObject',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
  's3:ListBucketMultipartUploads',
]

/** Requests signed by somebody of this account. */
const by = (account: string) => ({ StringEquals: { 'aws:PrincipalAccount': account } })

export function clusterStorageStatements(stack: PlatformStack): Statement[] {
  const { logBucket, artifactBuckets } = databricksRegion(stack.config.region)
  const ours = (...names: string[]) => bucketAndObjects(names.map((name) => stack.bucketName(name)))
  const statement = (sid: string, actions: readonly string[], resources: readonly string[], account: string) => ({
    sid,
    principals: '*' as const,
    actions,
    resources,
    conditions: by(account),
  })
  return [
    // Beyond Databricks' reference, which knows no data lake: read, and never write.
    statement('ReadTheLake', reading, ours(buckets.lake.name), stack.account),
    statement('Reports', writing, ours(databricksBuckets.reports.name), stack.account),
    statement('WorkspaceRoot', writing, ours(databricksBuckets.root.name), databricksAccount),
    statement(
      'ClusterLogs',
      ['s3:PutObject', 's3:ListBucket', 's3:GetBucketLocation'],
      bucketAndObjects([logBucket]),
      databricksAccount,
    ),
    {
      sid: 'Runtime',
      principals: '*',
      actions: reading,
      resources: bucketAndObjects(artifactBuckets),
      // Fetched by links that Databricks signs, or without signature: the buckets' owner is what is known.
      conditions: { StringEquals: { 'aws:ResourceAccount': databricksAccount } },
    },
  ]
}

/** Clusters take on roles of Databricks to bring their logs; of ours they take on none. */
export const clusterStsStatement: Statement = {
  sid: 'ClustersOfDatabricks',
  principals: { AWS: databricksAccount },
  actions: ['sts:AssumeRole', 'sts:TagSession'],
  resources: [`arn:aws:iam::${databricksAccount}:role/*`],
}

/** The streams by which clusters report to the control plane. */
export const clusterKinesisStatement = (region: string): Statement => ({
  sid: 'ReportToDatabricks',
  principals: { AWS: databricksAccount },
  actions: ['kinesis:PutRecord', 'kinesis:PutRecords', 'kinesis:DescribeStream'],
  resources: [`arn:aws:kinesis:${region}:${databricksAccount}:stream/*`],
})

const bucketAndObjects = (names: readonly string[]) =>
  names.flatMap((name) => [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`])
