/** What happens to an image after it was received: the processor with its trigger, and the outbox sweep. */
import type { Construct } from 'constructs'
import { layout, processTrigger, topics } from '../platform.ts'
import { PlatformFunction } from './constructs/function.ts'
import { KafkaTrigger } from './constructs/kafka-trigger.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { Schedule } from './constructs/schedule.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'
import type { NetworkStack } from './network.ts'
import type { StreamStack } from './stream.ts'

export type ProcessingProps = {
  readonly foundation: FoundationStack
  readonly network: NetworkStack
  readonly lake: LakeStack
  readonly stream: StreamStack
}

export class ProcessingStack extends PlatformStack {
  readonly process: PlatformFunction<'process'>
  readonly republish: PlatformFunction<'republish'>
  readonly trigger: KafkaTrigger

  constructor(scope: Construct, { foundation, network, lake, stream }: ProcessingProps) {
    super(scope, 'processing', foundation.config)
    const { logKey } = foundation
    const { cluster } = stream
    this.process = new PlatformFunction(this, {
      name: 'process',
      logKey,
      network: network.forFunctions,
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, {
          read: [layout.images],
          write: [layout.images, layout.metadata],
          // What it wrote of an image that was purged meanwhile.
          erase: [layout.images, layout.metadata],
          list: true,
        }),
        ...lake.ledger.grant(grantee, { read: true, update: true }),
        ...cluster.grantPublish(grantee, [topics.quarantine]),
        QUARANTINE_TOPIC: topics.quarantine.name,
      }),
    })
    this.trigger = new KafkaTrigger(this, 'trigger', {
      definition: processTrigger,
      cluster,
      target: this.process,
      failures: lake.failures,
    })

    this.republish = new PlatformFunction(this, {
      name: 'republish',
      logKey,
      network: network.forFunctions,
      environment: (grantee) => ({
        // Whether an original is there: without the right to list, S3 would not tell what is missing from what is forbidden.
        ...lake.bucket.grant(grantee, { read: [layout.images], list: true }),
        ...lake.ledger.grant(grantee, { read: true, update: true, indexes: ['byPending'] }),
        ...cluster.grantPublish(grantee, [topics.images]),
        IMAGES_TOPIC: topics.images.name,
      }),
    })
    new Schedule(this, 'republish-schedule', { name: 'republish', target: this.republish })
  }
}
