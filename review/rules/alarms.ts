/** Whatever goes wrong goes off: an alarm per function, for the lag, for the purge, for the bill; and it tells somebody. */
import { metrics } from '../../platform.ts'
import { block, blocks, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

const alarmsGuide = 'Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms"; AWS Lambda metrics'

/** What an alarm watches: its own metric, or those of its formula. */
const watchedBy = ({ args }: Resource) => [args, ...blocks(args.metric_query).flatMap(({ metric }) => blocks(metric))]

const alarmsOn = (all: Infrastructure, namespace: string, metric: string, about: (dimensions: unknown) => boolean) =>
  all
    .all('aws_cloudwatch_metric_alarm')
    .filter((alarm) =>
      watchedBy(alarm).some(
        ({ namespace: space, metric_name: name, dimensions }) =>
          space === namespace && name === metric && about(dimensions),
      ),
    )

/** A deployment calls it, and fails with it: nobody needs to be woken. */
const isCalledByDeploymentsOnly = (lambda: Resource, all: Infrastructure) =>
  all.naming('aws_lambda_invocation', 'function_name', lambda).length > 0 &&
  all.naming('aws_lambda_permission', 'function_name', lambda).length === 0 &&
  all.naming('aws_lambda_event_source_mapping', 'function_name', lambda).length === 0

const watches = (lambda: Resource) => (dimensions: unknown) =>
  refersTo(dimensions, lambda) || block(dimensions).FunctionName === lambda.args.function_name

const alarmOn = (metric: string, words: string) => (lambda: Resource, all: Infrastructure) =>
  !isCalledByDeploymentsOnly(lambda, all) &&
  alarmsOn(all, 'AWS/Lambda', metric, watches(lambda)).length === 0 &&
  `has no alarm on its ${words}`

export const alarmRules: readonly Rule[] = [
  {
    id: 'alarms/function-errors',
    title: 'Every function has an alarm on its errors',
    severity: 'medium',
    why: 'A function that fails in silence is found by those who wait for its work.',
    source: alarmsGuide,
    fix: 'Add the function to those observed (stacks/platform.ts)',
    applies: ['aws_lambda_function'],
    check: alarmOn('Errors', 'errors'),
  },
  {
    id: 'alarms/function-throttles',
    title: 'Every function has an alarm on its throttles',
    severity: 'medium',
    why: 'Reserved concurrency turns calls away; somebody must know when it is too little.',
    source: alarmsGuide,
    fix: 'Add the function to those observed (stacks/platform.ts)',
    applies: ['aws_lambda_function'],
    check: alarmOn('Throttles', 'throttles'),
  },
  {
    id: 'alarms/lag',
    title: 'Every consumer has an alarm on its lag',
    severity: 'high',
    why: 'Lag is the only sign that images wait: uploads still succeed.',
    source: 'Amazon MSK Developer Guide, "Monitor consumer lags"',
    fix: 'Add an alarm on SumOffsetLag, MaxOffsetLag or OffsetLag of the consumer group',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) => {
      if (blocks(args.topics).length === 0) return undefined
      const group = block(args.amazon_managed_kafka_event_source_config).consumer_group_id
      const ofGroup = (dimensions: unknown) => JSON.stringify(dimensions ?? {}).includes(group)
      const lag = ['SumOffsetLag', 'MaxOffsetLag', 'EstimatedMaxTimeLag'].flatMap((metric) =>
        alarmsOn(all, 'AWS/Kafka', metric, ofGroup),
      )
      return lag.length === 0 && `has no alarm on the lag of ${group ?? 'its consumer group'}`
    },
  },
  {
    id: 'alarms/purge-is-watched',
    title: 'An overdue purge goes off, and so does a purge that says nothing',
    severity: 'high',
    why: 'The promise is broken in silence otherwise: nobody sees an image that should be gone.',
    source: 'docs/retention.md',
    fix: `Add an alarm on ${metrics.names.mostOverdue} with treat_missing_data = breaching`,
    applies: ['aws_lambda_function'],
    check: ({ args }, all) => {
      if (!String(args.function_name).endsWith('-purge')) return undefined
      const overdue = alarmsOn(all, metrics.namespace, metrics.names.mostOverdue, () => true)
      if (overdue.length === 0) return 'has no alarm on images that outlive their time'
      return (
        overdue.every((alarm) => alarm.args.treat_missing_data !== 'breaching') && 'may fall silent without an alarm'
      )
    },
  },
  {
    id: 'alarms/quarantine-is-watched',
    title: 'A flood of images that cannot be processed goes off',
    severity: 'medium',
    why: 'A bug in a recipe quarantines everything, and every function succeeds.',
    source: 'docs/runbook.md',
    fix: `Add an alarm on ${metrics.names.quarantined}`,
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) =>
      blocks(args.topics).length > 0 &&
      alarmsOn(all, metrics.namespace, metrics.names.quarantined, () => true).length === 0 &&
      'has no alarm on what it quarantines',
  },
  {
    id: 'alarms/api-errors',
    title: 'Errors of the API go off',
    severity: 'medium',
    why: 'The gateway’s own errors are in no function’s metrics.',
    source: 'Amazon API Gateway Developer Guide, "Monitor REST API execution with Amazon CloudWatch metrics"',
    fix: 'Add an alarm on 5XXError of the stage',
    applies: ['aws_api_gateway_stage'],
    check: (_, all) =>
      alarmsOn(all, 'AWS/ApiGateway', '5XXError', () => true).length === 0 && 'has no alarm on 5XXError',
  },
  {
    id: 'alarms/somebody-is-told',
    title: 'Every alarm tells somebody',
    severity: 'high',
    why: 'An alarm without an action is a line on a page that nobody has open.',
    source: alarmsGuide,
    fix: 'Set alarm_actions, and leave actions_enabled alone',
    applies: ['aws_cloudwatch_metric_alarm'],
    check: ({ args }) =>
      (blocks(args.alarm_actions).length === 0 || args.actions_enabled === false) && 'goes off and tells nobody',
  },
  {
    id: 'alarms/spending-stops',
    title: 'Spending has a budget, and a breaker',
    severity: 'high',
    why: 'A loop costs thousands before the monthly bill arrives.',
    source: 'AWS Cost Management User Guide, "Managing your costs with AWS Budgets"',
    fix: 'Add a notification of type ACTUAL to a topic that calls the spend breaker',
    applies: ['aws_budgets_budget'],
    check: ({ args }, all) => {
      const told = blocks(args.notification)
        .filter((notification) => notification.notification_type === 'ACTUAL')
        .map((notification) => notification.subscriber_sns_topic_arns)
      const breakers = all
        .all('aws_sns_topic_subscription')
        .filter((subscription) => subscription.args.protocol === 'lambda')
        .flatMap((subscription) =>
          all.all('aws_sns_topic').filter((topic) => refersTo(subscription.args.topic_arn, topic)),
        )
      return (
        !breakers.some((topic) => told.some((topics) => refersTo(topics, topic))) && 'pauses nothing when it is spent'
      )
    },
  },
  {
    id: 'alarms/something-watches-spending',
    title: 'What costs by use is under a budget',
    severity: 'medium',
    why: 'Brokers cost by the hour, functions by the call.',
    source: 'AWS Cost Management User Guide',
    fix: 'Add an aws_budgets_budget (stacks/constructs/budget.ts)',
    applies: ['aws_msk_cluster', 'aws_msk_serverless_cluster'],
    check: (_, all) => all.all('aws_budgets_budget').length === 0 && 'runs without a budget',
  },
]
