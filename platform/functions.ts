/** Every function, and the metrics that are watched. */

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
  changes: {
    purpose: "Tells a page of its person's images as they change: each answer waits until there is something to tell",
    timeoutSeconds: 29,
    memoryMb: 256,
    // One for each page that waits, which is only while something of it is being processed.
    concurrency: { cloud: 100, local: 4 },
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
  measure: {
    purpose: 'Measures the stream once a minute, for the charts of the console',
    timeoutSeconds: 30,
    memoryMb: 256,
    concurrency: { cloud: 1, local: 1 },
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
