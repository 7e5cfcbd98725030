/** An alarm that says what it means, and tells its topics when it goes off and when it is over. */
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { Construct } from 'constructs'
import type { AlarmTopic } from './alarm-topic.ts'
import type { Metric } from './metric.ts'
import type { PlatformStack } from './platform-stack.ts'

/** One metric, or a formula over several by the names given here. */
export type Measured = Metric | { readonly formula: string; readonly of: Readonly<Record<string, Metric>> }

export type AlarmProps = {
  /** Short name. */
  readonly name: string
  /** The runbook's section; by default the alarm's name. */
  readonly section?: string
  /** What it means. */
  readonly meaning: string
  readonly measured: Measured
  /** Goes off above this. */
  readonly above: number
  /** Seconds over which a value is taken. */
  readonly period: number
  /** How many periods in a row must be above. */
  readonly periods: number
  /** Silence can be the failure itself; otherwise it is peace. */
  readonly silence: 'is a failure' | 'is peace'
  readonly topics: readonly AlarmTopic[]
}

export class Alarm extends Construct {
  readonly arn: string

  constructor(stack: PlatformStack, props: AlarmProps) {
    super(stack, `${props.name}-alarm`)
    const told = props.topics.map(({ arn }) => arn)
    this.arn = new CloudwatchMetricAlarm(this, 'alarm', {
      alarmName: stack.named(props.name),
      alarmDescription: `${props.meaning} What to do: docs/runbook.md, "${props.section ?? props.name}".`,
      ...measurement(props),
      comparisonOperator: 'GreaterThanThreshold',
      threshold: props.above,
      evaluationPeriods: props.periods,
      datapointsToAlarm: props.periods,
      treatMissingData: props.silence === 'is a failure' ? 'breaching' : 'notBreaching',
      alarmActions: told,
      okActions: told,
    }).arn
  }
}

function measurement({ measured, period }: AlarmProps) {
  if (!('formula' in measured)) {
    const { namespace, name, dimensions, statistic } = measured
    return { namespace, metricName: name, dimensions: { ...dimensions }, statistic, period }
  }
  return {
    metricQuery: [
      { id: 'measured', expression: measured.formula, label: 'measured', returnData: true },
      ...Object.entries(measured.of).map(([id, { namespace, name, dimensions, statistic }]) => ({
        id,
        metric: { namespace, metricName: name, dimensions: { ...dimensions }, stat: statistic, period },
      })),
    ],
  }
}
