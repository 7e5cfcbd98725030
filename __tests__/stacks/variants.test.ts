/** Choices of the configuration: kinds of cluster, a gateway that is already in place, state, a stand-in for AWS. */
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../contract/openapi.ts'
import { topics } from '../../platform.ts'
import { subnetCidr } from '../../stacks/constructs/vpc.ts'
import { synthesize } from './synthesized.ts'

describe('a serverless cluster', () => {
  const serverless = synthesize('dev', { DARKROOM_STREAM: 'serverless' })

  it('signs clients in by IAM, in the private subnets', () => {
    expect(serverless.all('aws_msk_cluster')).toEqual([])
    const cluster = serverless.one('aws_msk_serverless_cluster')
    expect(cluster.client_authentication.sasl.iam.enabled).toBe(true)
    expect(cluster.vpc_config[0].subnet_ids).toHaveLength(3)
  })

  it('is given only the settings that it lets anybody set', () => {
    const { topics: ensured } = JSON.parse(serverless.one('aws_lambda_invocation').input)
    expect(ensured.map(({ name }: { name: string }) => name)).toEqual(Object.values(topics).map(({ name }) => name))
    for (const { settings } of ensured) {
      expect(Object.keys(settings).toSorted()).toEqual([
        'cleanup.policy',
        'max.message.bytes',
        'message.timestamp.type',
        'retention.ms',
      ])
    }
  })

  it('is found by the functions under its own brokers', () => {
    const { environment } = serverless.one('aws_lambda_function', { function_name: 'darkroom-dev-upload' })
    expect(environment.variables.KAFKA_BROKERS).toContain('aws_msk_serverless_cluster')
  })
})

describe('a cluster of Express brokers', () => {
  const express = synthesize('dev', { DARKROOM_STREAM: 'express' })

  it('brings its own storage and runs KRaft', () => {
    const cluster = express.one('aws_msk_cluster')
    expect(cluster.broker_node_group_info.instance_type).toMatch(/^express\./)
    expect(cluster.broker_node_group_info.storage_info).toBeUndefined()
    expect(cluster.kafka_version).toMatch(/\.kraft$/)
  })

  it('is not asked for what Express keeps to itself', () => {
    expect(express.one('aws_msk_configuration').server_properties).not.toMatch(/log\.|replica|unclean/)
  })
})

describe('a gateway that is already in place', () => {
  const joined = synthesize('dev', { DARKROOM_GATEWAY_ID: 'abcdef1234', DARKROOM_GATEWAY_ROOT: 'root123' })
  const contract = openApiDocument()
  const operations = Object.values(contract.paths).flatMap((methods) => Object.values(methods))

  it('stays its owners: no API and no account settings are made', () => {
    expect(joined.all('aws_api_gateway_rest_api')).toEqual([])
    expect(joined.all('aws_api_gateway_account')).toEqual([])
  })

  it('gets every operation of the contract as a method, with its scope and its parameters', () => {
    const methods = joined.all('aws_api_gateway_method')
    expect(methods.map(({ operation_name: name }) => name).toSorted()).toEqual(
      operations.map(({ operationId }) => operationId).toSorted(),
    )
    for (const operation of operations) {
      const method = methods.find(({ operation_name: name }) => name === operation.operationId)
      expect(method).toMatchObject({
        rest_api_id: 'abcdef1234',
        ...(operation.operationId === 'showShared'
          ? { authorization: 'NONE' }
          : {
              authorization: 'COGNITO_USER_POOLS',
              authorization_scopes: operation.security.flatMap(({ token }) => token),
            }),
      })
      expect(Object.keys(method?.request_parameters)).toHaveLength(operation.parameters?.length ?? 0)
    }
    expect(joined.all('aws_api_gateway_integration')).toHaveLength(operations.length)
  })

  it('gets one resource for each segment, below the one that it named', () => {
    const resources = joined.all('aws_api_gateway_resource')
    const prefixes = new Set(
      Object.keys(contract.paths).flatMap((path) => {
        const segments = path.split('/').slice(1)
        return segments.map((_, n) => segments.slice(0, n + 1).join('/'))
      }),
    )
    expect(resources).toHaveLength(prefixes.size)
    expect(
      resources.filter(({ parent_id: parent }) => parent === 'root123').map(({ path_part: part }) => part),
    ).toEqual(expect.arrayContaining(['images', 'uploads', 'retention']))
  })

  it('has a stage of ours beside those of its owners, deployed after all methods', () => {
    expect(joined.one('aws_api_gateway_stage').stage_name).toBe('darkroom-dev-api')
    expect(joined.one('aws_api_gateway_deployment').depends_on).toHaveLength(operations.length)
  })
})

