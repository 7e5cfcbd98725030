/**
 * The one definition of the platform: topics, tables and indexes, layout of the lake, limits, schedules,
 * retention, groups and functions. `stacks/` turns it into Terraform and `local/` into processes, so neither
 * names these things a second time. This file imports nothing.
 */

const KiB = 1024
const MiB = 1024 * KiB
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long each kind of trace may live. Durations are in milliseconds. */
export const retention = {
  /** The promise: an image and all that was made from it is gone seven days after it was received. */
  images: 7 * day,
  /** A presigned upload that was never completed is forgotten after this. */
  unfinishedUploads: 1 * day,
  /** An `Idempotency-Key` is remembered this long. */
  idempotency: 1 * day,
  /** Records that could not be processed; below `images` by more than the roll time of a segment. */
  quarantine: 6 * day,
  /** Full copies of batches that a trigger gave up on (the failure destination). */
  failures: 6 * day,
  /** Events name an image; three days are enough to replay after a long week-end. */
  events: 3 * day,
  /** Logs name image ids only, and not beyond the image by more than this. CloudWatch takes 1, 3, 5, 7, … days. */
  logs: 3 * day,
  /** DynamoDB's point-in-time recovery: the least that AWS takes, so that no backup outlives the promise by more. */
  backups: 1 * day,
  /** Counts of purge runs and receipts, which hold nothing personal. */
  runs: 400 * day,
  /** An object without a row (or a row without an object) is an orphan only after this; before, it may be on its way. */
  orphanGrace: 1 * hour,
  /** TTL and S3 lifecycle are backstops that act this long after the purge should have. */
  backstop: 1 * day,
} as const

export type TopicDefinition = {
  readonly name: string
  readonly partitions: number
  /** Copies of each partition on a cluster; a single local broker lowers it to 1. */
  readonly replicationFactor: number
  /** Kafka's own names and values, as its admin API takes them. */
  readonly settings: Readonly<Record<string, string>>
}

const topicSettings = (retentionMs: number) => ({
  'retention.ms': String(retentionMs),
  // Kafka deletes whole, inactive segments only: rolling every six hours bounds a record's life to retention + 6 h.
  'segment.ms': String(6 * hour),
  // A producer's clock in the future would otherwise keep its segment from being deleted.
  'message.timestamp.type': 'LogAppendTime',
  'cleanup.policy': 'delete',
  'max.message.bytes': String(64 * KiB),
  'min.insync.replicas': '2',
})

export const topics = {
  images: { name: 'images', partitions: 6, replicationFactor: 3, settings: topicSettings(retention.events) },
  quarantine: {
    name: 'images.quarantine',
    partitions: 3,
    replicationFactor: 3,
    settings: {
      ...topicSettings(retention.quarantine),
      // The largest record of `images` fits in with the headers that say why it is here, or it could never leave.
      'max.message.bytes': String(80 * KiB),
    },
  },
} as const satisfies Record<string, TopicDefinition>

export type AttributeType = 'S' | 'N'
export type IndexDefinition = {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey: string
  /** `keys` keeps an index small where only the id is wanted. */
  readonly projection: 'ALL' | 'KEYS_ONLY'
}
export type TableDefinition = {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey?: string
  /** Types of all key attributes, those of indexes included. */
  readonly attributes: Readonly<Record<string, AttributeType>>
  readonly indexes: Readonly<Record<string, IndexDefinition>>
  /** Epoch seconds; DynamoDB's TTL as a backstop behind the purge. */
  readonly ttlAttribute: string
}

