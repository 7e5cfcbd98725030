/**
 * Environments, validated: what differs between dev, staging, prod and the one-machine platform.
 * Beside the functions' `env.ts` this is the only place that reads `process.env`.
 */
import { join } from 'node:path'
import { z } from 'zod'
import {
  type CloudConfig,
  cloudDefaults,
  type DatabricksConfig,
  environmentNames,
  streamsByName,
} from './environments.ts'
import { resourceName } from './platform.ts'

export { type CloudConfig, type EnvironmentName, environmentNames } from './environments.ts'

/** Something in the configuration is wrong; the message names the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly retriable = false
}

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback)

const localSchema = z.object({
  DARKROOM_HOME: z.string().min(1).default('.darkroom'),
  DARKROOM_CACHE: z.string().min(1).optional(),
  XDG_CACHE_HOME: z.string().min(1).optional(),
  HOME: z.string().min(1).default('/tmp'),
  DARKROOM_GATEWAY_PORT: port(8080),
  DARKROOM_IDENTITY_PORT: port(8081),
  DARKROOM_KAFKA_PORT: port(9092),
  DARKROOM_KAFKA_CONTROLLER_PORT: port(9093),
  DARKROOM_KAFKA_2_PORT: port(9094),
  DARKROOM_KAFKA_2_CONTROLLER_PORT: port(9095),
  DARKROOM_KAFKA_3_PORT: port(9096),
  DARKROOM_KAFKA_3_CONTROLLER_PORT: port(9097),
  DARKROOM_BROKERS: z.enum(['1', '3']).default('1'),
  DARKROOM_S3_PORT: port(7070),
  DARKROOM_DYNAMODB_PORT: port(8000),
  DARKROOM_LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  DARKROOM_CONSOLE: z.enum(['full', 'read-only']).default('full'),
})

export type LocalConfig = {
  /** Absolute folder that holds all state: `data/`, `logs/`, `pids/`, `identity/`, `build/`. */
  readonly home: string
  /** Absolute folder of downloaded tools, shared by all clones on the machine. */
  readonly cache: string
  /** The environment's name in resource names. */
  readonly environment: 'local'
  readonly region: string
  /** Kafka's: one, or three with every partition on each of them. */
  readonly brokers: 1 | 3
  readonly ports: {
    readonly gateway: number
    readonly identity: number
    readonly kafka: number
    readonly kafkaController: number
    readonly kafka2: number
    readonly kafkaController2: number
    readonly kafka3: number
    readonly kafkaController3: number
    readonly s3: number
    readonly dynamodb: number
  }
  readonly urls: {
    readonly gateway: string
    readonly identity: string
    readonly s3: string
    readonly dynamodb: string
    /** `host:port`, with commas between several, as Kafka clients take it. */
    readonly kafka: string
  }
  /** For the S3 gateway on this machine, which listens on loopback only. */
  readonly s3Credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  /** Whether engineers may change the stream from the console, or only look. */
  readonly consoleMode: 'full' | 'read-only'
}

/** The variable that sets each port, for messages such as "port 8080 is taken, set DARKROOM_GATEWAY_PORT". */
export const portVariables: Record<keyof LocalConfig['ports'], keyof z.infer<typeof localSchema>> = {
  gateway: 'DARKROOM_GATEWAY_PORT',
  identity: 'DARKROOM_IDENTITY_PORT',
  kafka: 'DARKROOM_KAFKA_PORT',
  kafkaController: 'DARKROOM_KAFKA_CONTROLLER_PORT',
  kafka2: 'DARKROOM_KAFKA_2_PORT',
  kafkaController2: 'DARKROOM_KAFKA_2_CONTROLLER_PORT',
  kafka3: 'DARKROOM_KAFKA_3_PORT',
  kafkaController3: 'DARKROOM_KAFKA_3_CONTROLLER_PORT',
  s3: 'DARKROOM_S3_PORT',
  dynamodb: 'DARKROOM_DYNAMODB_PORT',
}

