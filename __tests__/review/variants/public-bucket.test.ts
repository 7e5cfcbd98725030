/** A bucket that everybody can read: the review finds each way of making the same mistake. */
import { describe, expect, it } from 'vitest'
import {
  added,
  beside,
  changed,
  lakeArn,
  lakeBucket,
  policy,
  rulesThatFind,
  set,
  type Variant,
  without,
} from '../planting.ts'

const everybodyReads = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${lakeArn}/*` }
const publicBuckets: Variant[] = [
  [
    'a block with one of four off',
    () => changed('aws_s3_bucket_public_access_block', /^lake_/, set({ ignore_public_acls: false })),
    'reach/bucket-blocks-the-public',
  ],
  [
    'a block without one of four',
    () => changed('aws_s3_bucket_public_access_block', /^failures_/, without('restrict_public_buckets')),
    'reach/bucket-blocks-the-public',
  ],
  [
    'a block with the word "false"',
    () => changed('aws_s3_bucket_public_access_block', /^lake_/, set({ block_public_acls: 'false' })),
    'reach/bucket-blocks-the-public',
  ],
  [
    'a second block that contradicts the first',
    () => beside('lake', 'aws_s3_bucket_public_access_block', { bucket: lakeBucket }),
    'reach/bucket-blocks-the-public',
  ],
  [
    'a new bucket without a block',
    () => beside('ingest', 'aws_s3_bucket', { bucket: 'planted' }),
    'reach/bucket-blocks-the-public',
  ],
  [
    'an ACL beside the bucket',
    () => beside('lake', 'aws_s3_bucket_acl', { bucket: 'some-bucket', acl: 'public-read' }),
    'reach/bucket-has-no-acls',
  ],
  [
    'an ACL of the bucket itself',
    () => changed('aws_s3_bucket', /^lake_/, set({ acl: 'public-read' })),
    'reach/bucket-has-no-acls',
  ],
  [
    'a policy of the bucket itself',
    () => changed('aws_s3_bucket', /^lake_/, set({ policy: policy(everybodyReads) })),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy for everybody, as AWS: ["*"]',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: policy({ ...everybodyReads, Principal: { AWS: ['*'] } }),
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy by jsonencode',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: `\${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Principal" = "*", "Action" = ["s3:GetObject"], "Resource" = "${lakeArn}/*"}]})}`,
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy as a heredoc',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: `\${<<-EOF\n    ${policy(everybodyReads)}\n    EOF\n}`,
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy by aws_iam_policy_document',
    () =>
      added('lake', {
        data: {
          aws_iam_policy_document: {
            planted: {
              statement: [
                {
                  actions: ['s3:GetObject'],
                  resources: [`${lakeArn}/*`],
                  principals: [{ type: '*', identifiers: ['*'] }],
                },
              ],
            },
          },
        },
        resource: {
          aws_s3_bucket_policy: {
            planted: { bucket: lakeBucket, policy: `\${data.aws_iam_policy_document.planted.json}` },
          },
        },
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy for everybody but one',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: policy({
          Effect: 'Allow',
          NotPrincipal: { AWS: 'arn:aws:iam::1:root' },
          Action: 's3:GetObject',
          Resource: `${lakeArn}/*`,
        }),
      }),
    'reach/callers-may-do-what-is-named',
  ],
  [
    'a policy whose condition narrows nothing',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: policy({ ...everybodyReads, Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }),
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a policy for all accounts but one',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: policy({ ...everybodyReads, Condition: { StringNotEquals: { 'aws:SourceAccount': '1' } } }),
      }),
    'reach/policy-names-its-callers',
  ],
  [
    'a website',
    () =>
      beside('lake', 'aws_s3_bucket_website_configuration', {
        bucket: lakeBucket,
        index_document: { suffix: 'index.html' },
      }),
    'reach/no-websites',
  ],
  [
    'a module',
    () => added('lake', { module: { bucket: { source: 'terraform-aws-modules/s3-bucket/aws' } } }),
    'visible/no-modules',
  ],
  [
    'a CloudFormation template',
    () => beside('lake', 'aws_cloudformation_stack', { name: 'it', template_body: '{}' }),
    'visible/known-kinds',
  ],
]

describe('the review finds a public bucket', () => {
  it.each(publicBuckets)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})