export const tables = {
  /** The truth about each image, and the idempotency keys that led to it. */
  ledger: {
    name: 'ledger',
    partitionKey: 'id',
    attributes: {
      id: 'S',
      ownerId: 'S',
      receivedAt: 'N',
      expiryShard: 'S',
      expiresAt: 'N',
      pendingShard: 'S',
      pendingSince: 'N',
      ownerContent: 'S',
    },
    indexes: {
      /** One person's images, newest first. */
      byOwner: { name: 'byOwner', partitionKey: 'ownerId', sortKey: 'receivedAt', projection: 'ALL' },
      /** What is due to be purged. Sharded, so that a busy day does not heat one partition. */
      byExpiry: { name: 'byExpiry', partitionKey: 'expiryShard', sortKey: 'expiresAt', projection: 'KEYS_ONLY' },
      /**
       * Sparse: rows whose event has not reached Kafka (the outbox), and, in shards of their own, rows whose event has
       * but which are not settled yet.
       */
      byPending: { name: 'byPending', partitionKey: 'pendingShard', sortKey: 'pendingSince', projection: 'KEYS_ONLY' },
      /** Same bytes from the same person. */
      byContent: { name: 'byContent', partitionKey: 'ownerContent', sortKey: 'receivedAt', projection: 'KEYS_ONLY' },
    },
    ttlAttribute: 'ttl',
  },
  /** One row for each run of the purge and each erasure on request: counts only. */
  runs: {
    name: 'runs',
    partitionKey: 'kind',
    sortKey: 'run',
    attributes: { kind: 'S', run: 'S' },
    indexes: {},
    ttlAttribute: 'ttl',
  },
} as const satisfies Record<string, TableDefinition>

/** Shards of the expiry and pending indexes; an image's shard follows from its id. */
export const shards = { expiry: 16, pending: 4 } as const

export const buckets = {
  /** Originals, renditions, metadata and the runs' records; versioned. */
  lake: { name: 'lake', versioned: true },
  /** Where triggers put batches that they gave up on. */
  failures: { name: 'failures', versioned: false },
} as const

/** What the analysts' workspace keeps beside the lake: aggregates, and what Databricks needs for itself. */
export const databricksBuckets = {
  reports: { name: 'reports', versioned: false },
  root: { name: 'databricks-root', versioned: false },
} as const

/** Prefixes in the lake. One prefix is one image; Spark prunes by `date=`. */
export const layout = {
  images: 'images/',
  metadata: 'metadata/',
  runs: 'runs/',
  receipts: 'receipts/',
  originalName: 'original',
} as const

/** What analysts find in Databricks. The catalog is `darkroom_<environment>`. */
export const analytics = {
  /** The lake is `/mnt/<mount>`, or the volume `/Volumes/<catalog>/<schema>/<volume>`. */
  mount: 'images',
  schema: 'lake',
  volume: 'images',
  /** Schema of the aggregates; no table in it has a row for a single image. */
  reports: 'reports',
  /** In the workspace. Not below `/Shared`, where everybody may change everything. */
  folder: '/Darkroom',
  /** What notebooks read; receipts are nobody's but the purge's. */
  prefixes: [layout.images, layout.metadata, layout.runs],
  /** Quartz, UTC: after the hourly purge, so that the aggregates lose what it removed. */
  refresh: '0 20 * * * ?',
  /** A cluster or warehouse that nobody uses ends after so many minutes. */
  idleMinutes: { cluster: 30, warehouse: 10 },
} as const

/**
 * What may be uploaded: content type → extension of the stored original.
 * HEIC is listed apart because sharp's prebuilt binary cannot read it.
 */
export const imageTypes = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'image/tiff': 'tiff',
} as const
export type ImageType = keyof typeof imageTypes
export type ImageExtension = (typeof imageTypes)[ImageType]