function parse<T extends z.ZodType>(schema: T, source: Record<string, string | undefined>): z.infer<T> {
  const result = schema.safeParse(source)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`)
}

/** Workflows set what they do not know to nothing. */
const withoutBlanks = (source: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))

/** This process's environment with some variables set anew: for child processes, and for `localConfig`. */
export const environmentWith = (variables: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...process.env,
  ...variables,
})

/**
 * The one-machine platform's configuration.
 * @throws ConfigError naming the variable that does not fit
 */
export function localConfig(source: Record<string, string | undefined> = process.env): LocalConfig {
  const env = parse(localSchema, withoutBlanks(source))
  const ports = {
    gateway: env.DARKROOM_GATEWAY_PORT,
    identity: env.DARKROOM_IDENTITY_PORT,
    kafka: env.DARKROOM_KAFKA_PORT,
    kafkaController: env.DARKROOM_KAFKA_CONTROLLER_PORT,
    kafka2: env.DARKROOM_KAFKA_2_PORT,
    kafkaController2: env.DARKROOM_KAFKA_2_CONTROLLER_PORT,
    kafka3: env.DARKROOM_KAFKA_3_PORT,
    kafkaController3: env.DARKROOM_KAFKA_3_CONTROLLER_PORT,
    s3: env.DARKROOM_S3_PORT,
    dynamodb: env.DARKROOM_DYNAMODB_PORT,
  }
  const brokers = env.DARKROOM_BROKERS === '3' ? 3 : 1
  const brokerPorts = brokers === 3 ? [ports.kafka, ports.kafka2, ports.kafka3] : [ports.kafka]
  const home = join(import.meta.dirname, env.DARKROOM_HOME)
  return {
    home: env.DARKROOM_HOME.startsWith('/') ? env.DARKROOM_HOME : home,
    cache: env.DARKROOM_CACHE ?? join(env.XDG_CACHE_HOME ?? join(env.HOME, '.cache'), 'darkroom'),
    environment: 'local',
    region: 'us-east-1',
    brokers,
    ports,
    urls: {
      gateway: `http://127.0.0.1:${ports.gateway}`,
      identity: `http://127.0.0.1:${ports.identity}`,
      s3: `http://127.0.0.1:${ports.s3}`,
      dynamodb: `http://127.0.0.1:${ports.dynamodb}`,
      kafka: brokerPorts.map((number) => `127.0.0.1:${number}`).join(','),
    },
    s3Credentials: { accessKeyId: 'darkroom', secretAccessKey: 'darkroom-local-only' },
    logLevel: env.DARKROOM_LOG_LEVEL,
    consoleMode: env.DARKROOM_CONSOLE,
  }
}

const blankAsAbsent = (value: unknown) => (value === '' ? undefined : value)
const setting = <T extends z.ZodType>(schema: T) => z.preprocess(blankAsAbsent, schema.optional())

