/** Mistakes planted into a copy of what the stacks really make: the review finds each, and the rest stays as it was. */

import { describe, expect, it } from 'vitest'
import type { Arguments } from '../../review/infrastructure.ts'
import { waive } from '../../review/waive.ts'
import { waivers } from '../../review/waivers.ts'
import { dev, found, planted, remove, type Stacks, stacksOf } from './planting.ts'

describe('a review of the stacks', () => {
  it.each([
    ['dev', {}],
    ['prod', {}],
    ['prod', { DARKROOM_STREAM: 'serverless' }],
    ['dev', { DARKROOM_STREAM: 'express' }],
    ['dev', { DARKROOM_GATEWAY_ID: 'abcdef1234', DARKROOM_GATEWAY_ROOT: 'root123' }],
  ] as const)('finds nothing that is not waived in %s with %j', (environment, variables) => {
    const { open } = waive(found(stacksOf(environment, variables)), waivers, {
      today: new Date().toISOString().slice(0, 10),
      ran: () => false,
    })
    expect(open.map(({ rule, resource, wrong }) => `${resource} ${wrong} (${rule})`)).toEqual([])
  })

  it('takes less than two seconds for all rules and stacks', () => {
    const before = performance.now()
    found(dev)
    expect(performance.now() - before).toBeLessThan(2_000)
  })
})

describe('a mistake that is planted', () => {
  it('as a public bucket', () => {
    expect(
      planted('aws_s3_bucket_public_access_block', /^lake_/, (args) =>
        Object.assign(args, { block_public_policy: false }),
      ),
    ).toEqual(['reach/bucket-blocks-the-public lake/lake/bucket'])
    expect(planted('aws_s3_bucket_public_access_block', /^lake_/, remove)).toEqual([
      'reach/bucket-blocks-the-public lake/lake/bucket',
    ])
  })

  it('as a policy that lets everybody read the bucket', () => {
    const open = (args: Arguments) => {
      const policy = JSON.parse(args.policy)
      policy.Statement.push({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' })
      args.policy = JSON.stringify(policy)
    }
    expect(planted('aws_s3_bucket_policy', /^lake_/, open)).toEqual(['reach/policy-names-its-callers lake/lake/policy'])
  })

  it('as a wildcard policy', () => {
    const everything = (args: Arguments) => {
      args.policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      })
    }
    expect(planted('aws_iam_role_policy', /^purge-function/, everything)).toEqual(
      expect.arrayContaining([
        'privilege/no-wildcard-action retention/purge-function/policy',
        'privilege/no-wildcard-resource retention/purge-function/policy',
      ]),
    )
  })

  it('as an unencrypted topic: of notices, and of the stream', () => {
    expect(planted('aws_sns_topic', /^alarms_/, (args) => delete args.kms_master_key_id)).toEqual([
      'encryption/notices foundation/alarms/topic',
    ])
    expect(
      planted(
        'aws_msk_cluster',
        /./,
        ({ encryption_info: encryption }) => delete encryption.encryption_at_rest_kms_key_arn,
      ),
    ).toEqual(['kafka/encrypted-on-disk stream/cluster/cluster'])
  })

  it('as a missing lifecycle rule', () => {
    const without = (id: string) => (args: Arguments) => {
      args.rule = args.rule.filter((rule: Arguments) => rule.id !== id)
    }
    expect(planted('aws_s3_bucket_lifecycle_configuration', /^lake_/, without('metadata'))).toEqual([
      'retention/layout-expires lake/lake/bucket',
      'retention/older-versions-expire lake/lake/bucket',
    ])
    expect(planted('aws_s3_bucket_lifecycle_configuration', /^lake_/, without('unfinished-uploads'))).toEqual([
      'retention/unfinished-uploads-end lake/lake/bucket',
    ])
    expect(planted('aws_s3_bucket_lifecycle_configuration', /^failures_/, remove)).toEqual(
      expect.arrayContaining(['retention/bucket-has-lifecycle lake/failures/bucket']),
    )
  })

  it('as a log group that never expires', () => {
    expect(planted('aws_cloudwatch_log_group', /^upload-logs/, (args) => delete args.retention_in_days)).toEqual([
      'logs/group-expires ingest/upload-logs/group',
    ])
  })

  it('as an unbounded retry', () => {
    for (const endless of [
      (args: Arguments) => delete args.maximum_retry_attempts,
      (args: Arguments) => Object.assign(args, { maximum_retry_attempts: -1 }),
    ]) {
      expect(planted('aws_lambda_event_source_mapping', /^trigger_/, endless)).toEqual([
        'lambda/retries-are-bounded processing/trigger/mapping',
      ])
    }
  })

  it('as a function that may write to the topic that triggers it', () => {
    const publish = (args: Arguments) => {
      args.policy = args.policy.replaceAll('/images.quarantine"', '/images"')
    }
    expect(planted('aws_iam_role_policy', /^process-function/, publish)).toContain(
      'recursion/trigger-feeds-itself processing/trigger/mapping',
    )
  })

  it('as a backup of 35 days, and as a bucket that calls its writer in another stack', () => {
    expect(
      planted(
        'aws_dynamodb_table',
        /^ledger/,
        ({ point_in_time_recovery: recovery }) => delete recovery.recovery_period_in_days,
      ),
    ).toEqual(['retention/backups-end lake/ledger/table'])
    const copy: Stacks = structuredClone(dev)
    const processing = copy['darkroom-dev-processing'] as { resource: Record<string, Record<string, Arguments>> }
    const [lambda] = Object.keys(processing.resource.aws_lambda_function ?? {}).filter((id) =>
      id.startsWith('process-'),
    )
    const policy = Object.values(processing.resource.aws_iam_role_policy ?? {}).find(({ policy }) =>
      policy.includes('/images/*'),
    )
    const [bucket] = /\$\{data\.terraform_remote_state[^}]*s3_bucketlake_bucket[^}]*\}/.exec(policy?.policy) ?? []
    processing.resource.aws_s3_bucket_notification = {
      planted: { bucket, lambda_function: [{ lambda_function_arn: `\${aws_lambda_function.${lambda}.arn}` }] },
    }
    expect(found(copy).map(({ rule }) => rule)).toContain('recursion/bucket-calls-its-writer')
  })
})
