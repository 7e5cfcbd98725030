/** Forgetting: the hourly purge, and the alarm that goes off when anything outlives the promise. */
import type { Construct } from 'constructs'
import { layout } from '../platform.ts'
import { Alarm } from './constructs/alarm.ts'
import { PlatformFunction } from './constructs/function.ts'
import { ownMetric } from './constructs/metric.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { Schedule } from './constructs/schedule.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'

const hour = 3600

export class RetentionStack extends PlatformStack {
  readonly purge: PlatformFunction<'purge'>

  constructor(
    scope: Construct,
    { foundation, lake }: { readonly foundation: FoundationStack; readonly lake: LakeStack },
  ) {
    super(scope, 'retention', foundation.config)
    this.purge = new PlatformFunction(this, {
      name: 'purge',
      logKey: foundation.logKey,
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, {
          read: [layout.images, layout.metadata, layout.receipts],
          // What is under a legal hold is written anew before the lifecycle rule ends it.
          // Receipts are written and never deleted: not by a function.
          write: [layout.images, layout.metadata, layout.runs, layout.receipts],
          erase: [layout.images, layout.metadata, layout.runs],
          list: true,
        }),
        ...lake.ledger.grant(grantee, { read: true, insert: true, update: true, remove: true, indexes: ['byExpiry'] }),
        ...lake.runs.grant(grantee, { read: true, insert: true, remove: true }),
        ...lake.receiptKey.grantSign(grantee),
        ...lake.failures.grantErase(grantee),
      }),
    })
    new Schedule(this, 'purge-schedule', { name: 'purge', target: this.purge })
    new Alarm(this, {
      name: 'purge-overdue',
      meaning: 'An image is still there more than an hour after its time, or no purge has told how things are.',
      measured: ownMetric('mostOverdue', 'purge', 'Maximum'),
      above: hour,
      // The purge runs every hour: two hours without a good answer are one too many.
      period: hour,
      periods: 2,
      silence: 'is a failure',
      topics: [foundation.alarms],
    })
    new Alarm(this, {
      name: 'purge-incomplete',
      meaning: 'Three purges in a row have left something behind.',
      measured: ownMetric('purgeIncomplete', 'purge', 'Maximum'),
      above: 0,
      period: hour,
      periods: 3,
      silence: 'is peace',
      topics: [foundation.alarms],
    })
  }
}