describe('state', () => {
  const local = synthesize()
  const shared = synthesize('prod', { DARKROOM_STATE_BUCKET: 'our-state', DARKROOM_STATE_REGION: 'eu-central-1' })

  it('lies beside the project where nothing else is said', () => {
    expect(local.stack('lake').terraform.backend).toEqual({ local: { path: '../../../darkroom-dev-lake.tfstate' } })
  })

  it('lies in a bucket, encrypted and locked, with one file a stack', () => {
    const backends = shared.stacks.map((name) => shared.stack(name).terraform.backend.s3)
    for (const backend of backends) {
      expect(backend).toMatchObject({ bucket: 'our-state', region: 'eu-central-1', encrypt: true, use_lockfile: true })
    }
    expect(new Set(backends.map(({ key }) => key)).size).toBe(shared.stacks.length)
  })

  it.each([
    ['a local file', local, 'local', 'darkroom-dev-lake', { path: '../../../darkroom-dev-lake.tfstate' }],
    [
      'the bucket',
      shared,
      's3',
      'darkroom-prod-lake',
      { bucket: 'our-state', region: 'eu-central-1', key: 'darkroom/prod/darkroom-prod-lake.tfstate' },
    ],
  ])('of one stack is read by another from %s', (_, made, backend, lake, config) => {
    const states = made.stack('processing').data.terraform_remote_state
    expect(states[`cross-stack-reference-input-${lake}`]).toMatchObject({ backend, config })
  })

  it('is read only of stacks that are deployed before', () => {
    const order = [
      'foundation',
      'network',
      'lake',
      'stream',
      'processing',
      'retention',
      'console',
      'ingest',
      'observability',
    ]
    expect(local.stacks.toSorted()).toEqual(order.toSorted())
    for (const [n, name] of order.entries()) {
      const read = Object.keys(local.stack(name).data?.terraform_remote_state ?? {})
      for (const state of read) {
        const from = state.replace('cross-stack-reference-input-darkroom-dev-', '')
        expect(order.indexOf(from), `${name} reads ${from}`).toBeLessThan(n)
      }
    }
  })
})

describe('a stand-in for AWS', () => {
  const standIn = synthesize('dev', { DARKROOM_AWS_ENDPOINT: 'http://127.0.0.1:5000' })

  it('answers for every service, with made-up credentials', () => {
    for (const name of standIn.stacks) {
      const [provider] = standIn.stack(name).provider.aws
      expect(provider).toMatchObject({ skip_credentials_validation: true, s3_use_path_style: true })
      expect(new Set(Object.values(provider.endpoints[0]))).toEqual(new Set(['http://127.0.0.1:5000']))
      expect(Object.keys(provider.endpoints[0])).toEqual(expect.arrayContaining(['s3', 'dynamodb', 'kafka', 'lambda']))
    }
  })

  it('is nowhere where none is configured', () => {
    const [provider] = synthesize().stack('lake').provider.aws
    expect(provider).not.toHaveProperty('endpoints')
    expect(provider).not.toHaveProperty('skip_credentials_validation')
  })
})

it('deploys only to the account that is named', () => {
  const named = synthesize('dev', { DARKROOM_AWS_ACCOUNT: '123456789012' })
  for (const name of named.stacks)
    expect(named.stack(name).provider.aws[0].allowed_account_ids).toEqual(['123456789012'])
})

describe('addresses', () => {
  it('of subnets do not overlap', () => {
    const parts = Array.from({ length: 16 }, (_, n) => subnetCidr('10.40.0.0/16', n))
    expect(parts[0]).toBe('10.40.0.0/20')
    expect(parts[15]).toBe('10.40.240.0/20')
    expect(new Set(parts).size).toBe(16)
  })

  it.each([
    ['10.40.0.0/20', 0],
    ['10.40.0.0/16', 16],
  ])('are not made up where %s has no part %i', (cidr, n) => {
    expect(() => subnetCidr(cidr, n)).toThrow(RangeError)
  })

  it('of environments do not overlap, so that they can be peered', () => {
    const cidrs = (['dev', 'staging', 'prod'] as const).map((name) => synthesize(name).one('aws_vpc').cidr_block)
    expect(new Set(cidrs).size).toBe(3)
  })
})

it('writes the same from the same, without a path of the machine', () => {
  const [first, second] = [synthesize(), synthesize()]
  for (const name of first.stacks) expect(second.stack(name)).toEqual(first.stack(name))
  expect(JSON.stringify(first.stacks.map(first.stack))).not.toContain(process.cwd())
})
