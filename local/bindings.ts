/**
 * What each function sees of its surroundings on one machine: the variables that its `env.ts` declares (a forgotten
 * one does not compile), and those that Lambda's runtime gives. Nothing is inherited from the shell.
 */
import { join } from 'node:path'
import type { LocalConfig } from '../config.ts'
import type { FunctionEnvironments as AllEnvironments } from '../functions/environments.ts'
import { buckets, type FunctionName, functions, resourceName, tables, topics } from '../platform.ts'
import { receiptKeyFile } from './receipts/key.ts'
import { socketPath } from './triggers/socket.ts'

/** The functions that run on one machine; those that only AWS runs are not among them. */
export type FunctionEnvironments = Pick<AllEnvironments, FunctionName>

/** The declared variables of every function. */
export function functionEnvironments(config: LocalConfig): FunctionEnvironments {
  const named = (name: string) => resourceName(config.environment, name)
  const lake = { LAKE_BUCKET: named(buckets.lake.name), S3_ADDRESSING: 'path' }
  const ledger = { LEDGER_TABLE: named(tables.ledger.name) }
  const runs = { RUNS_TABLE: named(tables.runs.name) }
  const receipts = { RECEIPT_KEY: `file:${receiptKeyFile(config.home)}` }
  const kafka = { KAFKA_BROKERS: config.urls.kafka, KAFKA_AUTH: 'none' }
  const observability = (name: FunctionName) => ({
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_LOG_LEVEL: config.logLevel,
  })
  return {
    upload: { ...lake, ...ledger, ...kafka, IMAGES_TOPIC: topics.images.name, ...observability('upload') },
    images: { ...lake, ...ledger, ...runs, ...receipts, ...observability('images') },
    changes: { ...lake, ...ledger, ...observability('changes') },
    process: { ...lake, ...ledger, ...kafka, QUARANTINE_TOPIC: topics.quarantine.name, ...observability('process') },
    republish: { ...lake, ...ledger, ...kafka, IMAGES_TOPIC: topics.images.name, ...observability('republish') },
    purge: {
      ...lake,
      ...ledger,
      ...runs,
      ...receipts,
      FAILURES_BUCKET: named(buckets.failures.name),
      ...observability('purge'),
    },
    retention: { ...lake, ...ledger, ...runs, ...observability('retention') },
    measure: {
      ...runs,
      ...kafka,
      IMAGES_TOPIC: topics.images.name,
      QUARANTINE_TOPIC: topics.quarantine.name,
      ...observability('measure'),
    },
    'stream-admin': {
      ...lake,
      ...ledger,
      ...runs,
      ...kafka,
      IMAGES_TOPIC: topics.images.name,
      QUARANTINE_TOPIC: topics.quarantine.name,
      TRIGGER_CONTROL: `unix:${socketPath(config.home)}`,
      CONSOLE_MODE: config.consoleMode,
      ...observability('stream-admin'),
    },
  }
}

/**
 * What Lambda's runtime and the AWS SDK read. The endpoints and credentials are those of the local S3 gateway and
 * DynamoDB Local; on AWS the function's role takes their place.
 */
export function runtimeEnvironment(config: LocalConfig, name: FunctionName): Record<string, string> {
  return {
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    AWS_ACCESS_KEY_ID: config.s3Credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: config.s3Credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: config.urls.s3,
    AWS_ENDPOINT_URL_DYNAMODB: config.urls.dynamodb,
    // The instance metadata service would be asked for credentials where these here are not taken; there is none.
    AWS_EC2_METADATA_DISABLED: 'true',
    // What a function would leave in a temporary file is then in the platform's home, where the canary looks.
    TMPDIR: join(config.home, 'run'),
    AWS_LAMBDA_FUNCTION_NAME: resourceName(config.environment, name),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functions[name].memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resourceName(config.environment, name)}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    _HANDLER: 'index.handler',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    // There is no X-Ray daemon on this machine.
    POWERTOOLS_TRACE_ENABLED: 'false',
    // As in the stack: glibc's arenas, one per thread, would otherwise keep what libvips has freed.
    MALLOC_ARENA_MAX: '2',
  }
}
