/** What the planned resources cost a month by being there; what costs by use is named, and not guessed. */
import { type Arguments, block, blocks } from '../infrastructure.ts'
import { hoursAMonth, prices } from '../prices.ts'
import type { Plan } from './plan.ts'

export type Estimate = {
  /** US dollars a month, of what has a known price. */
  readonly before: number
  readonly after: number
  /** Labels of resources that cost something and have no known price; the totals are without them. */
  readonly unknown: readonly string[]
  /** Types that cost by use only. */
  readonly byUse: readonly string[]
}

type Cost = number | 'unknown'

export function estimate(plans: readonly Plan[]): Estimate {
  const resources = plans.flatMap(({ stack, resources }) => resources.map((resource) => ({ ...resource, stack })))
  const total = (moment: 'before' | 'after') =>
    resources.reduce((sum, { type, change }) => {
      const cost = costOf(type, change[moment])
      return cost === 'unknown' ? sum : sum + cost
    }, 0)
  return {
    before: total('before'),
    after: total('after'),
    unknown: resources
      .filter(({ type, change }) => [costOf(type, change.before), costOf(type, change.after)].includes('unknown'))
      .map(({ stack, address }) => `${stack}/${address}`),
    byUse: [
      ...new Set(resources.filter(({ type, change }) => change.after && byUse.has(type)).map(({ type }) => type)),
    ].toSorted(),
  }
}

const byUse = new Set([
  'aws_api_gateway_rest_api',
  'aws_cloudfront_distribution',
  'aws_cloudwatch_log_group',
  'aws_cognito_user_pool',
  'aws_dynamodb_table',
  'aws_lambda_function',
  'aws_s3_bucket',
  'aws_sns_topic',
  'databricks_cluster',
  'databricks_job',
  'databricks_sql_endpoint',
])

const costOf = (type: string, args: Arguments | null): Cost => (args ? (costs[type]?.(args) ?? 0) : 0)

/** A sum of which one part is unknown is unknown. */
const sum = (...parts: readonly Cost[]): Cost =>
  parts.reduce<Cost>((so, part) => (so === 'unknown' || part === 'unknown' ? 'unknown' : so + part), 0)
const times = (price: Cost, count: number | undefined): Cost =>
  price === 'unknown' || count === undefined || !Number.isFinite(count) ? 'unknown' : price * count

const costs: Readonly<Record<string, (args: Arguments) => Cost>> = {
  aws_msk_cluster: ({ broker_node_group_info: group, number_of_broker_nodes: brokers }) => {
    const { instance_type: type, storage_info: storage } = block(group)
    const hourly = (prices as Record<string, { dollars: Cost }>)[type]?.dollars ?? 'unknown'
    const { volume_size: size } = block(block(storage).ebs_storage_info)
    const disks = blocks(storage).length > 0 ? times(prices.brokerStorage.dollars, brokers * size) : 0
    return sum(times(hourly, brokers * hoursAMonth), disks)
  },
  aws_msk_serverless_cluster: () => prices.serverlessCluster.dollars,
  aws_vpc_endpoint: ({ vpc_endpoint_type: type, subnet_ids: subnets }) =>
    type === 'Interface' ? times(prices.interfaceEndpoint.dollars * hoursAMonth, subnets?.length) : 0,
  aws_kms_key: () => prices.key.dollars,
  aws_wafv2_web_acl: ({ rule }) => prices.firewall.dollars + prices.firewallRule.dollars * blocks(rule).length,
  aws_cloudwatch_metric_alarm: ({ metric_query: queries }) =>
    prices.alarm.dollars * Math.max(1, blocks(queries).filter(({ metric }) => blocks(metric).length > 0).length),
  aws_cloudwatch_dashboard: () => prices.dashboard.dollars,
  aws_lambda_event_source_mapping: ({ provisioned_poller_config: pollers }) =>
    blocks(pollers).length > 0 ? prices.poller.dollars : 0,
}
