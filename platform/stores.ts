/** Tables with their indexes, buckets, and the layout of the lake. */

export type AttributeType = 'S' | 'N'
export type IndexDefinition = {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey: string
  /** Keys alone keep an index small where only the id is wanted; a list names attributes that come with them. */
  readonly projection: 'ALL' | 'KEYS_ONLY' | readonly string[]
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
      changedAt: 'N',
    },
    indexes: {
      /** One person's images, newest first. */
      byOwner: { name: 'byOwner', partitionKey: 'ownerId', sortKey: 'receivedAt', projection: 'ALL' },
      /** What is due to be purged. Sharded, so that a busy day does not heat one partition. */
      byExpiry: {
        name: 'byExpiry',
        partitionKey: 'expiryShard',
        sortKey: 'expiresAt',
        // What an erasure needs besides: a purge does not read its rows, it deletes them under a condition.
        projection: ['date', 'idempotencyId'],
      },
      /**
       * Sparse: rows whose event has not reached Kafka (the outbox), and, in shards of their own, rows whose event has
       * but which are not settled yet.
       */
      byPending: { name: 'byPending', partitionKey: 'pendingShard', sortKey: 'pendingSince', projection: 'KEYS_ONLY' },
      /** Same bytes from the same person. */
      byContent: { name: 'byContent', partitionKey: 'ownerContent', sortKey: 'receivedAt', projection: 'KEYS_ONLY' },
      /** One person's images by their last change of status, for a page that waits for it. */
      byChange: { name: 'byChange', partitionKey: 'ownerId', sortKey: 'changedAt', projection: 'KEYS_ONLY' },
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

/** The rendition that lists show. */
export const thumbnailName = 'thumb'

/** What analysts find in Databricks. */
export const analytics = {
  /** Where notebooks find the lake: `lakeRoots`. */
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

/** Catalogs of one metastore are seen by all environments of a region, so the name says whose it is. */
export const analyticsCatalog = (environment: string): string => `darkroom_${environment}`

/** The paths under which notebooks see the lake: the mount that was asked for, and the volume of Unity Catalog. */
export const lakeRoots = (environment: string) =>
  ({
    mount: `/mnt/${analytics.mount}`,
    volume: `/Volumes/${analyticsCatalog(environment)}/${analytics.schema}/${analytics.volume}`,
  }) as const
