/** Nothing that the stacks make keeps data beyond its term, and what forgets cannot be switched off by accident. */
import { describe, expect, it } from 'vitest'
import { functions, layout, retention, topics } from '../../platform.ts'
import { logDays } from '../../stacks/constructs/logs.ts'
import { settable } from '../../stacks/constructs/topics.ts'
import { type Arguments, functionPolicy, synthesize } from './synthesized.ts'

const day = 86_400_000
const dev = synthesize()
const prod = synthesize('prod')

const lifecycleOf = (bucket: string): Arguments[] =>
  dev.all('aws_s3_bucket_lifecycle_configuration').find(({ id }) => id.startsWith(`${bucket}_`))?.rule ?? []
const ruleFor = (bucket: string, prefix: string): Arguments | undefined =>
  lifecycleOf(bucket).find(({ filter, expiration }) => filter[0].prefix === prefix && expiration?.[0].days)

describe('S3 as a backstop behind the purge', () => {
  it('has an end for the objects of every bucket', () => {
    const ends = dev.all('aws_s3_bucket_lifecycle_configuration').map(({ id }) => id.split('_')[0])
    const buckets = dev.all('aws_s3_bucket').map(({ id }) => id.split('_')[0])
    expect(ends.toSorted()).toEqual(buckets.toSorted())
  })

  it.each([layout.images, layout.metadata])('ends what lies below %s a day after the promise', (prefix) => {
    expect(ruleFor('lake', prefix)?.expiration).toEqual([{ days: (retention.images + retention.backstop) / day }])
  })

  it.each([layout.runs, layout.receipts])('keeps what lies below %s for as long as runs are kept', (prefix) => {
    expect(ruleFor('lake', prefix)?.expiration).toEqual([{ days: retention.runs / day }])
  })

  it('ends every older version a day after it was overwritten or deleted', () => {
    for (const prefix of Object.values(layout).filter((place) => place.endsWith('/'))) {
      expect(ruleFor('lake', prefix)?.noncurrent_version_expiration).toEqual([{ noncurrent_days: 1 }])
    }
  })

  it('takes away markers that hide nothing, in a rule of their own', () => {
    const markers = lifecycleOf('lake').filter(({ expiration }) => expiration?.[0].expired_object_delete_marker)
    expect(markers).toHaveLength(1)
    expect(markers[0]?.expiration).toEqual([{ expired_object_delete_marker: true }])
  })

  it.each(['lake', 'failures', 'web-bucket'])('ends unfinished uploads of %s in time', (bucket) => {
    const aborts = lifecycleOf(bucket).flatMap(({ abort_incomplete_multipart_upload: abort }) => abort ?? [])
    expect(aborts).toEqual([{ days_after_initiation: retention.unfinishedUploads / day }])
  })

  it('ends copies of failed batches in time', () => {
    expect(ruleFor('failures', '')?.expiration).toEqual([{ days: retention.failures / day }])
  })

  it("ends S3's access log as soon as other logs", () => {
    expect(ruleFor('access-log', '')?.expiration).toEqual([{ days: retention.logs / day }])
  })
})

describe('tables', () => {
  it('keep backups no longer than a day beyond the promise', () => {
    for (const table of dev.all('aws_dynamodb_table')) {
      expect(table.point_in_time_recovery).toEqual({ enabled: true, recovery_period_in_days: retention.backups / day })
      expect(table.point_in_time_recovery.recovery_period_in_days).toBeLessThanOrEqual(1)
    }
  })
})

describe('logs', () => {
  it('are forgotten in time, in every log group', () => {
    const groups = dev.all('aws_cloudwatch_log_group')
    expect(groups.length).toBeGreaterThan(dev.all('aws_lambda_function').length)
    for (const group of groups) expect(group.retention_in_days).toBe(retention.logs / day)
  })

  it('have a group of ours for every function, before Lambda makes one that never expires', () => {
    const names = dev.all('aws_cloudwatch_log_group').map(({ name }) => name)
    for (const { function_name: name } of dev.all('aws_lambda_function')) expect(names).toContain(`/aws/lambda/${name}`)
  })

  it('of the API say nothing about who or from where', () => {
    const { access_log_settings: settings } = dev.one('aws_api_gateway_stage')
    expect(settings.format).not.toMatch(/identity|authorizer|sourceIp|userAgent|caller|user\b|\$context\.path\b/i)
  })

  it('of requests and bodies are not written by API Gateway', () => {
    expect(dev.one('aws_api_gateway_method_settings').settings).toMatchObject({
      data_trace_enabled: false,
      logging_level: 'OFF',
    })
  })

  it('of the firewall keep no samples of requests', () => {
    const acl = dev.one('aws_wafv2_web_acl')
    const visibilities = [acl, ...acl.rule].map(({ visibility_config: visibility }) => visibility)
    for (const visibility of visibilities) expect(visibility.sampled_requests_enabled).toBe(false)
  })

  it.each([
    [3 * day, 3],
    [4 * day, 3],
    [30 * day, 30],
  ])('that may live %i ms live the longest time that CloudWatch takes below it', (milliseconds, expected) => {
    expect(logDays(milliseconds)).toBe(expected)
  })

  it('that may live less than a day are refused, and not kept for longer', () => {
    expect(() => logDays(0)).toThrow(RangeError)
  })
})

