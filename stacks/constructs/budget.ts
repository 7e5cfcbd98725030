/** What the platform may cost in a month: people hear of it early, the spend breaker when it is spent. */
import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget/index.js'
import { Construct } from 'constructs'
import type { AlarmTopic } from './alarm-topic.ts'
import { environmentTag, type PlatformStack } from './platform-stack.ts'

export type BudgetProps = {
  /** Heard of at 80 % forecast. */
  readonly warn: AlarmTopic
  /** Heard of at 100 % spent. */
  readonly spent: AlarmTopic
}

export class Budget extends Construct {
  constructor(stack: PlatformStack, id: string, { warn, spent }: BudgetProps) {
    super(stack, id)
    const percent = { comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' }
    new BudgetsBudget(this, 'budget', {
      name: stack.named('monthly'),
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      limitAmount: stack.config.monthlyBudget.toFixed(2),
      limitUnit: 'USD',
      // The tag must be activated once as a cost allocation tag; until then the budget counts nothing.
      costFilter: [{ name: 'TagKeyValue', values: [`user:${environmentTag}$${stack.config.environment}`] }],
      notification: [
        { ...percent, notificationType: 'FORECASTED', threshold: 80, subscriberSnsTopicArns: [warn.arn] },
        { ...percent, notificationType: 'ACTUAL', threshold: 100, subscriberSnsTopicArns: [warn.arn, spent.arn] },
      ],
    })
  }
}
