/** What engineers and analysts see of the platform: the functions that answer their routes. */
import type { Construct } from 'constructs'
import { PlatformFunction } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'

export class ConsoleStack extends PlatformStack {
  /** By the name under which the contract asks for them. */
  readonly answers: { readonly retention: PlatformFunction<'retention'> }

  constructor(
    scope: Construct,
    { foundation, lake }: { readonly foundation: FoundationStack; readonly lake: LakeStack },
  ) {
    super(scope, 'console', foundation.config)
    const retention = new PlatformFunction(this, {
      name: 'retention',
      logKey: foundation.logKey,
      // Reading only: counts of what is due, and the records of runs.
      environment: (grantee) => ({
        ...lake.ledger.grant(grantee, { indexes: ['byExpiry'] }),
        ...lake.runs.grant(grantee, { read: true }),
      }),
    })
    this.answers = { retention }
  }
}