const cloudSchema = z.object({
  DARKROOM_AWS_REGION: setting(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1')),
  DARKROOM_AWS_ACCOUNT: setting(z.string().regex(/^\d{12}$/, 'must be an account number of 12 digits')),
  DARKROOM_AWS_ENDPOINT: setting(z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })),
  DARKROOM_STATE_BUCKET: setting(z.string().min(3)),
  DARKROOM_STATE_REGION: setting(z.string()),
  DARKROOM_STREAM: setting(z.enum(['serverless', 'standard', 'express'])),
  DARKROOM_GATEWAY_ID: setting(z.string().regex(/^[a-z0-9]{10}$/, 'must be the id of a REST API, ten characters')),
  DARKROOM_GATEWAY_ROOT: setting(z.string().regex(/^[a-z0-9]{6,10}$/, 'must be the id of a resource of that API')),
  DARKROOM_DOMAIN: setting(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a host name')),
  DARKROOM_CERTIFICATE_ARN: setting(
    z.string().regex(/^arn:aws[a-z-]*:acm:us-east-1:/, 'must be a certificate in us-east-1, where CloudFront looks'),
  ),
  DARKROOM_ZONE_ID: setting(z.string().regex(/^Z[A-Z0-9]+$/, 'must be the id of a hosted zone')),
  DARKROOM_ALARM_EMAIL: setting(z.email('must be an e-mail address')),
  DARKROOM_MONTHLY_BUDGET: setting(z.coerce.number().positive('must be US dollars a month')),
  DARKROOM_LOG_LEVEL: setting(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR'])),
  DARKROOM_CONSOLE: setting(z.enum(['full', 'read-only'])),
  DARKROOM_DATABRICKS: setting(z.enum(['create', 'join', 'none'])),
  DARKROOM_DATABRICKS_ACCOUNT: setting(z.guid('must be the id of a Databricks account, a UUID')),
  DARKROOM_DATABRICKS_METASTORE: setting(z.guid('must be the id of a metastore, a UUID')),
  DARKROOM_DATABRICKS_HOST: setting(z.url({ protocol: /^https$/, error: 'must be the https URL of a workspace' })),
  DARKROOM_DATABRICKS_ROLE: setting(z.string().regex(/^[\w+=,.@-]{1,64}$/, 'must be the name of an IAM role')),
  DARKROOM_LAKE_ACCESS: setting(z.enum(['mount', 'volume'])),
  DARKROOM_ANALYSTS: setting(
    z
      .string()
      .transform((list) => list.split(',').map((address) => address.trim()))
      .pipe(z.array(z.email('must be e-mail addresses, with commas between them'))),
  ),
  DARKROOM_ANALYSTS_GROUP: setting(z.string().min(1)),
})

/** All variables of the shell that say what differs between accounts; `DARKROOM_ENV` says which environment. */
export const cloudVariables: readonly string[] = Object.keys(cloudSchema.shape)

/** The environment that a cdktf command works on, from `DARKROOM_ENV`; `dev` where it is not set. */
export const chosenEnvironment = (source: Record<string, string | undefined> = process.env): string =>
  source.DARKROOM_ENV || 'dev'

/**
 * One environment in the cloud: its own settings from the table above, and what differs between accounts from
 * variables of the shell.
 * @throws ConfigError for an unknown environment, listing those there are, and for a variable that does not fit
 */
export function cloudConfig(
  environment: string,
  source: Record<string, string | undefined> = process.env,
): CloudConfig {
  const name = environmentNames.find((known) => known === environment)
  if (!name) {
    throw new ConfigError(`There is no environment "${environment}"; there are ${environmentNames.join(', ')}`)
  }
  const env = parse(cloudSchema, source)
  const region = env.DARKROOM_AWS_REGION ?? 'us-east-1'
  const defaults = cloudDefaults[name]
  const { DARKROOM_GATEWAY_ID: restApiId, DARKROOM_GATEWAY_ROOT: rootResourceId } = env
  const { DARKROOM_DOMAIN: domain, DARKROOM_CERTIFICATE_ARN: certificateArn } = env
  together({ DARKROOM_GATEWAY_ID: restApiId, DARKROOM_GATEWAY_ROOT: rootResourceId })
  together({ DARKROOM_DOMAIN: domain, DARKROOM_CERTIFICATE_ARN: certificateArn })
  return {
    ...defaults,
    environment: name,
    region,
    account: env.DARKROOM_AWS_ACCOUNT,
    awsEndpoint: env.DARKROOM_AWS_ENDPOINT,
    state: env.DARKROOM_STATE_BUCKET
      ? { kind: 's3', bucket: env.DARKROOM_STATE_BUCKET, region: env.DARKROOM_STATE_REGION ?? region }
      : { kind: 'local' },
    stream: env.DARKROOM_STREAM ? streamsByName[env.DARKROOM_STREAM] : defaults.stream,
    gateway: restApiId && rootResourceId ? { mode: 'join', restApiId, rootResourceId } : { mode: 'create' },
    domain: domain && certificateArn ? { name: domain, certificateArn, zoneId: env.DARKROOM_ZONE_ID } : undefined,
    alarmEmail: env.DARKROOM_ALARM_EMAIL,
    monthlyBudget: env.DARKROOM_MONTHLY_BUDGET ?? defaults.monthlyBudget,
    logLevel: env.DARKROOM_LOG_LEVEL ?? defaults.logLevel,
    consoleMode: env.DARKROOM_CONSOLE ?? 'full',
    databricks: databricksConfig(name, env),
  }
}

/** @throws ConfigError where a workspace is to be joined and something about it is not said */
function databricksConfig(environment: string, env: z.infer<typeof cloudSchema>): DatabricksConfig {
  const kind = env.DARKROOM_DATABRICKS ?? 'create'
  const lakeAccess = env.DARKROOM_LAKE_ACCESS ?? 'volume'
  if (kind === 'none') return { kind }
  if (kind === 'create') {
    return {
      kind,
      lakeAccess,
      host: env.DARKROOM_DATABRICKS_HOST,
      accountId: env.DARKROOM_DATABRICKS_ACCOUNT,
      metastoreId: env.DARKROOM_DATABRICKS_METASTORE,
      analysts: env.DARKROOM_ANALYSTS ?? [],
    }
  }
  const { DARKROOM_DATABRICKS_HOST: host, DARKROOM_DATABRICKS_ROLE: crossAccountRole } = env
  if (!host) throw new ConfigError('DARKROOM_DATABRICKS_HOST: must be set to join a workspace')
  const analystsGroup = env.DARKROOM_ANALYSTS_GROUP ?? resourceName(environment, 'analysts')
  if (lakeAccess === 'volume') return { kind, lakeAccess, host, analystsGroup }
  if (!crossAccountRole) {
    throw new ConfigError('DARKROOM_DATABRICKS_ROLE: must be set to mount the lake in a workspace that is joined')
  }
  return { kind, lakeAccess, host, analystsGroup, crossAccountRole }
}

/** Variables that mean something only together. */
function together(variables: Record<string, string | undefined>): void {
  const missing = Object.keys(variables).filter((name) => !variables[name])
  if (missing.length === 0 || missing.length === Object.keys(variables).length) return
  throw new ConfigError(`${missing.join(', ')}: must be set too, with ${Object.keys(variables).join(' and ')}`)
}
