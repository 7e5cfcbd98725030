/**
 * No output triggers input: whatever can call a function must be nothing that the function, or what it leads to, writes.
 * Runaway loops are the costliest mistake of such systems.
 */
import { blocks, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import { calledFunction, mayDo, permissionsOf } from '../policy.ts'
import type { Rule } from '../rule.ts'

const lambdaGuide =
  'AWS Lambda Developer Guide, "Recursive loop detection" and "Recursive patterns that cause run-away functions"'
const writesObjects = ['s3:PutObject', 's3:CopyObject']

const writersOf = (bucket: Resource, all: Infrastructure) =>
  all.all('aws_lambda_function').filter((lambda) => mayDo(lambda, all, writesObjects, bucket))

const bucketOf = (notification: Resource, all: Infrastructure) =>
  all.all('aws_s3_bucket').find((bucket) => refersTo(notification.args.bucket, bucket))

/** Topics that a function may write to; the ARN of one ends with its name. */
const publishedTopics = (lambda: Resource, all: Infrastructure): string[] =>
  permissionsOf(lambda, all)
    .filter(({ actions }) => actions.some((action) => ['kafka-cluster:WriteData', 'kafka-cluster:*'].includes(action)))
    .flatMap(({ resources }) => resources)

export const recursionRules: readonly Rule[] = [
  {
    id: 'recursion/bucket-calls-its-writer',
    title: 'No bucket calls a function that writes to it',
    severity: 'high',
    why: 'Each rendition would be an upload, and each upload makes renditions: 34.9 million calls in one reported case.',
    source: `${lambdaGuide}; firebase/extensions #3189`,
    fix: 'Let the upload publish the event, and remove the notification',
    applies: ['aws_s3_bucket_notification'],
    check: (notification, all) => {
      const bucket = bucketOf(notification, all)
      if (!bucket) return undefined
      return blocks(notification.args.lambda_function).map((target) => {
        const lambda = calledFunction(target.lambda_function_arn, all)
        return (
          lambda && mayDo(lambda, all, writesObjects, bucket) && `calls ${lambda.path}, which writes to the same bucket`
        )
      })
    },
  },
  {
    id: 'recursion/bucket-tells-what-functions-write',
    title: 'No bucket that functions write to tells anybody of new objects',
    severity: 'high',
    why: 'Through a queue, a topic or EventBridge the loop is the same, only harder to see.',
    source: lambdaGuide,
    fix: 'Remove the notification; the upload publishes the event',
    applies: ['aws_s3_bucket_notification'],
    check: (notification, all) => {
      const bucket = bucketOf(notification, all)
      const { eventbridge, queue, topic } = notification.args
      const tells = eventbridge === true || blocks(queue).length + blocks(topic).length > 0
      return (
        tells &&
        bucket &&
        writersOf(bucket, all).length > 0 &&
        `tells of objects that ${writersOf(bucket, all)[0]?.path} writes`
      )
    },
  },
  {
    id: 'recursion/trigger-feeds-itself',
    title: 'No function writes to the topic that triggers it',
    severity: 'high',
    why: 'Every event would make the next one.',
    source: lambdaGuide,
    fix: 'Write to another topic, such as the quarantine',
    applies: ['aws_lambda_event_source_mapping'],
    check: (mapping, all) => {
      const lambda = calledFunction(mapping.args.function_name, all)
      if (!lambda) return undefined
      const written = publishedTopics(lambda, all)
      return blocks(mapping.args.topics)
        .map(String)
        .filter((topic) => written.some((arn) => arn === '*' || arn.endsWith(`/${topic}`) || arn.endsWith('/*')))
        .map((topic) => `${lambda.path} may write to ${topic}, which triggers it`)
    },
  },
  {
    id: 'recursion/trigger-feeds-a-cycle',
    title: 'No circle of functions and topics',
    severity: 'high',
    why: 'Two functions that feed each other’s topics run away as one that feeds its own.',
    source: lambdaGuide,
    fix: 'Break the circle: one of them must not publish to the other’s topic',
    applies: ['aws_lambda_event_source_mapping'],
    check: (mapping, all) => {
      const mappings = all.all('aws_lambda_event_source_mapping')
      const first = calledFunction(mapping.args.function_name, all)
      const leadsTo = (lambda: Resource) =>
        mappings
          .filter((next) =>
            blocks(next.args.topics).some((topic) =>
              publishedTopics(lambda, all).some((arn) => arn.endsWith(`/${String(topic)}`)),
            ),
          )
          .flatMap((next) => calledFunction(next.args.function_name, all) ?? [])
      const seen = new Set<Resource>()
      let frontier = first ? leadsTo(first).filter((lambda) => lambda !== first) : []
      while (first && frontier.length > 0) {
        for (const lambda of frontier) seen.add(lambda)
        const next = frontier.flatMap(leadsTo)
        if (next.includes(first)) return `${first.path} is called again by what it calls`
        frontier = next.filter((lambda) => !seen.has(lambda))
      }
      return undefined
    },
  },
  {
    id: 'recursion/table-stream-feeds-its-writer',
    title: 'No table calls a function that writes to it',
    severity: 'high',
    why: 'Every update would make the next one.',
    source: lambdaGuide,
    fix: 'Write to another table, or filter the stream to what the function never writes',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) => {
      const lambda = calledFunction(args.function_name, all)
      const table = all.all('aws_dynamodb_table').find((found) => refersTo(args.event_source_arn, found))
      const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem']
      return (
        lambda &&
        table &&
        mayDo(lambda, all, writes, table) &&
        `${lambda.path} writes to the table whose stream triggers it`
      )
    },
  },
  {
    id: 'recursion/queue-feeds-itself',
    title: 'No function sends to the queue that triggers it',
    severity: 'high',
    why: 'Every message would make the next one.',
    source: lambdaGuide,
    fix: 'Send to another queue',
    applies: ['aws_lambda_event_source_mapping'],
    check: ({ args }, all) => {
      const lambda = calledFunction(args.function_name, all)
      const queue = all.all('aws_sqs_queue').find((found) => refersTo(args.event_source_arn, found))
      return (
        lambda &&
        queue &&
        mayDo(lambda, all, ['sqs:SendMessage'], queue) &&
        `${lambda.path} may send to the queue that triggers it`
      )
    },
  },
  {
    id: 'recursion/notice-feeds-itself',
    title: 'No function publishes to the topic that calls it',
    severity: 'high',
    why: 'Every notice would make the next one.',
    source: lambdaGuide,
    fix: 'Publish to another topic',
    applies: ['aws_sns_topic_subscription'],
    check: ({ args }, all) => {
      const lambda = calledFunction(args.endpoint, all)
      const topic = all.all('aws_sns_topic').find((found) => refersTo(args.topic_arn, found))
      return (
        lambda &&
        topic &&
        mayDo(lambda, all, ['sns:Publish'], topic) &&
        `calls ${lambda.path}, which publishes to the same topic`
      )
    },
  },
  {
    id: 'recursion/functions-do-not-call-themselves',
    title: 'No function may call functions',
    severity: 'medium',
    why: 'A function that calls itself, or another that calls back, has no end that anybody can see.',
    source: lambdaGuide,
    fix: 'Publish an event instead',
    applies: ['aws_lambda_function'],
    check: (lambda, all) =>
      permissionsOf(lambda, all).some(({ actions }) =>
        actions.some((action) => /^lambda:(Invoke\w*|\*)$/.test(action)),
      ) && 'may call functions',
  },
  {
    id: 'recursion/rules-hear-nothing-of-ours',
    title: 'No event rule hears of what functions write',
    severity: 'high',
    why: 'A rule on S3’s events is a notification by another name.',
    source: 'Amazon EventBridge User Guide, "Best practices when defining rules": avoid infinite loops',
    fix: 'Call by the clock, or by the stream',
    applies: ['aws_cloudwatch_event_rule'],
    check: (rule, all) => {
      const pattern = String(rule.args.event_pattern ?? '')
      if (!pattern) return undefined
      const buckets = all.all('aws_s3_bucket').filter((bucket) => writersOf(bucket, all).length > 0)
      const calls = all
        .naming('aws_cloudwatch_event_target', 'rule', rule)
        .flatMap(({ args }) => calledFunction(args.arn, all) ?? [])
      return calls.map((lambda) =>
        pattern.includes('aws.s3')
          ? buckets.some((bucket) => mayDo(lambda, all, writesObjects, bucket)) &&
            `calls ${lambda.path}, which writes objects, whenever objects are written`
          : permissionsOf(lambda, all).some(({ actions }) => actions.includes('events:PutEvents')) &&
            `calls ${lambda.path}, which puts events`,
      )
    },
  },
  {
    id: 'recursion/log-does-not-log-itself',
    title: 'The access log is not logged',
    severity: 'high',
    why: 'A bucket that logs into itself writes a log of writing the log.',
    source: 'Amazon S3 User Guide, "Enabling Amazon S3 server access logging"',
    fix: 'Log into another bucket',
    applies: ['aws_s3_bucket_logging'],
    check: ({ args }, all) => {
      const source = all.all('aws_s3_bucket').find((bucket) => refersTo(args.bucket, bucket))
      return source && refersTo(args.target_bucket, source) && 'logs into itself'
    },
  },
  {
    id: 'recursion/loop-detection-is-on',
    title: 'Lambda’s own loop detection stays on',
    severity: 'medium',
    why: 'It stops a loop of functions after sixteen rounds.',
    source: lambdaGuide,
    fix: 'Remove aws_lambda_function_recursion_config, or set it to Terminate',
    applies: ['aws_lambda_function_recursion_config'],
    check: ({ args }) => args.recursive_loop === 'Allow' && 'allows recursive loops',
  },
]
