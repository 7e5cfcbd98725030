/**
 * The environments in the cloud, and what differs between them. `config.ts` adds what differs between accounts.
 * Nothing here is secret, and nothing here is read from outside.
 */
export const environmentNames = ['dev', 'staging', 'prod'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** How the stream is run. Prices and limits differ so much that a choice is made for each environment. */
export type StreamConfig =
  | { readonly kind: 'serverless' }
  | {
      readonly kind: 'standard'
      /** KRaft; the local platform runs the same line. */
      readonly kafkaVersion: '4.1.x.kraft'
      readonly brokers: number
      readonly instanceType: `kafka.${string}`
      readonly storageGiB: number
    }
  | {
      readonly kind: 'express'
      readonly kafkaVersion: '4.1.x.kraft'
      readonly brokers: number
      readonly instanceType: `express.${string}`
    }

/** Where the API lives: in a REST API of its own, or below a resource of one that is already in place. */
export type GatewayConfig =
  | { readonly mode: 'create' }
  | { readonly mode: 'join'; readonly restApiId: string; readonly rootResourceId: string }

/** Where Terraform keeps its state; `local` is for trying out. */
export type StateConfig =
  | { readonly kind: 'local' }
  | { readonly kind: 's3'; readonly bucket: string; readonly region: string }

/**
 * How the analysts' clusters see the lake: mounted at `/mnt`, which is deprecated and which new Databricks accounts may
 * refuse, or as a volume of Unity Catalog.
 */
export type LakeAccess = 'mount' | 'volume'

/** Where analysts work: in a workspace of our own, in one that is already in place, or nowhere. */
export type DatabricksConfig =
  | {
      readonly kind: 'create'
      readonly lakeAccess: LakeAccess
      /** `https://…`, once the workspace is there: the web application then links to it. */
      readonly host: string | undefined
      /** The Databricks account; Terraform asks for it where it is not set. */
      readonly accountId: string | undefined
      /** The region's metastore, where the account has one; created otherwise. */
      readonly metastoreId: string | undefined
      /** Addresses of the people in the analysts group. */
      readonly analysts: readonly string[]
    }
  | ({
      readonly kind: 'join'
      /** `https://…`, the workspace's address. */
      readonly host: string
      /** A group of the account that its owners have assigned to the workspace. */
      readonly analystsGroup: string
    } & (
      | { readonly lakeAccess: 'volume' }
      | {
          readonly lakeAccess: 'mount'
          /** Name of the role by which the workspace starts clusters: it has to be allowed to give them ours. */
          readonly crossAccountRole: string
        }
    ))
  | { readonly kind: 'none' }

/** The analysts' cluster. */
export type ComputeConfig = {
  /** With a disk of its own, so that none has to be attached. */
  readonly nodeType: string
  readonly workers: { readonly least: number; readonly most: number }
}

export type CloudConfig = {
  readonly environment: EnvironmentName
  readonly region: string
  /** Deployments to any other account are refused. */
  readonly account: string | undefined
  /** An AWS API other than Amazon's, such as a local stand-in; credentials are then made up. */
  readonly awsEndpoint: string | undefined
  readonly state: StateConfig
  /** Deletion protection and `prevent_destroy` on all that holds data. */
  readonly protectData: boolean
  readonly stream: StreamConfig
  readonly gateway: GatewayConfig
  /** Signing in asks for a second factor always, or of those who have set one up. */
  readonly mfa: 'ON' | 'OPTIONAL'
  /** The web application's own name; CloudFront's otherwise. */
  readonly domain:
    | { readonly name: string; readonly certificateArn: string; readonly zoneId: string | undefined }
    | undefined
  /** Told of alarms; nobody is without it. */
  readonly alarmEmail: string | undefined
  /** US dollars a month, after which the triggers are paused. */
  readonly monthlyBudget: number
  /** Images an hour above which something must be running away; the triggers are paused at once. */
  readonly runawayInvocations: number
  /** The private address space, a /16; three zones and the analysts' subnets are cut from it. */
  readonly cidr: string
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  /** Whether engineers may change the stream from the console, or only look. */
  readonly consoleMode: 'full' | 'read-only'
  readonly databricks: DatabricksConfig
  readonly compute: ComputeConfig
}

export type CloudDefaults = Pick<
  CloudConfig,
  'protectData' | 'stream' | 'mfa' | 'monthlyBudget' | 'runawayInvocations' | 'cidr' | 'logLevel' | 'compute'
>

export const cloudDefaults: Record<EnvironmentName, CloudDefaults> = {
  dev: {
    protectData: false,
    stream: {
      kind: 'standard',
      kafkaVersion: '4.1.x.kraft',
      brokers: 3,
      instanceType: 'kafka.t3.small',
      storageGiB: 10,
    },
    mfa: 'OPTIONAL',
    monthlyBudget: 300,
    runawayInvocations: 20_000,
    cidr: '10.40.0.0/16',
    logLevel: 'DEBUG',
    compute: { nodeType: 'm7gd.large', workers: { least: 1, most: 2 } },
  },
  staging: {
    protectData: false,
    stream: {
      kind: 'standard',
      kafkaVersion: '4.1.x.kraft',
      brokers: 3,
      instanceType: 'kafka.m7g.large',
      storageGiB: 50,
    },
    mfa: 'ON',
    monthlyBudget: 900,
    runawayInvocations: 100_000,
    cidr: '10.41.0.0/16',
    logLevel: 'INFO',
    compute: { nodeType: 'm7gd.xlarge', workers: { least: 1, most: 2 } },
  },
  prod: {
    protectData: true,
    stream: {
      kind: 'standard',
      kafkaVersion: '4.1.x.kraft',
      brokers: 3,
      instanceType: 'kafka.m7g.large',
      storageGiB: 200,
    },
    mfa: 'ON',
    monthlyBudget: 2_500,
    runawayInvocations: 500_000,
    cidr: '10.42.0.0/16',
    logLevel: 'INFO',
    compute: { nodeType: 'm7gd.xlarge', workers: { least: 1, most: 8 } },
  },
}

/** `DARKROOM_STREAM` swaps the kind of cluster without a change to this file. */
export const streamsByName = {
  serverless: { kind: 'serverless' },
  standard: {
    kind: 'standard',
    kafkaVersion: '4.1.x.kraft',
    brokers: 3,
    instanceType: 'kafka.m7g.large',
    storageGiB: 100,
  },
  express: { kind: 'express', kafkaVersion: '4.1.x.kraft', brokers: 3, instanceType: 'express.m7g.large' },
} as const satisfies Record<StreamConfig['kind'], StreamConfig>
