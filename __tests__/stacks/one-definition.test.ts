/** Whatever `platform.ts`, the contract and the functions' `env.ts` say, the Terraform says too, and nothing else. */
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../contract/openapi.ts'
import { changesVariables } from '../../functions/changes/env.ts'
import { imagesVariables } from '../../functions/images/env.ts'
import { measureVariables } from '../../functions/measure/env.ts'
import { processVariables } from '../../functions/process/env.ts'
import { purgeVariables } from '../../functions/purge/env.ts'
import { republishVariables } from '../../functions/republish/env.ts'
import { retentionVariables } from '../../functions/retention/env.ts'
import { scopesVariables } from '../../functions/scopes/env.ts'
import { spendBreakerVariables } from '../../functions/spend-breaker/env.ts'
import { streamAdminVariables } from '../../functions/stream-admin/env.ts'
import { topicsVariables } from '../../functions/topics/env.ts'
import { uploadVariables } from '../../functions/upload/env.ts'
import {
  audience,
  buckets,
  cloudFunctions,
  functions,
  groups,
  imageTypes,
  limits,
  processTrigger,
  schedules,
  scopes,
  tables,
  topics,
} from '../../platform.ts'
import { functionOf, functionPolicy, synthesize } from './synthesized.ts'

const dev = synthesize()
const deployed = { ...functions, ...cloudFunctions }
const variables: Record<keyof typeof deployed, readonly string[]> = {
  upload: uploadVariables,
  images: imagesVariables,
  changes: changesVariables,
  process: processVariables,
  republish: republishVariables,
  purge: purgeVariables,
  retention: retentionVariables,
  measure: measureVariables,
  'stream-admin': streamAdminVariables,
  topics: topicsVariables,
  scopes: scopesVariables,
  'spend-breaker': spendBreakerVariables,
}
/** Read by the runtime, not by our code. */
const ofTheRuntime = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX']

describe('topics', () => {
  const { input } = dev.one('aws_lambda_invocation')

  it('are ensured at deployment exactly as they are defined', () => {
    expect(JSON.parse(input).topics).toEqual(Object.values(topics))
  })

  it('may be written only by the functions that publish to them', () => {
    const writers = (topic: string) =>
      Object.keys(deployed).filter((name) =>
        functionPolicy(dev, name).Statement.some(
          ({ Action, Resource }) =>
            Action.includes('kafka-cluster:WriteData') && Resource.some((arn) => arn.endsWith(`/${topic}`)),
        ),
      )
    // The console sends images back from quarantine.
    expect(writers(topics.images.name)).toEqual(['upload', 'republish', 'stream-admin'])
    expect(writers(topics.quarantine.name)).toEqual(['process'])
  })
})

describe.each(Object.values(tables))('the table $name', (definition) => {
  const table = dev.one('aws_dynamodb_table', { name: `darkroom-dev-${definition.name}` })

  it('has the keys, attributes and TTL of its definition', () => {
    expect(table).toMatchObject({
      hash_key: definition.partitionKey,
      ttl: { attribute_name: definition.ttlAttribute, enabled: true },
    })
    expect(table.range_key).toBe('sortKey' in definition ? definition.sortKey : undefined)
    expect(Object.fromEntries(table.attribute.map(({ name, type }: Record<string, string>) => [name, type]))).toEqual(
      definition.attributes,
    )
  })

  it('has every index of its definition and no other', () => {
    expect(table.global_secondary_index).toEqual(
      Object.values(definition.indexes).map((index) => ({
        name: index.name,
        hash_key: index.partitionKey,
        range_key: index.sortKey,
        ...(typeof index.projection === 'string'
          ? { projection_type: index.projection }
          : { projection_type: 'INCLUDE', non_key_attributes: index.projection }),
      })),
    )
  })
})

describe('buckets', () => {
  it.each(Object.values(buckets))('$name exists under its name and the account number', ({ name }) => {
    const account = `\${data.aws_caller_identity.account.account_id}`
    expect(dev.all('aws_s3_bucket').map(({ bucket }) => bucket)).toContain(`darkroom-dev-${name}-${account}`)
  })

  it('keep versions exactly where the definition says so', () => {
    const versioned = dev.all('aws_s3_bucket_versioning').map(({ id }) => id.split('_')[0])
    expect(versioned).toEqual(
      Object.values(buckets)
        .filter((bucket) => bucket.versioned)
        .map(({ name }) => name),
    )
  })
})

describe.each(Object.entries(deployed))('the function %s', (name, definition) => {
  const found = functionOf(dev, name)

  it('has time, memory, concurrency and description of its definition', () => {
    expect(found).toMatchObject({
      description: definition.purpose,
      timeout: definition.timeoutSeconds,
      memory_size: definition.memoryMb,
      reserved_concurrent_executions: definition.concurrency.cloud,
    })
  })

  it('is given exactly the variables that its env.ts declares', () => {
    const given = Object.keys(found.environment.variables).filter((variable) => !ofTheRuntime.includes(variable))
    expect(given.toSorted()).toEqual([...variables[name as keyof typeof variables]].toSorted())
  })

  it('is given a value for each of them', () => {
    for (const value of Object.values(found.environment.variables)) expect(value).toMatch(/\S/)
  })

  it('comes from the zip that the packaging makes', () => {
    expect(found.filename).toBe(`\${path.module}/../../../dist/packages/${name}.zip`)
    expect(found.source_code_hash).toContain(found.filename)
  })
})

