/** What holds data is hard to destroy by mistake: in production always. */
import { block, type Resource } from '../infrastructure.ts'
import { isLake, isWritten } from '../places.ts'
import { allBeside } from '../policy.ts'
import type { Rule } from '../rule.ts'

const isProduction = ({ stack }: Resource) => /(^|-)prod(-|$)/.test(stack)
const lifecycleDocs = 'Terraform language, "The lifecycle meta-argument": prevent_destroy'

export const protectionRules: readonly Rule[] = [
  {
    id: 'protection/prevent-destroy',
    title: 'In production Terraform refuses to destroy what holds data',
    severity: 'high',
    why: 'A renamed construct is a replacement, and a replacement of a table is an empty table.',
    source: lifecycleDocs,
    fix: 'Set lifecycle.prevent_destroy from config.protectData',
    applies: [
      'aws_dynamodb_table',
      'aws_s3_bucket',
      'aws_kms_key',
      'aws_msk_cluster',
      'aws_msk_serverless_cluster',
      'aws_cognito_user_pool',
    ],
    check: (resource, all) =>
      isProduction(resource) &&
      (resource.type !== 'aws_s3_bucket' || isWritten(resource, all)) &&
      block(resource.args.lifecycle).prevent_destroy !== true &&
      'may be destroyed by an apply',
  },
  {
    id: 'protection/deletion-protection',
    title: 'In production AWS refuses to delete tables and people',
    severity: 'high',
    why: 'prevent_destroy holds Terraform back, and nobody else.',
    source:
      'Amazon DynamoDB Developer Guide, "Using deletion protection"; Amazon Cognito user pool deletion protection',
    fix: 'Set deletion_protection_enabled, or deletion_protection = ACTIVE',
    applies: ['aws_dynamodb_table', 'aws_cognito_user_pool'],
    check: (resource) =>
      isProduction(resource) &&
      resource.args.deletion_protection_enabled !== true &&
      resource.args.deletion_protection !== 'ACTIVE' &&
      'may be deleted by anybody with the permission',
  },
  {
    id: 'protection/no-force-destroy',
    title: 'In production a bucket with data is not emptied to be destroyed',
    severity: 'high',
    why: 'force_destroy deletes every version of every object first.',
    source: 'Terraform AWS provider, aws_s3_bucket, force_destroy',
    fix: 'Set force_destroy from config.protectData',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) =>
      isProduction(bucket) &&
      isWritten(bucket, all) &&
      bucket.args.force_destroy === true &&
      'would be emptied and destroyed',
  },
  {
    id: 'protection/keys-wait',
    title: 'In production a key waits thirty days before it is gone',
    severity: 'medium',
    why: 'With the key all that it encrypts is lost; the waiting time is the only way back.',
    source: 'AWS KMS Developer Guide, "Delete an AWS KMS key": waiting period of 7 to 30 days',
    fix: 'Set deletion_window_in_days to 30',
    applies: ['aws_kms_key'],
    check: (key) =>
      isProduction(key) &&
      (key.args.deletion_window_in_days ?? 30) < 30 &&
      `is gone after ${key.args.deletion_window_in_days} days`,
  },
  {
    id: 'protection/lake-is-versioned',
    title: 'The lake keeps versions',
    severity: 'high',
    why: 'An overwritten original is lost otherwise, and it was acknowledged.',
    source: 'Amazon S3 User Guide, "Retaining multiple versions of objects with S3 Versioning"',
    fix: 'Set versioned in platform.ts, "buckets"',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      if (!isLake(bucket, all)) return undefined
      const versioning = allBeside('aws_s3_bucket_versioning', bucket, all)
      const on = ({ args }: Resource) => block(args.versioning_configuration).status === 'Enabled'
      return !(versioning.length > 0 && versioning.every(on)) && 'keeps no versions'
    },
  },
  {
    id: 'protection/recovery',
    title: 'Tables can be restored to a moment of the last day',
    severity: 'medium',
    why: 'A bug that writes wrong rows is found within hours, and there is no other copy.',
    source: 'Amazon DynamoDB Developer Guide, "Point-in-time recovery"',
    fix: 'Set point_in_time_recovery { enabled = true, recovery_period_in_days = 1 }',
    applies: ['aws_dynamodb_table'],
    check: ({ args }) => block(args.point_in_time_recovery).enabled !== true && 'cannot be restored',
  },
]
