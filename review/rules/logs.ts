/** Logs name images, so they end with them; and they hold nothing about people. */
import { retention } from '../../platform.ts'
import { block, blocks, refersTo } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

const logDays = retention.logs / 86_400_000
const logsGuide = 'Amazon CloudWatch Logs User Guide, "Change log data retention"'

/** Variables of API Gateway's access log that tell who somebody is. */
const personal =
  /\$context\.(identity\.(sourceIp|userAgent|user|userArn|caller|cognito\w+)|authorizer\.(claims|principalId)|requestOverride|path\b)/g

export const logRules: readonly Rule[] = [
  {
    id: 'logs/group-expires',
    title: 'Every log group expires',
    severity: 'high',
    why: 'CloudWatch keeps logs for ever where no retention is set, and they name images.',
    source: logsGuide,
    fix: 'Use stacks/constructs/logs.ts, which sets retention_in_days from platform.ts',
    applies: ['aws_cloudwatch_log_group'],
    // Zero means for ever.
    check: ({ args }) => !(Number(args.retention_in_days ?? 0) > 0) && 'never expires',
  },
  {
    id: 'logs/group-expires-in-time',
    title: `Logs end after ${logDays} days`,
    severity: 'high',
    why: 'A log that outlives an image still tells that there was one.',
    source: `${logsGuide}; platform.ts, "retention.logs"`,
    fix: `Set retention_in_days to ${logDays}`,
    applies: ['aws_cloudwatch_log_group'],
    check: ({ args }) => args.retention_in_days > logDays && `keeps logs for ${args.retention_in_days} days`,
  },
  {
    id: 'logs/function-logs-to-a-group-of-ours',
    title: 'Every function writes to a log group that we define',
    severity: 'high',
    why: 'Lambda otherwise makes one itself, without retention and without our key.',
    source: 'AWS Lambda Developer Guide, "Configuring CloudWatch log groups"',
    fix: 'Set logging_config.log_group to a group of ours',
    applies: ['aws_lambda_function'],
    check: ({ args }, all) => {
      const named = block(args.logging_config).log_group ?? `/aws/lambda/${args.function_name}`
      const groups = all.all('aws_cloudwatch_log_group')
      return (
        !groups.some((group) => refersTo(named, group) || group.args.name === named) &&
        `logs to ${named}, which no stack defines`
      )
    },
  },
  {
    id: 'logs/group-goes-with-its-stack',
    title: 'No log group is left behind',
    severity: 'medium',
    why: 'With skip_destroy the logs stay after the platform was torn down, and nobody knows of them.',
    source: 'Terraform AWS provider, aws_cloudwatch_log_group, skip_destroy',
    fix: 'Remove skip_destroy',
    applies: ['aws_cloudwatch_log_group'],
    check: ({ args }) => args.skip_destroy === true && 'stays when its stack is destroyed',
  },
  {
    id: 'logs/no-copies',
    title: 'Nothing copies logs out of their group',
    severity: 'high',
    why: 'A copy has a retention of its own, which nothing here bounds.',
    source: 'Amazon CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions"',
    fix: 'Remove it, or bound the copy too and say so in docs/retention.md',
    applies: ['aws_cloudwatch_log_subscription_filter', 'aws_kinesis_firehose_delivery_stream'],
    check: () => 'copies logs to another place',
  },
  {
    id: 'logs/access-log-names-nobody',
    title: 'The access log holds nothing about people',
    severity: 'high',
    why: 'Addresses, agents, claims and full paths tell who looked at what.',
    source: 'Amazon API Gateway Developer Guide, "Variables for access logging"',
    fix: 'Log $context.resourcePath and the request’s id instead',
    applies: ['aws_api_gateway_stage', 'aws_apigatewayv2_stage'],
    check: ({ args }) =>
      blocks(args.access_log_settings).flatMap(({ format }) =>
        [...String(format).matchAll(personal)].map(([variable]) => `logs ${variable}`),
      ),
  },
  {
    id: 'logs/no-bodies',
    title: 'The gateway does not log requests and answers',
    severity: 'high',
    why: 'Data traces hold bodies and tokens.',
    source: 'Amazon API Gateway Developer Guide, "Set up CloudWatch logging for REST APIs"',
    fix: 'Set data_trace_enabled to false',
    applies: ['aws_api_gateway_method_settings'],
    check: ({ args }) => block(args.settings).data_trace_enabled === true && 'logs whole requests and answers',
  },
  {
    id: 'logs/firewall-keeps-no-samples',
    title: 'The firewall keeps no samples of requests',
    severity: 'low',
    why: 'Samples hold addresses and headers for three hours, the token among them.',
    source: 'AWS WAF Developer Guide, "Viewing a sample of web requests"',
    fix: 'Set sampled_requests_enabled to false, for the list and for each rule',
    applies: ['aws_wafv2_web_acl'],
    check: ({ args }) =>
      [{ name: 'the list itself', visibility_config: args.visibility_config }, ...blocks(args.rule)]
        .filter(({ visibility_config: visibility }) => block(visibility).sampled_requests_enabled !== false)
        .map(({ name }) => `${name} keeps samples`),
  },
  {
    id: 'logs/network-flows',
    title: 'The network logs what passes',
    severity: 'medium',
    why: 'After an incident the flows are the only witness of what left the network.',
    source: 'CIS AWS Foundations Benchmark, VPC flow logging; Amazon VPC User Guide, "Flow logs"',
    fix: 'Add an aws_flow_log with traffic_type ALL',
    applies: ['aws_vpc'],
    check: (vpc, all) =>
      !all.naming('aws_flow_log', 'vpc_id', vpc).some(({ args }) => args.traffic_type === 'ALL') && 'logs no flows',
  },
]