it('no function is deployed that is not defined', () => {
  expect(dev.all('aws_lambda_function')).toHaveLength(Object.keys(deployed).length)
})

describe('the API', () => {
  const { body } = dev.one('aws_api_gateway_rest_api')
  const api = JSON.parse(body)
  const contract = openApiDocument()
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  it('has the routes of the contract and no others', () => {
    const routes = (paths: object) =>
      Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
    expect(routes(api.paths)).toEqual(routes(contract.paths))
  })

  it.each(operations)('$method $path is answered by its function, with its scope', ({ path, method, operation }) => {
    const found = api.paths[path][method]
    expect(found.security).toEqual(operation.security)
    expect(found['x-amazon-apigateway-integration']).toMatchObject({ type: 'aws_proxy', httpMethod: 'POST' })
    expect(found['x-amazon-apigateway-integration'].uri).toContain(`${operation['x-darkroom-function']}-function`)
  })

  it.each(operations)('$method $path may call its function, and it alone', ({ path, method, operation }) => {
    const allowed = dev.all('aws_lambda_permission').filter(({ id }) => id.includes(`_${operation.operationId}-`))
    expect(allowed).toHaveLength(1)
    expect(allowed[0]?.function_name).toContain(`${operation['x-darkroom-function']}-function`)
    expect(allowed[0]?.source_arn).toMatch(
      new RegExp(`/\\*/${method.toUpperCase()}${path.replaceAll(/\{\w+\}/g, '\\*')}$`),
    )
  })

  it('asks for the parameters of the contract', () => {
    const named = (parameters: readonly { name: string; in: string; required: boolean }[] = []) =>
      parameters.map(({ name, in: place, required }) => ({ name, place, required }))
    for (const { path, method, operation } of operations) {
      expect(named(api.paths[path][method].parameters)).toEqual(named(operation.parameters))
    }
  })

  it('holds JSON bodies against their schemas, and lets images pass as bytes', () => {
    expect(api.paths['/uploads'].post).toMatchObject({
      'x-amazon-apigateway-request-validator': 'everything',
      requestBody: contract.paths['/uploads']?.post?.requestBody,
    })
    expect(api.components.schemas.UploadRequest).toEqual(contract.components.schemas.UploadRequest)
    expect(api.paths['/images'].post.requestBody).toBeUndefined()
    expect(api['x-amazon-apigateway-binary-media-types']).toEqual(Object.keys(imageTypes))
  })

  it('waits no longer than API Gateway can', () => {
    for (const { path, method } of operations) {
      const { timeoutInMillis } = api.paths[path][method]['x-amazon-apigateway-integration']
      expect(timeoutInMillis).toBeLessThanOrEqual(29_000)
    }
  })

  it('is throttled as the limits say', () => {
    expect(dev.one('aws_api_gateway_method_settings').settings).toMatchObject({
      throttling_rate_limit: limits.requestRate,
      throttling_burst_limit: limits.requestBurst,
    })
    expect(dev.one('aws_api_gateway_usage_plan').throttle_settings).toEqual({
      rate_limit: limits.requestRate,
      burst_limit: limits.requestBurst,
    })
  })
})

describe('people', () => {
  it('are in the groups of the platform', () => {
    expect(dev.all('aws_cognito_user_group').map(({ name }) => name)).toEqual(Object.keys(groups).toSorted())
  })

  it('are given tokens with the scopes of the platform', () => {
    const { identifier, scope } = dev.one('aws_cognito_resource_server')
    expect(scope.map(({ scope_name: name }: { scope_name: string }) => `${identifier}/${name}`)).toEqual(
      Object.values(scopes),
    )
    expect(identifier).toBe(audience)
  })
})

describe('the Kafka trigger', () => {
  it('has every argument of the definition', () => {
    expect(dev.one('aws_lambda_event_source_mapping')).toMatchObject({
      topics: [processTrigger.topic],
      amazon_managed_kafka_event_source_config: { consumer_group_id: processTrigger.consumerGroup },
      batch_size: processTrigger.batchSize,
      maximum_batching_window_in_seconds: processTrigger.batchWindowMs / 1000,
      maximum_retry_attempts: processTrigger.maximumRetryAttempts,
      maximum_record_age_in_seconds: processTrigger.maximumRecordAgeSeconds,
      bisect_batch_on_function_error: processTrigger.bisectBatchOnFunctionError,
      function_response_types: ['ReportBatchItemFailures'],
      starting_position: processTrigger.startingPosition,
      provisioned_poller_config: {
        minimum_pollers: processTrigger.pollers.minimum,
        maximum_pollers: processTrigger.pollers.maximum,
      },
    })
  })

  it('puts what it gives up on into the failures bucket', () => {
    const { destination_config: destination } = dev.one('aws_lambda_event_source_mapping')
    expect(destination.on_failure.destination_arn).toContain('failures_bucket')
  })
})

describe('schedules', () => {
  it.each(Object.entries(schedules))('%s runs by its expression', (name, expression) => {
    const rule = dev.one('aws_cloudwatch_event_rule', { name: `darkroom-dev-${name}` })
    expect(rule.schedule_expression).toBe(expression)
    const target = dev.all('aws_cloudwatch_event_target').find(({ rule: of }) => of.includes(rule.id))
    expect(target?.arn).toContain(`${name}-function`)
  })
})