export const limits = {
  /** Lambda takes 6 MB of base64-encoded request, which is about 4.5 MB of image. */
  directUploadBytes: 4 * MiB,
  presignedUploadBytes: 100 * MiB,
  /** Amazon API Gateway's own limit on a payload. */
  gatewayPayloadBytes: 10 * MiB,
  jsonBodyBytes: 64 * KiB,
  /** Width × height, over all frames. Peers cap at 50 to 100 megapixels. */
  imagePixels: 100_000_000,
  imageFrames: 500,
  imageSide: 30_000,
  /** Wall clock for one image, then it is quarantined. */
  imageSeconds: 30,
  fileNameLength: 255,
  idempotencyKeyLength: 128,
  pageSize: { default: 50, most: 200 },
  /** Presigned links to renditions live this long, and never beyond the purge. */
  linkSeconds: 3600,
  presignedPostSeconds: 3600,
  /** Deliveries of one image's event after which it is quarantined instead of tried again. */
  processAttempts: 5,
  /** Amazon API Gateway's token bucket: requests a second, and burst. */
  requestRate: 200,
  requestBurst: 1000,
} as const

/** EventBridge expressions; `local/schedule` understands `rate(…)`. */
export const schedules = {
  republish: 'rate(1 minute)',
  purge: 'rate(1 hour)',
} as const

/** A row whose event is not in Kafka after this is republished. */
export const republishAfter = 1 * minute

/**
 * An image whose event is in Kafka but which has not been settled after this is sent again: the trigger may have given
 * up on its batch during a long outage. Longer than all retries of one batch, so that a mere backlog is left alone.
 */
export const resendAfter = 30 * minute

/** Scopes are `<resource server>/<name>`, as Cognito writes them. */
export const scopes = {
  imagesRead: 'darkroom/images.read',
  imagesWrite: 'darkroom/images.write',
  streamRead: 'darkroom/stream.read',
  streamWrite: 'darkroom/stream.write',
  retentionRead: 'darkroom/retention.read',
  notebooksRead: 'darkroom/notebooks.read',
} as const
export type Scope = (typeof scopes)[keyof typeof scopes]

/** Who may do what: a person's scopes follow from the groups they are in. */
export const groups = {
  uploaders: [scopes.imagesRead, scopes.imagesWrite],
  engineers: [scopes.streamRead, scopes.streamWrite, scopes.retentionRead],
  analysts: [scopes.notebooksRead, scopes.retentionRead],
  operators: [scopes.streamRead, scopes.streamWrite, scopes.retentionRead],
  viewers: [scopes.streamRead, scopes.retentionRead],
} as const satisfies Record<string, readonly Scope[]>
export type Group = keyof typeof groups

/** What people may do in the console, each role all that the ones before it may. */
export const consoleRoles = ['viewer', 'operator', 'admin'] as const
export type ConsoleRole = (typeof consoleRoles)[number]

/**
 * Operators keep the stream going: triggers, offsets, quarantine. Engineers also change what the stream is: topics,
 * partitions, settings.
 */
export const consoleRoleOfGroup: Partial<Record<Group, ConsoleRole>> = {
  engineers: 'admin',
  operators: 'operator',
  viewers: 'viewer',
}

export const consoleLimits = {
  /** Of one topic; MSK takes a few thousand on a broker. */
  partitions: 1_000,
  /** Images that one call sends back; more go with the next one. */
  redriveMost: 100,
  redrivePerSecond: 50,
  /** The loop guard: what fails again after so many redrives stays where it is. */
  redrivesOfOneImage: 3,
  /** Records of the quarantine topic that are looked at, newest first. */
  quarantineScan: 2_000,
  /** Records that a search looks at before it answers. */
  searchScan: 5_000,
} as const

/** The token's audience, and the resource server in Cognito. */
export const audience = 'darkroom'

export type FunctionDefinition = {
  /** What the function is for, in a sentence; becomes its description in AWS. */
  readonly purpose: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** Reserved concurrency in AWS, and the number of local processes at most. */
  readonly concurrency: { readonly cloud: number; readonly local: number }
}

export type CloudFunctionDefinition = Omit<FunctionDefinition, 'concurrency'> & {
  readonly concurrency: Pick<FunctionDefinition['concurrency'], 'cloud'>
}