describe('the stream', () => {
  const properties = Object.fromEntries(
    (dev.one('aws_msk_configuration').server_properties as string).split('\n').map((line) => line.split('=')),
  )

  it('rolls segments well inside of the retention, also of topics without settings of their own', () => {
    expect(Number(properties['log.roll.ms'])).toBeLessThanOrEqual(Number(properties['log.retention.ms']) / 4)
  })

  it('keeps no event longer than an image, the roll of its segment included', () => {
    for (const { settings } of Object.values(topics)) {
      expect(Number(settings['retention.ms']) + Number(settings['segment.ms'])).toBeLessThan(retention.images)
    }
    expect(Number(properties['log.retention.ms']) + Number(properties['log.roll.ms'])).toBeLessThan(retention.images)
  })

  it("counts age by the broker's clock", () => {
    expect(properties['log.message.timestamp.type']).toBe('LogAppendTime')
  })

  it.each(['serverless', 'express'] as const)('keeps its retention on %s, whose segments AWS rolls', (kind) => {
    const { settings } = settable(topics.images, kind)
    expect(settings).toMatchObject({ 'retention.ms': topics.images.settings['retention.ms'] })
    expect(settings).not.toHaveProperty(['segment.ms'])
  })
})

describe('the purge', () => {
  it('has an alarm that goes off when an image outlives its time, and when no purge tells', () => {
    expect(dev.one('aws_cloudwatch_metric_alarm', { alarm_name: 'darkroom-dev-purge-overdue' })).toMatchObject({
      namespace: 'Darkroom',
      metric_name: 'MostOverdue',
      dimensions: { service: 'purge' },
      comparison_operator: 'GreaterThanThreshold',
      treat_missing_data: 'breaching',
    })
  })

  it('is not among the triggers that the spend breaker pauses', () => {
    const breaker = dev.one('aws_lambda_function', { function_name: 'darkroom-dev-spend-breaker' })
    expect(breaker.environment.variables.TRIGGER_IDS).toMatch(/trigger_mapping/)
    expect(breaker.environment.variables.TRIGGER_IDS).not.toMatch(/purge/)
  })
})

describe('what holds data', () => {
  it('is kept from being destroyed in prod', () => {
    const holding = ['aws_dynamodb_table', 'aws_msk_cluster', 'aws_kms_key', 'aws_cognito_user_pool'].flatMap(prod.all)
    const buckets = prod.all('aws_s3_bucket').filter(({ id }) => /^(lake|failures)_/.test(id))
    expect(buckets).toHaveLength(2)
    for (const resource of [...holding, ...buckets]) {
      expect(resource.lifecycle, resource.id).toMatchObject({ prevent_destroy: true })
    }
    for (const table of prod.all('aws_dynamodb_table')) expect(table.deletion_protection_enabled).toBe(true)
    for (const bucket of buckets) expect(bucket.force_destroy).toBe(false)
    expect(prod.one('aws_cognito_user_pool').deletion_protection).toBe('ACTIVE')
  })

  it('can be torn down in dev', () => {
    for (const bucket of dev.all('aws_s3_bucket')) expect(bucket.force_destroy).toBe(true)
    for (const table of dev.all('aws_dynamodb_table')) expect(table.deletion_protection_enabled).toBe(false)
  })
})

describe('receipts', () => {
  const allowed = (name: string, action: string, on: RegExp) =>
    functionPolicy(dev, name).Statement.some(
      ({ Action, Resource }) => Action.includes(action) && Resource.some((arn) => on.test(arn)),
    )
  const functionNames = Object.keys(functions)
  const who = (action: string, on: RegExp) => functionNames.filter((name) => allowed(name, action, on))

  it('are written by those who erase, and deleted by no function', () => {
    expect(who('s3:PutObject', /\/receipts\/\*$/)).toEqual(['images', 'purge'])
    expect(who('s3:DeleteObject', /\/receipts\/\*$/)).toEqual([])
    expect(who('s3:DeleteObjectVersion', /\/receipts\/\*$/)).toEqual([])
  })

  it('are signed by those who write them, with an Ed25519 key that never leaves KMS', () => {
    expect(who('kms:Sign', /receipt-key/)).toEqual(['images', 'purge'])
    const key = dev.all('aws_kms_key').find(({ id }) => id.startsWith('receipt-key'))
    expect(key).toMatchObject({ customer_master_key_spec: 'ECC_NIST_EDWARDS25519', key_usage: 'SIGN_VERIFY' })
  })
})
