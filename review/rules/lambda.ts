/** Functions and what calls them: nothing is tried for ever, and nothing runs without a bound. */
import { retention } from '../../platform.ts'
import { block, blocks, refersTo } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

const lambdaGuide = 'AWS Lambda Developer Guide'
const mskGuide = `${lambdaGuide}, "Using Lambda with Amazon MSK": defaults are infinite retries and record age`
const failureSeconds = retention.failures / 1000

/** With Lambda's pauses between them, a partition would stand still for hours. */
const mostAttempts = 100

/** Mappings of streams retry for ever by default; a queue counts deliveries itself. */
const isQueue = (args: Record<string, unknown>) => /aws_sqs_queue|:sqs:/.test(String(args.event_source_arn))

export const lambdaRules: readonly Rule[] = [
  {
    id: 'lambda/retries-are-bounded',
    title: 'A trigger gives up after some attempts',
    severity: 'high',
    why: 'Retries are infinite where nothing is said: one bad image stalls its partition for ever.',
    source: mskGuide,
    fix: 'Set maximum_retry_attempts (platform.ts, "processTrigger")',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) => {
      if (isQueue(args)) return undefined
      const attempts = Number(args.maximum_retry_attempts ?? -1)
      if (!(attempts >= 0)) return 'retries without an end'
      return attempts > mostAttempts && `retries ${attempts} times, ${mostAttempts} is the most`
    },
  },
  {
    id: 'lambda/record-age-is-bounded',
    title: 'A trigger gives up records that are too old',
    severity: 'high',
    why: 'Without an age a record is retried until the stream forgets it, and blocks what is behind it.',
    source: mskGuide,
    fix: 'Set maximum_record_age_in_seconds (platform.ts, "processTrigger")',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) => {
      if (isQueue(args)) return undefined
      const age = Number(args.maximum_record_age_in_seconds ?? -1)
      if (!(age > 0)) return 'tries records of any age'
      return age * 1000 > retention.events && `tries records until they are ${age / 86_400} days old`
    },
  },
  {
    id: 'lambda/failures-go-somewhere',
    title: 'What a trigger gives up goes to a place of ours',
    severity: 'high',
    why: 'Records that were acknowledged would be skipped, and nobody would know.',
    source: `${lambdaGuide}, "Capturing discarded batches for an Amazon MSK event source"`,
    fix: 'Set destination_config.on_failure to the failures bucket',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) =>
      !isQueue(args) && !block(block(args.destination_config).on_failure).destination_arn && 'drops what it gives up',
  },
  {
    id: 'lambda/failures-are-forgotten',
    title: 'What a trigger gave up is forgotten in time',
    severity: 'high',
    why: 'The destination holds full copies of records.',
    source: 'platform.ts, "retention.failures"',
    fix: `End objects there within ${failureSeconds / 86_400} days, or set the queue’s retention`,
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) => {
      const to = block(block(args.destination_config).on_failure).destination_arn
      const bucket = all.all('aws_s3_bucket').find((found) => refersTo(to, found))
      if (!bucket) return undefined
      const ends = all
        .naming('aws_s3_bucket_lifecycle_configuration', 'bucket', bucket)
        .flatMap(({ args: { rule } }) => blocks(rule))
        .flatMap((rule) => block(rule.expiration).days ?? [])
      return (
        !ends.some((days) => days * 86_400 <= failureSeconds) && `keeps what it gave up in ${bucket.path} for longer`
      )
    },
  },
  {
    id: 'lambda/batches-are-parted',
    title: 'A batch that fails is parted',
    severity: 'medium',
    why: 'One bad record would take nine good ones with it.',
    source: `${lambdaGuide}, "bisect batch on function error"`,
    fix: 'Set bisect_batch_on_function_error',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) => !isQueue(args) && args.bisect_batch_on_function_error !== true && 'gives up whole batches',
  },
  {
    id: 'lambda/failures-are-reported-one-by-one',
    title: 'The function says which record failed',
    severity: 'medium',
    why: 'Otherwise records that succeeded are processed again with the one that did not.',
    source: `${lambdaGuide}, "Partial batch responses"`,
    fix: 'Set function_response_types to ReportBatchItemFailures',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) =>
      !blocks(args.function_response_types).some((type) => String(type) === 'ReportBatchItemFailures') &&
      'repeats whole batches',
  },
  {
    id: 'lambda/consumer-group-has-a-name',
    title: 'A trigger’s consumer group has a name of ours',
    severity: 'medium',
    why: 'The lag is counted by group; a random one cannot be watched, and a new mapping would start anew.',
    source: `${lambdaGuide}, "Customizable consumer group ID"`,
    fix: 'Set amazon_managed_kafka_event_source_config.consumer_group_id',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) =>
      blocks(args.topics).length > 0 &&
      !block(args.amazon_managed_kafka_event_source_config).consumer_group_id &&
      !block(args.self_managed_kafka_event_source_config).consumer_group_id &&
      'reads under a random consumer group',
  },
  {
    id: 'lambda/pollers-are-bounded',
    title: 'A trigger has pollers of its own, and a limit to them',
    severity: 'medium',
    why: 'AWS takes limits on retries only with provisioned pollers, which cost by the hour.',
    source: `${lambdaGuide}, "Configuring provisioned mode for an Amazon MSK event source"`,
    fix: 'Set provisioned_poller_config.maximum_pollers',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }) =>
      blocks(args.topics).length > 0 &&
      !block(args.provisioned_poller_config).maximum_pollers &&
      'has no limit to its pollers',
  },
  {
    id: 'lambda/concurrency-is-bounded',
    title: 'Every function has a limit of its own',
    severity: 'high',
    why: 'A runaway function uses up the account’s concurrency, and MSK takes 100 new connections a second.',
    source: `${lambdaGuide}, "Configuring reserved concurrency for a function"`,
    fix: 'Set concurrency.cloud in platform.ts',
    applies: ['aws_lambda_function'],
    check: ({ args }) =>
      !((args.reserved_concurrent_executions ?? -1) > 0) && 'may take all of the account’s concurrency',
  },
  {
    id: 'lambda/time-is-set',
    title: 'Every function has a time-out that somebody chose',
    severity: 'low',
    why: 'Three seconds is Lambda’s own, which cuts off every other cold start.',
    source: `${lambdaGuide}, "Configure Lambda function timeout"`,
    fix: 'Set timeoutSeconds in platform.ts',
    applies: ['aws_lambda_function'],
    check: ({ args }) => !(args.timeout > 0 && args.timeout <= 900) && 'has Lambda’s own time-out',
  },
  {
    id: 'lambda/answers-before-the-gateway-gives-up',
    title: 'A function behind the API ends before the gateway does',
    severity: 'medium',
    why: 'After 29 s the caller has had an error, and the function would go on and change things.',
    source: 'Amazon API Gateway Developer Guide, quotas: integration timeout',
    fix: 'Set timeoutSeconds to 29 or less in platform.ts',
    applies: ['aws_lambda_permission'],
    check: ({ args }, all) => {
      const lambda = all.all('aws_lambda_function').find((found) => refersTo(args.function_name, found))
      return (
        args.principal === 'apigateway.amazonaws.com' &&
        lambda &&
        lambda.args.timeout > 29 &&
        `calls ${lambda.path}, which may take ${lambda.args.timeout} s`
      )
    },
  },
  {
    id: 'lambda/clock-calls-are-not-repeated-for-a-day',
    title: 'Calls by the clock are given up soon',
    severity: 'medium',
    why: 'EventBridge tries for 24 hours and 185 times: an outage would be followed by a stampede of old calls.',
    source: 'Amazon EventBridge User Guide, "How EventBridge retries delivering events"',
    fix: 'Set retry_policy (stacks/constructs/schedule.ts does)',
    applies: ['aws_cloudwatch_event_target', 'aws_scheduler_schedule'],
    check: ({ type, args }) =>
      !(
        block(block(type === 'aws_scheduler_schedule' ? args.target : args).retry_policy)
          .maximum_event_age_in_seconds <= 3600
      ) && 'may be tried for 24 hours',
  },
  {
    id: 'lambda/asynchronous-calls-are-bounded',
    title: 'Functions called by the clock say how often they are tried',
    severity: 'low',
    why: 'Lambda queues asynchronous calls for six hours where nothing is said.',
    source: `${lambdaGuide}, "Asynchronous invocation": error handling`,
    fix: 'Add an aws_lambda_function_event_invoke_config',
    applies: ['aws_cloudwatch_event_target'],
    check: ({ args }, all) => {
      const lambda = all.all('aws_lambda_function').find((found) => refersTo(args.arn, found))
      return (
        lambda &&
        !all
          .naming('aws_lambda_function_event_invoke_config', 'function_name', lambda)
          .some((config) => config.args.maximum_event_age_in_seconds > 0) &&
        `calls ${lambda.path}, which queues calls for six hours`
      )
    },
  },
  {
    id: 'lambda/queue-gives-up',
    title: 'A queue that triggers a function gives up',
    severity: 'high',
    why: 'Without a dead-letter queue a bad message comes back until it expires, and is paid each time.',
    source: 'Amazon SQS Developer Guide, "Using dead-letter queues in Amazon SQS"',
    fix: 'Set redrive_policy with maxReceiveCount',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) => {
      const queue = all.all('aws_sqs_queue').find((found) => refersTo(args.event_source_arn, found))
      const received = /"?maxReceiveCount"?\s*[:=]\s*"?(\d+)/.exec(String(queue?.args.redrive_policy ?? ''))?.[1]
      return queue && !(Number(received) <= mostAttempts) && `${queue.path} delivers bad messages again and again`
    },
  },
  {
    id: 'lambda/calls-are-traced',
    title: 'Calls are traced',
    severity: 'low',
    why: 'Without traces nobody finds where a slow upload was slow.',
    source: `${lambdaGuide}, "Visualize Lambda function invocations using AWS X-Ray"`,
    fix: 'Set tracing_config.mode to Active',
    applies: ['aws_lambda_function'],
    check: ({ args }) => block(args.tracing_config).mode !== 'Active' && 'is not traced',
  },
]