/** Every function; its code is `functions/<folder>/handler.ts`, its variables `functions/<folder>/env.ts`. */
export const functions = {
  upload: {
    purpose: 'Takes in images and publishes their events (the Kafka producer)',
    timeoutSeconds: 29,
    memoryMb: 1024,
    concurrency: { cloud: 50, local: 3 },
  },
  images: {
    purpose: 'Lists images, shows one, and erases one on request',
    timeoutSeconds: 29,
    memoryMb: 512,
    concurrency: { cloud: 50, local: 2 },
  },
  process: {
    purpose: 'Makes renditions and metadata from each image event',
    timeoutSeconds: 300,
    memoryMb: 3008,
    concurrency: { cloud: 20, local: 2 },
  },
  republish: {
    purpose: 'Publishes the events that did not reach Kafka (the outbox sweep)',
    timeoutSeconds: 55,
    memoryMb: 256,
    concurrency: { cloud: 1, local: 1 },
  },
  purge: {
    purpose: 'Deletes every trace of images whose time has come, and verifies it',
    timeoutSeconds: 900,
    memoryMb: 512,
    concurrency: { cloud: 1, local: 1 },
  },
  retention: {
    purpose: 'Answers what is due, what has been purged, and what the runs counted',
    timeoutSeconds: 29,
    memoryMb: 256,
    concurrency: { cloud: 10, local: 1 },
  },
  'stream-admin': {
    purpose: 'Shows and manages the stream for engineers: topics, groups, messages, quarantine, triggers',
    timeoutSeconds: 29,
    memoryMb: 512,
    // Each holds connections to all brokers; a few engineers at once are served well by a few.
    concurrency: { cloud: 5, local: 2 },
  },
} as const satisfies Record<string, FunctionDefinition>
export type FunctionName = keyof typeof functions

/** Functions that only AWS runs: they take part in a deployment or in signing in, for which `local/` has its own means. */
export const cloudFunctions = {
  topics: {
    purpose: 'Ensures topics and their settings when the stream is deployed',
    timeoutSeconds: 120,
    memoryMb: 256,
    concurrency: { cloud: 1 },
  },
  scopes: {
    purpose: 'Adds the scopes that follow from groups to access tokens',
    // Cognito gives a trigger five seconds, whatever is set here.
    timeoutSeconds: 5,
    memoryMb: 256,
    concurrency: { cloud: 10 },
  },
  'spend-breaker': {
    purpose: 'Pauses the Kafka triggers when spending runs away',
    timeoutSeconds: 60,
    memoryMb: 256,
    concurrency: { cloud: 1 },
  },
} as const satisfies Record<string, CloudFunctionDefinition>
export type CloudFunctionName = keyof typeof cloudFunctions

/**
 * How the Kafka trigger (event source mapping) feeds the processor.
 * AWS's defaults retry for ever, so one bad image would stall its partition: every argument is set on purpose.
 */
export const processTrigger = {
  topic: topics.images.name,
  consumerGroup: 'darkroom-process',
  batchSize: 10,
  /** Longest wait for a fuller batch, in milliseconds. AWS takes 0 or 500 ms and more for Kafka. */
  batchWindowMs: 0,
  /** With the pauses between them some three minutes; what fails for longer is sent again by the sweep. */
  maximumRetryAttempts: 10,
  maximumRecordAgeSeconds: 86_400,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
  pollers: { minimum: 1, maximum: 4 },
} as const

/** Metrics of our own that something watches; a function adds its name as the dimension `service`. */
export const metrics = {
  namespace: 'Darkroom',
  names: {
    /** Counts, by `process`. */
    processed: 'ImagesProcessed',
    quarantined: 'RecordsQuarantined',
    /** By `purge`, once a run: seconds by which the most overdue image has outlived its time; 0 where none has. */
    mostOverdue: 'MostOverdue',
    /** By `purge`, once a run: 1 where something was left for the next run. */
    purgeIncomplete: 'PurgeIncomplete',
  },
} as const
export type MetricName = keyof typeof metrics.names

/** A name as AWS sees it: `darkroom-<environment>-<name>`. */
export const resourceName = (environment: string, name: string) => `darkroom-${environment}-${name}`
