/** Who may reach what: buckets, network, cluster, permissions, and what spending may reach. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cloudFunctions, functions } from '../../platform.ts'
import { functionPolicy, type Policy, policyOf, synthesize } from './synthesized.ts'

const dev = synthesize()
const names = [...Object.keys(functions), ...Object.keys(cloudFunctions)]

describe('buckets', () => {
  const ofEach = (type: string) => dev.all(type).map(({ bucket }) => bucket)

  it('are closed to the public, all of them', () => {
    expect(ofEach('aws_s3_bucket_public_access_block')).toHaveLength(dev.all('aws_s3_bucket').length)
    for (const block of dev.all('aws_s3_bucket_public_access_block')) {
      expect(block).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      })
    }
  })

  it('refuse plain HTTP and old TLS, all of them', () => {
    const policies = dev.all('aws_s3_bucket_policy')
    expect(policies).toHaveLength(dev.all('aws_s3_bucket').length)
    for (const { policy } of policies) {
      const refused = policyOf(policy).Statement.filter(
        ({ Effect, Principal }) => Effect === 'Deny' && Principal === '*',
      )
      expect(refused.map(({ Condition }) => Condition)).toEqual([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': '1.2' } },
      ])
    }
  })

  it('are encrypted, those with images by a key of ours', () => {
    const algorithms = Object.fromEntries(
      dev
        .all('aws_s3_bucket_server_side_encryption_configuration')
        .map(({ id, rule }) => [id.split('_')[0], rule[0].apply_server_side_encryption_by_default.sse_algorithm]),
    )
    expect(algorithms).toEqual({ lake: 'aws:kms', failures: 'aws:kms', 'access-log': 'AES256', 'web-bucket': 'AES256' })
  })

  it('log who read them, but for the log itself', () => {
    expect(
      dev
        .all('aws_s3_bucket_logging')
        .map(({ id }) => id.split('_')[0])
        .toSorted(),
    ).toEqual(['failures', 'lake', 'web-bucket'])
  })

  it('trigger nothing: no output of ours can call us', () => {
    expect(dev.all('aws_s3_bucket_notification')).toEqual([])
  })
})

it('keys are rotated', () => {
  const keys = dev.all('aws_kms_key')
  expect(keys.length).toBeGreaterThan(0)
  // KMS rotates no keys that sign.
  const signing = keys.filter(({ key_usage: usage }) => usage === 'SIGN_VERIFY')
  expect(signing.map(({ id }) => id.split('_')[0])).toEqual(['receipt-key'])
  for (const key of keys.filter((one) => !signing.includes(one))) expect(key.enable_key_rotation).toBe(true)
})

describe('the network', () => {
  it('stands in three zones, all private', () => {
    const subnets = dev.all('aws_subnet')
    expect(new Set(subnets.map(({ availability_zone: zone }) => zone)).size).toBe(3)
    expect(new Set(subnets.map(({ cidr_block: block }) => block)).size).toBe(3)
    for (const subnet of subnets) expect(subnet.map_public_ip_on_launch).toBe(false)
  })

  it('has no way to the internet', () => {
    for (const type of ['aws_internet_gateway', 'aws_nat_gateway', 'aws_egress_only_internet_gateway', 'aws_route']) {
      expect(dev.all(type)).toEqual([])
    }
    expect(dev.one('aws_route_table').route).toBeUndefined()
  })

  it('has endpoints for what its functions and its trigger use, each with a policy that names resources', () => {
    const endpoints = dev.all('aws_vpc_endpoint')
    expect(endpoints.map(({ service_name: service }) => service.split('.').at(-1)).toSorted()).toEqual([
      'dynamodb',
      'lambda',
      's3',
      'sts',
    ])
    for (const { policy } of endpoints) {
      for (const { Resource, Action } of policyOf(policy).Statement) {
        expect(Resource).not.toContain('*')
        for (const action of Action) expect(action).not.toMatch(/:\*$/)
      }
    }
  })

  it('lets nobody from another account through its gateways', () => {
    for (const { policy } of dev.all('aws_vpc_endpoint').filter(({ vpc_endpoint_type: type }) => type === 'Gateway')) {
      for (const { Condition } of policyOf(policy).Statement) {
        expect(Condition?.StringEquals).toHaveProperty(['aws:PrincipalAccount'])
      }
    }
  })

  it('has an empty default security group, and rules that name a group or a service, never the world', () => {
    expect(dev.one('aws_default_security_group')).toMatchObject({ ingress: [], egress: [] })
    for (const group of dev.all('aws_security_group')) expect(group).not.toHaveProperty('egress')
    const rules = ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'].flatMap(dev.all)
    for (const rule of rules) {
      expect(rule.cidr_ipv4 ?? rule.cidr_ipv6).toBeUndefined()
      expect(rule.referenced_security_group_id ?? rule.prefix_list_id).toBeDefined()
    }
  })

  it('logs what passes', () => {
    expect(dev.one('aws_flow_log').traffic_type).toBe('ALL')
  })
})

describe('the cluster', () => {
  it('takes clients with an IAM role over TLS, and nobody else', () => {
    expect(dev.one('aws_msk_cluster')).toMatchObject({
      client_authentication: { sasl: { iam: true, scram: false }, unauthenticated: false },
      encryption_info: { encryption_in_transit: { client_broker: 'TLS', in_cluster: true } },
      broker_node_group_info: { connectivity_info: { public_access: { type: 'DISABLED' } } },
    })
  })
})

describe.each(names)('the function %s', (name) => {
  const policy: Policy = functionPolicy(dev, name)
  const allows = (action: string) => policy.Statement.filter(({ Action }) => Action.includes(action))

  it('names its resources wherever AWS lets it', () => {
    const anywhere = policy.Statement.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action)
    for (const action of anywhere)
      expect(action).toMatch(/^(xray:Put|ec2:\w+(NetworkInterface|Subnets|PrivateIp|Security|Vpcs))/)
  })

  it('has no action by wildcard', () => {
    for (const { Action } of policy.Statement) for (const action of Action) expect(action).not.toContain('*')
  })

  it('uses keys only through the service that holds the data', () => {
    for (const { Action, Condition } of policy.Statement) {
      if (!Action.some((action) => action.startsWith('kms:'))) continue
      if (Action.includes('kms:Sign')) continue
      expect(Condition?.StringEquals?.['kms:ViaService']).toMatch(/^(s3|dynamodb)\./)
    }
  })

  it('reaches only prefixes of the lake, never all of it', () => {
    const objects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion'].flatMap(allows)
    for (const { Resource } of objects) {
      for (const arn of Resource) if (arn.includes('lake_bucket')) expect(arn).toMatch(/\}\/[a-z]+\/\*(\/thumb\.\*)?$/)
    }
  })

  it('has a trace for each call', () => {
    expect(dev.one('aws_lambda_function', { function_name: `darkroom-dev-${name}` }).tracing_config).toEqual({
      mode: 'Active',
    })
  })
})

it('only the functions whose work it is may erase', () => {
  const erasers = names.filter((name) =>
    functionPolicy(dev, name).Statement.some(({ Action }) => Action.includes('s3:DeleteObjectVersion')),
  )
  expect(erasers).toEqual(['images', 'process', 'purge'])
})

describe('spending', () => {
  it('is watched by a budget that tells people early and the breaker when it is spent', () => {
    const { notification } = dev.one('aws_budgets_budget')
    expect(notification).toMatchObject([
      { notification_type: 'FORECASTED', threshold: 80 },
      { notification_type: 'ACTUAL', threshold: 100 },
    ])
    expect(notification[1].subscriber_sns_topic_arns.join()).toContain('spending_topic')
  })

  it('that runs away within the hour pauses the trigger without waiting for the bill', () => {
    const alarm = dev.one('aws_cloudwatch_metric_alarm', { alarm_name: 'darkroom-dev-runaway' })
    expect(alarm).toMatchObject({ metric_name: 'Invocations', period: 3600, threshold: 20_000 })
    expect(alarm.alarm_actions.join()).toContain('spending_topic')
  })

  it('breaker may pause this trigger and nothing else', () => {
    const { Statement } = functionPolicy(dev, 'spend-breaker')
    const pausing = Statement.filter(({ Action }) => Action.includes('lambda:UpdateEventSourceMapping'))
    expect(pausing).toHaveLength(1)
    expect(pausing[0]?.Resource).toEqual([expect.stringContaining('trigger_mapping')])
  })
})

describe('alarms', () => {
  const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8')
  const alarms = dev.all('aws_cloudwatch_metric_alarm')

  it('tell somebody when they go off and when they are over', () => {
    expect(alarms.length).toBeGreaterThan(10)
    for (const alarm of alarms) {
      expect(alarm.alarm_actions.join(), alarm.alarm_name).toContain('alarms_topic')
      expect(alarm.ok_actions, alarm.alarm_name).toEqual(alarm.alarm_actions)
    }
  })

  it('say where the runbook tells what to do, and it does', () => {
    for (const { alarm_name: name, alarm_description: description } of alarms) {
      const [, section] = /docs\/runbook\.md, "([\w-]+)"/.exec(description) ?? []
      expect(runbook, name).toContain(`\n## ${section}\n`)
    }
  })

  it.each(['upload', 'images', 'changes', 'process', 'republish', 'purge', 'retention'])(
    'watch %s for errors and throttles',
    (name) => {
      for (const kind of ['errors', 'throttles']) {
        expect(alarms.map(({ alarm_name: alarm }) => alarm)).toContain(`darkroom-dev-${kind}-${name}`)
      }
    },
  )
})
