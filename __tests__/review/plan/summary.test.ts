/** A plan in words: what would lose data is the first line, and blocks. */
import { describe, expect, it } from 'vitest'
import type { ResourceChange } from '../../../review/plan/plan.ts'
import { PlanError, planOf } from '../../../review/plan/plan.ts'
import { mayBeApplied, summarize, summaryText } from '../../../review/plan/summary.ts'
import { planJson, resource } from './plan-json.ts'

const lake = 'darkroom-prod-lake'
const of = (...changes: readonly ResourceChange[]) => [planOf(planJson(...changes), lake)]
const firstLine = (text: string) => text.split('\n')[0]
const words = (changes: readonly ResourceChange[], allow: string[] = []) =>
  summaryText(summarize(of(...changes), allow), 'text')

const replacedTable = resource(
  'aws_dynamodb_table.ledger',
  ['delete', 'create'],
  { before: { hash_key: 'id' }, after: { hash_key: 'key' }, replace_paths: [['hash_key']] },
  { action_reason: 'replace_because_cannot_update' },
)
const replacedBucket = resource('aws_s3_bucket.lake', ['create', 'delete'], { replace_paths: [['bucket']] })

describe('a plan that would lose data', () => {
  it.each([
    [
      'replaces the table',
      replacedTable,
      'aws_dynamodb_table.ledger would be replaced because of hash_key, and with it rows',
    ],
    [
      'replaces the lake bucket',
      replacedBucket,
      'aws_s3_bucket.lake would be replaced because of bucket, and with it objects',
    ],
    [
      'destroys a key',
      resource('aws_kms_key.lake', ['delete']),
      'aws_kms_key.lake would be destroyed, and with it everything that is encrypted with it',
    ],
    [
      'replaces the cluster',
      resource('aws_msk_cluster.it', ['delete', 'create']),
      'aws_msk_cluster.it would be replaced, and with it events',
    ],
    [
      'destroys people',
      resource('aws_cognito_user_pool.it', ['delete']),
      'aws_cognito_user_pool.it would be destroyed, and with it people',
    ],
    [
      'destroys a volume',
      resource('databricks_volume.it', ['delete']),
      'databricks_volume.it would be destroyed, and with it files',
    ],
    [
      'forgets a table and makes another',
      resource('aws_dynamodb_table.it', ['create', 'forget']),
      'aws_dynamodb_table.it would be replaced',
    ],
  ])('because it %s says so in its first line, and blocks', (_, change, sentence) => {
    const summary = summarize(of(resource('aws_sns_topic.alarms', ['create']), change))
    expect(mayBeApplied(summary)).toBe(false)
    for (const format of ['text', 'markdown'] as const) {
      const first = firstLine(summaryText(summary, format))
      expect(first).toContain('BLOCKED')
      expect(first).toContain(`${lake}/${sentence}`)
    }
  })

  it('counts the others in the first line and names each below', () => {
    const text = words([replacedTable, replacedBucket])
    expect(firstLine(text)).toMatch(/and 1 more$/)
    expect(text).toContain(
      `--allow-data-loss '${lake}/aws_dynamodb_table.ledger' --allow-data-loss '${lake}/aws_s3_bucket.lake'`,
    )
  })

  it('passes with a label for each resource, and still says what is lost', () => {
    const allow = [`${lake}/aws_dynamodb_table.ledger`, `${lake}/aws_s3_bucket.lake`]
    const summary = summarize(of(replacedTable, replacedBucket), allow)
    expect(mayBeApplied(summary)).toBe(true)
    expect(firstLine(summaryText(summary, 'text'))).toContain('data is lost as allowed')
    expect(summaryText(summary, 'text')).toContain(`allowed: ${lake}/aws_s3_bucket.lake`)
  })

  it('blocks with a label for one of two, and with the label of another stack', () => {
    expect(mayBeApplied(summarize(of(replacedTable, replacedBucket), [`${lake}/aws_s3_bucket.lake`]))).toBe(false)
    expect(mayBeApplied(summarize(of(replacedTable), ['darkroom-prod-stream/aws_dynamodb_table.ledger']))).toBe(false)
  })

  it('is not passed by a label that names nothing: it may be a slip of the pen', () => {
    expect(mayBeApplied(summarize(of(), [`${lake}/aws_dynamodb_table.legder`]))).toBe(false)
  })
})

