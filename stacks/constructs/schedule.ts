/** Calls a function by the clock. */
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js'
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js'
import { Construct } from 'constructs'
import { schedules } from '../../platform.ts'
import type { PlatformFunction } from './function.ts'
import type { PlatformStack } from './platform-stack.ts'

export class Schedule extends Construct {
  constructor(
    stack: PlatformStack,
    id: string,
    props: { readonly name: keyof typeof schedules; readonly target: PlatformFunction },
  ) {
    super(stack, id)
    const expression = schedules[props.name]
    const { target } = props
    const rule = new CloudwatchEventRule(this, 'rule', {
      name: stack.named(props.name),
      description: `Calls ${target.name}: ${expression}`,
      scheduleExpression: expression,
    })
    const permission = target.allowCallsFrom(this, 'permission', 'events.amazonaws.com', rule.arn)
    // Each run finds what the one before left: a late or repeated call is worth nothing.
    const once = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      arn: target.arn,
      retryPolicy: once,
      dependsOn: [permission],
    })
    new LambdaFunctionEventInvokeConfig(this, 'invocation', { functionName: target.functionName, ...once })
  }
}
