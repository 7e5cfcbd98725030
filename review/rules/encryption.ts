/** Everything is encrypted: what holds images with a key of ours, and what crosses a network with TLS. */
import { block } from '../infrastructure.ts'
import { isLake, isWritten } from '../places.ts'
import { allBeside, beside, kmsOf, statementsOf } from '../policy.ts'
import type { Rule } from '../rule.ts'

/** A key that AWS keeps for a service has the alias `aws/<service>`. */
const isOurs = (key: unknown): boolean => Boolean(key) && !/(^|:)alias\/aws\//.test(String(key))

export const encryptionRules: readonly Rule[] = [
  {
    id: 'encryption/bucket',
    title: 'Buckets say how they are encrypted, and those with images use a key of ours',
    severity: 'high',
    why: 'A key of ours can be taken away from everybody at once, and its use is on record.',
    source: 'Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)"',
    fix: 'Set sse_algorithm aws:kms and kms_master_key_id',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      const found = allBeside('aws_s3_bucket_server_side_encryption_configuration', bucket, all).map(kmsOf)
      if (found.length === 0 || found.some(({ sse_algorithm: algorithm }) => !algorithm))
        return 'does not say how it is encrypted'
      // Whatever a function of ours may write to holds images, or full copies of their events.
      if (!isWritten(bucket, all) && !isLake(bucket, all)) return undefined
      return (
        found.some(({ sse_algorithm: algorithm, kms_master_key_id: key }) => algorithm === 'AES256' || !isOurs(key)) &&
        'is not encrypted with a key of ours'
      )
    },
  },
  {
    id: 'encryption/bucket-takes-tls-only',
    title: 'Buckets refuse plain HTTP',
    severity: 'high',
    why: 'A presigned link also works over plain HTTP, where everybody on the way can read it.',
    source: 'Amazon S3 User Guide, "Security best practices": enforce encryption of data in transit',
    fix: 'Deny s3:* where aws:SecureTransport is false (stacks/constructs/private-bucket.ts does)',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) =>
      !statementsOf(beside('aws_s3_bucket_policy', bucket, all)?.args.policy).some(
        ({ allows, principals, conditions }) =>
          !allows && principals.includes('*') && conditions.includes('aws:SecureTransport'),
      ) && 'takes plain HTTP',
  },
  {
    id: 'encryption/table',
    title: 'Tables are encrypted with a key of ours',
    severity: 'high',
    why: 'Rows say who uploaded what.',
    source: 'Amazon DynamoDB Developer Guide, "Encryption at rest"',
    fix: 'Set server_side_encryption { enabled = true, kms_key_arn }',
    applies: ['aws_dynamodb_table'],
    check: ({ args }) => {
      const { enabled, kms_key_arn: key } = block(args.server_side_encryption)
      return !(enabled === true && isOurs(key)) && 'is not encrypted with a key of ours'
    },
  },
  {
    id: 'encryption/notices',
    title: 'SNS topics are encrypted',
    severity: 'high',
    why: 'Notices name what failed; an unencrypted topic lies in clear on SNS’s disks.',
    source: 'Amazon SNS Developer Guide, "Encryption at rest"',
    fix: 'Set kms_master_key_id to a key of ours',
    applies: ['aws_sns_topic'],
    check: ({ args }) => !isOurs(args.kms_master_key_id) && 'is not encrypted with a key of ours',
  },
  {
    id: 'encryption/queue',
    title: 'Queues are encrypted',
    severity: 'high',
    why: 'A dead letter is a full copy of an event.',
    source: 'Amazon SQS Developer Guide, "Encryption at rest"',
    fix: 'Set kms_master_key_id to a key of ours',
    applies: ['aws_sqs_queue'],
    check: ({ args }) => !isOurs(args.kms_master_key_id) && 'is not encrypted with a key of ours',
  },
  {
    id: 'encryption/streams',
    title: 'Kinesis streams are encrypted',
    severity: 'high',
    why: 'What flows there lies on disks of AWS’s for a day at least.',
    source: 'Amazon Kinesis Data Streams Developer Guide, "Data protection": server-side encryption',
    fix: 'Set encryption_type to KMS and kms_key_id to a key of ours',
    applies: ['aws_kinesis_stream'],
    check: ({ args }) =>
      !(args.encryption_type === 'KMS' && isOurs(args.kms_key_id)) && 'is not encrypted with a key of ours',
  },
  {
    id: 'encryption/logs',
    title: 'Log groups are encrypted with a key of ours',
    severity: 'medium',
    why: 'Logs name images and requests.',
    source: 'Amazon CloudWatch Logs User Guide, "Encrypt log data using AWS KMS"',
    fix: 'Use stacks/constructs/logs.ts with the logs’ key',
    applies: ['aws_cloudwatch_log_group'],
    check: ({ args }) => !isOurs(args.kms_key_id) && 'is not encrypted with a key of ours',
  },
  {
    id: 'encryption/keys-rotate',
    title: 'Keys are rotated',
    severity: 'medium',
    why: 'A key that leaked is of use for a year at most.',
    source: 'AWS KMS Developer Guide, "Rotate AWS KMS keys"',
    fix: 'Set enable_key_rotation',
    applies: ['aws_kms_key'],
    check: ({ args }) =>
      (args.customer_master_key_spec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT' &&
      args.enable_key_rotation !== true &&
      'is never rotated',
  },
  {
    id: 'encryption/no-secrets-in-variables',
    title: 'No secret stands in a function’s variables',
    severity: 'high',
    why: 'Whoever may read a function’s configuration, or the state, reads it.',
    source: 'AWS Lambda Developer Guide, "Working with Lambda environment variables": securing',
    fix: 'Use an IAM role, or AWS Secrets Manager',
    applies: ['aws_lambda_function'],
    check: ({ args }) =>
      Object.entries(block(args.environment).variables ?? {})
        .filter(
          ([name, value]) => /secret|password|passwd|private_?key|access_?key|api_?key/i.test(name) && value !== '',
        )
        .map(([name]) => `has ${name} among its variables`),
  },
]
