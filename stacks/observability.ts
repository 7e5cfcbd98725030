/** How the platform is, who hears of it when it is not well, and what stops it from ruining us. */
import type { Construct } from 'constructs'
import { AlarmTopic } from './constructs/alarm-topic.ts'
import { Budget } from './constructs/budget.ts'
import { Dashboard } from './constructs/dashboard.ts'
import { PlatformFunction } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { addAlarms, charts, type Observed } from './constructs/watched.ts'
import type { FoundationStack } from './foundation.ts'
import type { ProcessingStack } from './processing.ts'

export type ObservabilityProps = {
  readonly foundation: FoundationStack
  readonly processing: ProcessingStack
  readonly observed: Observed
}

export class ObservabilityStack extends PlatformStack {
  constructor(scope: Construct, { foundation, processing, observed }: ObservabilityProps) {
    super(scope, 'observability', foundation.config)
    const { alarms, logKey } = foundation
    const spending = new AlarmTopic(this, 'spending', {
      name: 'spending',
      key: logKey,
      publishers: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'],
    })
    const breaker = new PlatformFunction(this, {
      name: 'spend-breaker',
      logKey,
      environment: (grantee) => processing.trigger.grantPause(grantee),
    })
    spending.notify(breaker)
    new Budget(this, 'budget', { warn: alarms, spent: spending })
    // A breaker that fails in silence is none.
    const watched = { ...observed, functions: [...observed.functions, breaker] }
    addAlarms(this, { observed: watched, alarms, spending })
    new Dashboard(this, 'dashboard', { charts: charts(watched) })
  }
}
