/** Encryption, logs, retries, and what hides another mistake: the review finds each way of making the same mistake. */
import { describe, expect, it } from 'vitest'
import type { Arguments } from '../../../review/infrastructure.ts'
import { beside, changed, rulesThatFind, set, type Variant, without } from '../planting.ts'

const rule = (id: string, change: (rule: Arguments, rules: Arguments[]) => void) => (args: Arguments) => {
  const found = args.rule.find((one: Arguments) => one.id === id)
  change(found, args.rule)
}
const lifecycle = (bucket: RegExp, change: (args: Arguments) => void) => () =>
  changed('aws_s3_bucket_lifecycle_configuration', bucket, change)
const unencrypted: Variant[] = [
  ['of notices, new', () => beside('foundation', 'aws_sns_topic', { name: 'planted' }), 'encryption/notices'],
  [
    'of notices, with an empty key',
    () => changed('aws_sns_topic', /^alarms_/, set({ kms_master_key_id: '' })),
    'encryption/notices',
  ],
  [
    'of notices, with AWS’s key',
    () => changed('aws_sns_topic', /^alarms_/, set({ kms_master_key_id: 'alias/aws/sns' })),
    'encryption/notices',
  ],
  [
    'of the stream, on disk',
    () => changed('aws_msk_cluster', /./, without('encryption_info')),
    'kafka/encrypted-on-disk',
  ],
  [
    'of the stream, towards its clients',
    () =>
      changed('aws_msk_cluster', /./, (args) => {
        args.encryption_info.encryption_in_transit = { client_broker: 'TLS_PLAINTEXT' }
      }),
    'kafka/encrypted-on-the-way',
  ],
  [
    'of the stream, between brokers',
    () =>
      changed('aws_msk_cluster', /./, (args) => {
        args.encryption_info.encryption_in_transit = { in_cluster: false }
      }),
    'kafka/encrypted-on-the-way',
  ],
  ['a queue beside it', () => beside('processing', 'aws_sqs_queue', { name: 'planted' }), 'encryption/queue'],
  ['a stream of another kind', () => beside('stream', 'aws_kinesis_stream', { name: 'planted' }), 'encryption/streams'],
]

const logs: Variant[] = [
  [
    'with 0 days',
    () => changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: 0 })),
    'logs/group-expires',
  ],
  [
    'with "0" days',
    () => changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: '0' })),
    'logs/group-expires',
  ],
  [
    'with null',
    () => changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: null })),
    'logs/group-expires',
  ],
  [
    'with ten years',
    () => changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: 3653 })),
    'logs/group-expires-in-time',
  ],
  [
    'with a variable that is 0',
    () => {
      const stacks = changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: `\${var.days}` }))
      Object.assign(stacks['darkroom-dev-processing'] as object, { variable: { days: { default: 0 } } })
      return stacks
    },
    'logs/group-expires',
  ],
  [
    'with a variable that nobody knows',
    () => changed('aws_cloudwatch_log_group', /^process-logs/, set({ retention_in_days: `\${var.days}` })),
    'logs/group-expires',
  ],
  ['new', () => beside('processing', 'aws_cloudwatch_log_group', { name: '/planted' }), 'logs/group-expires'],
  [
    'that Lambda makes',
    () => changed('aws_lambda_function', /^process-/, set({ logging_config: { log_group: '/planted' } })),
    'logs/function-logs-to-a-group-of-ours',
  ],
]

const retries: Variant[] = [
  [
    'with "-1"',
    () => changed('aws_lambda_event_source_mapping', /^trigger_/, set({ maximum_retry_attempts: '-1' })),
    'lambda/retries-are-bounded',
  ],
  [
    'with AWS’s own most',
    () => changed('aws_lambda_event_source_mapping', /^trigger_/, set({ maximum_retry_attempts: 10_000 })),
    'lambda/retries-are-bounded',
  ],
  [
    'for as long as the stream remembers',
    () => changed('aws_lambda_event_source_mapping', /^trigger_/, set({ maximum_record_age_in_seconds: -1 })),
    'lambda/record-age-is-bounded',
  ],
  [
    'for a week',
    () => changed('aws_lambda_event_source_mapping', /^trigger_/, set({ maximum_record_age_in_seconds: 604_800 })),
    'lambda/record-age-is-bounded',
  ],
  [
    'of a new trigger',
    () =>
      beside('processing', 'aws_lambda_event_source_mapping', {
        function_name: 'planted',
        event_source_arn: 'arn:aws:kafka:us-east-1:1:cluster/c',
        topics: ['images'],
      }),
    'lambda/retries-are-bounded',
  ],
  [
    'of the clock',
    () => changed('aws_cloudwatch_event_target', /^purge/, without('retry_policy')),
    'lambda/clock-calls-are-not-repeated-for-a-day',
  ],
  [
    'of another clock',
    () => beside('processing', 'aws_scheduler_schedule', { target: { arn: 'x' } }),
    'lambda/clock-calls-are-not-repeated-for-a-day',
  ],
  [
    'of calls that Lambda queues',
    () =>
      changed('aws_lambda_function_event_invoke_config', /^purge/, (args, all) => {
        for (const [id, found] of Object.entries(all)) if (found === args) delete all[id]
      }),
    'lambda/asynchronous-calls-are-bounded',
  ],
]

const others: Variant[] = [
  [
    'a lake in clear, with its rule of images gone too',
    () =>
      changed(
        'aws_s3_bucket_server_side_encryption_configuration',
        /^lake_/,
        set({ rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }] }),
        lifecycle(
          /^lake_/,
          rule('images', (one, all) => all.splice(all.indexOf(one), 1)),
        )(),
      ),
    'encryption/bucket',
  ],
  [
    'a lake without versions, with its rule of images gone too',
    () =>
      changed(
        'aws_s3_bucket_versioning',
        /^lake_/,
        (args) => {
          args.versioning_configuration = { status: 'Suspended' }
        },
        lifecycle(
          /^lake_/,
          rule('images', (one, all) => all.splice(all.indexOf(one), 1)),
        )(),
      ),
    'protection/lake-is-versioned',
  ],
  [
    'a dynamic block that opens a group',
    () =>
      beside('network', 'aws_security_group', {
        dynamic: { ingress: { for_each: ['a'], content: { cidr_blocks: ['0.0.0.0/0'] } } },
      }),
    'reach/groups-let-nobody-in',
  ],
  ['a store that no purge knows', () => beside('lake', 'aws_efs_file_system', {}), 'retention/no-other-stores'],
  ['a table without an end', () => changed('aws_dynamodb_table', /^ledger/, without('ttl')), 'retention/table-has-ttl'],
  [
    'a script',
    () => changed('aws_s3_bucket', /^lake_/, set({ provisioner: [{ 'local-exec': { command: 'true' } }] })),
    'visible/no-scripts',
  ],
]

describe('the review finds an unencrypted topic', () => {
  it.each(unencrypted)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})

describe('the review finds a log group that never expires', () => {
  it.each(logs)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})

describe('the review finds an unbounded retry', () => {
  it.each(retries)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})

describe('the review finds another mistake', () => {
  it.each(others)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})
