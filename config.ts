/**
 * Environments, validated: what differs between dev, staging, prod and the one-machine platform.
 * Beside the functions' `env.ts` this is the only place that reads `process.env`.
 */
import { join } from 'node:path'
import { z } from 'zod'

export const environmentNames = ['dev', 'staging', 'prod'] as const
export type EnvironmentName = (typeof environmentNames)[number]

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
  DARKROOM_S3_PORT: port(7070),
  DARKROOM_DYNAMODB_PORT: port(8000),
  DARKROOM_LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
})

export type LocalConfig = {
  /** Absolute folder that holds all state: `data/`, `logs/`, `pids/`, `identity/`, `build/`. */
  readonly home: string
  /** Absolute folder of downloaded tools, shared by all clones on the machine. */
  readonly cache: string
  /** The environment's name in resource names. */
  readonly environment: 'local'
  readonly region: string
  readonly ports: {
    readonly gateway: number
    readonly identity: number
    readonly kafka: number
    readonly kafkaController: number
    readonly s3: number
    readonly dynamodb: number
  }
  readonly urls: {
    readonly gateway: string
    readonly identity: string
    readonly s3: string
    readonly dynamodb: string
    /** `host:port`, as Kafka clients take it. */
    readonly kafka: string
  }
  /** For the S3 gateway on this machine, which listens on loopback only. */
  readonly s3Credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
}

/** The variable that sets each port, for messages such as "port 8080 is taken, set DARKROOM_GATEWAY_PORT". */
export const portVariables: Record<keyof LocalConfig['ports'], keyof z.infer<typeof localSchema>> = {
  gateway: 'DARKROOM_GATEWAY_PORT',
  identity: 'DARKROOM_IDENTITY_PORT',
  kafka: 'DARKROOM_KAFKA_PORT',
  kafkaController: 'DARKROOM_KAFKA_CONTROLLER_PORT',
  s3: 'DARKROOM_S3_PORT',
  dynamodb: 'DARKROOM_DYNAMODB_PORT',
}

function parse<T extends z.ZodType>(schema: T, source: Record<string, string | undefined>): z.infer<T> {
  const result = schema.safeParse(source)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`)
}

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
  const env = parse(localSchema, source)
  const ports = {
    gateway: env.DARKROOM_GATEWAY_PORT,
    identity: env.DARKROOM_IDENTITY_PORT,
    kafka: env.DARKROOM_KAFKA_PORT,
    kafkaController: env.DARKROOM_KAFKA_CONTROLLER_PORT,
    s3: env.DARKROOM_S3_PORT,
    dynamodb: env.DARKROOM_DYNAMODB_PORT,
  }
  const home = join(import.meta.dirname, env.DARKROOM_HOME)
  return {
    home: env.DARKROOM_HOME.startsWith('/') ? env.DARKROOM_HOME : home,
    cache: env.DARKROOM_CACHE ?? join(env.XDG_CACHE_HOME ?? join(env.HOME, '.cache'), 'darkroom'),
    environment: 'local',
    region: 'us-east-1',
    ports,
    urls: {
      gateway: `http://127.0.0.1:${ports.gateway}`,
      identity: `http://127.0.0.1:${ports.identity}`,
      s3: `http://127.0.0.1:${ports.s3}`,
      dynamodb: `http://127.0.0.1:${ports.dynamodb}`,
      kafka: `127.0.0.1:${ports.kafka}`,
    },
    s3Credentials: { accessKeyId: 'darkroom', secretAccessKey: 'darkroom-local-only' },
    logLevel: env.DARKROOM_LOG_LEVEL,
  }
}
