/** What engineers and analysts see of the platform: the functions that answer their routes. */
import type { Construct } from 'constructs'
import { layout, topics } from '../platform.ts'
import { PlatformFunction } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { Schedule } from './constructs/schedule.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'
import type { NetworkStack } from './network.ts'
import type { ProcessingStack } from './processing.ts'
import type { StreamStack } from './stream.ts'

export type ConsoleProps = {
  readonly foundation: FoundationStack
  readonly network: NetworkStack
  readonly lake: LakeStack
  readonly stream: StreamStack
  readonly processing: ProcessingStack
}

export class ConsoleStack extends PlatformStack {
  /** By the name under which the contract asks for them. */
  readonly answers: {
    readonly retention: PlatformFunction<'retention'>
    readonly 'stream-admin': PlatformFunction<'stream-admin'>
  }

  readonly measure: PlatformFunction<'measure'>

  constructor(scope: Construct, { foundation, network, lake, stream, processing }: ConsoleProps) {
    super(scope, 'console', foundation.config)
    const { logKey } = foundation
    const retention = new PlatformFunction(this, {
      name: 'retention',
      logKey,
      // Counts of what is due, the records of runs, receipts, and legal holds.
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, { read: [layout.receipts], list: true }),
        // A legal hold changes a row, and is recorded.
        ...lake.ledger.grant(grantee, { read: true, update: true, indexes: ['byExpiry'] }),
        ...lake.runs.grant(grantee, { read: true, insert: true }),
      }),
    })
    const streamAdmin = new PlatformFunction(this, {
      name: 'stream-admin',
      logKey,
      network: network.forFunctions,
      environment: (grantee) => ({
        // Thumbnails, by links that it signs: nothing else of the lake.
        ...lake.bucket.grant(grantee, { readThumbnails: true }),
        ...lake.ledger.grant(grantee, { read: true, update: true }),
        ...lake.runs.grant(grantee, { read: true, insert: true }),
        ...stream.cluster.grantPublish(grantee, [topics.images]),
        ...stream.cluster.grantManage(grantee),
        ...processing.trigger.grantChange(grantee),
        IMAGES_TOPIC: topics.images.name,
        QUARANTINE_TOPIC: topics.quarantine.name,
        CONSOLE_MODE: foundation.config.consoleMode,
      }),
    })
    this.measure = new PlatformFunction(this, {
      name: 'measure',
      logKey,
      network: network.forFunctions,
      environment: (grantee) => ({
        ...lake.runs.grant(grantee, { insert: true }),
        ...stream.cluster.grantWatch(grantee),
        IMAGES_TOPIC: topics.images.name,
        QUARANTINE_TOPIC: topics.quarantine.name,
      }),
    })
    new Schedule(this, 'measure-schedule', { name: 'measure', target: this.measure })
    this.answers = { retention, 'stream-admin': streamAdmin }
  }
}
