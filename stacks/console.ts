/** What engineers and analysts see of the platform: the functions that answer their routes. */
import type { Construct } from 'constructs'
import { topics } from '../platform.ts'
import { PlatformFunction } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
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

  constructor(scope: Construct, { foundation, network, lake, stream, processing }: ConsoleProps) {
    super(scope, 'console', foundation.config)
    const { logKey } = foundation
    const retention = new PlatformFunction(this, {
      name: 'retention',
      logKey,
      // Reading only: counts of what is due, and the records of runs.
      environment: (grantee) => ({
        ...lake.ledger.grant(grantee, { indexes: ['byExpiry'] }),
        ...lake.runs.grant(grantee, { read: true }),
      }),
    })
    const streamAdmin = new PlatformFunction(this, {
      name: 'stream-admin',
      logKey,
      network: network.forFunctions,
      environment: (grantee) => ({
        // Neither the lake nor the photographs' owners: it sees whether an image lives, and sends it back to be processed.
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
    this.answers = { retention, 'stream-admin': streamAdmin }
  }
}