describe('a plan that loses nothing', () => {
  it('says so, with counts', () => {
    const text = words([
      resource('aws_sns_topic.alarms', ['create']),
      resource('aws_lambda_function.upload', ['update'], { before: { timeout: 29 }, after: { timeout: 28 } }),
      resource('aws_iam_role.old', ['delete']),
      resource('aws_dynamodb_table.ledger', ['no-op']),
    ])
    expect(firstLine(text)).toBe(
      'Plan of 1 stacks: 1 created, 1 changed, 1 destroyed; nothing that holds data is replaced or destroyed',
    )
    expect(text).toContain(`${lake}/aws_lambda_function.upload: timeout`)
  })

  it('may update what holds data, or leave it to itself', () => {
    const changes = [resource('aws_dynamodb_table.a', ['update']), resource('aws_s3_bucket.b', ['forget'])]
    expect(mayBeApplied(summarize(of(...changes)))).toBe(true)
  })

  it('does not count what Terraform only reads', () => {
    expect(words([resource('aws_caller_identity.me', ['read'], {}, { mode: 'data' })])).toContain('nothing changes')
  })
})

describe('permissions', () => {
  const policy = (...actions: string[]) => ({
    policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::lake/*'] }] }),
  })

  it('are a difference of what one may do, and not of JSON', () => {
    const text = words([
      resource('aws_iam_role_policy.purge', ['update'], {
        before: policy('s3:GetObject', 's3:PutObject'),
        after: policy('s3:DeleteObject', 's3:GetObject'),
      }),
    ])
    expect(text).toContain(`+ ${lake}/aws_iam_role_policy.purge: may s3:DeleteObject on arn:aws:s3:::lake/*`)
    expect(text).toContain(`− ${lake}/aws_iam_role_policy.purge: may s3:PutObject on arn:aws:s3:::lake/*`)
    expect(text).not.toMatch(/[+−].*s3:GetObject/)
  })

  it('that are written in another order are no change', () => {
    const change = { before: policy('s3:GetObject', 's3:PutObject'), after: policy('s3:PutObject', 's3:GetObject') }
    expect(summarize(of(resource('aws_iam_role_policy.purge', ['update'], change))).permissions).toEqual([])
  })

  it('that are known only when applied are said to be', () => {
    const change = { before: null, after: { name: 'purge' }, after_unknown: { policy: true } }
    expect(words([resource('aws_iam_role_policy.purge', ['create'], change)])).toContain(
      `? ${lake}/aws_iam_role_policy.purge: known only when applied`,
    )
  })

  it('of everybody stand out with their principal', () => {
    const after = { policy: '{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}' }
    expect(words([resource('aws_s3_bucket_policy.lake', ['create'], { after })])).toContain('*: may s3:GetObject on *')
  })
})

describe('the cost a month', () => {
  const cluster = (instance_type: string, brokers: number, volume_size: number) => ({
    number_of_broker_nodes: brokers,
    broker_node_group_info: [{ instance_type, storage_info: [{ ebs_storage_info: [{ volume_size }] }] }],
  })

  it('is counted from the table of prices, with its change', () => {
    const { cost } = summarize(
      of(
        resource('aws_msk_cluster.it', ['update'], {
          before: cluster('kafka.t3.small', 3, 10),
          after: cluster('kafka.t3.small', 3, 20),
        }),
        resource('aws_kms_key.it', ['create']),
        resource('aws_vpc_endpoint.sts', ['no-op'], {
          before: { vpc_endpoint_type: 'Interface', subnet_ids: ['a', 'b', 'c'] },
          after: { vpc_endpoint_type: 'Interface', subnet_ids: ['a', 'b', 'c'] },
        }),
      ),
    )
    // 3 brokers × 730 h × $0.0456, 10 or 20 GB each at $0.10, 3 zones × 730 h × $0.01, and a key.
    expect(cost.before).toBeCloseTo(99.864 + 3 + 21.9)
    expect(cost.after).toBeCloseTo(99.864 + 6 + 21.9 + 1)
    expect(cost.unknown).toEqual([])
  })

  it('names what has no known price instead of guessing it', () => {
    const text = words([
      resource('aws_msk_cluster.it', ['create'], { after: cluster('kafka.m7g.large', 3, 200) }),
      resource('aws_lambda_function.upload', ['create']),
    ])
    expect(text).toContain('$0.00 and more by being there')
    expect(text).toContain(`not counted, for want of a price: ${lake}/aws_msk_cluster.it`)
    expect(text).toContain('and by use: aws_lambda_function')
    expect(text).toMatch(/looked up on \d{4}-\d{2}-\d{2}/)
  })
})

describe('what is no plan', () => {
  it.each([
    ['another format', { ...planJson(), format_version: '2.0' }],
    ['a state', { version: 4, resources: [] }],
    ['a plan that Terraform could not finish', { ...planJson(), errored: true }],
    ['an action that nobody knows', planJson(resource('aws_s3_bucket.lake', ['obliterate']))],
  ])('is refused: %s', (_, json) => {
    expect(() => planOf(json, lake)).toThrow(PlanError)
  })
})
