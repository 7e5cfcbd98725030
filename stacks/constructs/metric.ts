/** The metrics that alarms and the dashboard look at: AWS's, and our own. Pure. */
import { type MetricName, metrics, processTrigger } from '../../platform.ts'
import type { ApiStage } from './api-stage.ts'
import type { Cluster } from './cluster.ts'
import type { PlatformFunction } from './function.ts'

export type Metric = {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'p95' | 'p99'
}

export const functionMetric = (
  of: PlatformFunction,
  name: 'Errors' | 'Throttles' | 'Invocations' | 'Duration' | 'ConcurrentExecutions',
  statistic: Metric['statistic'] = 'Sum',
): Metric => ({ namespace: 'AWS/Lambda', name, dimensions: { FunctionName: of.functionName }, statistic })

/** One that a function counts itself; Powertools adds the function's name. */
export const ownMetric = (name: MetricName, service: string, statistic: Metric['statistic']): Metric => ({
  namespace: metrics.namespace,
  name: metrics.names[name],
  dimensions: { service },
  statistic,
})

/** Events that the processor has still before it, over all partitions. */
export const lagMetric = (cluster: Cluster): Metric => ({
  namespace: 'AWS/Kafka',
  name: 'SumOffsetLag',
  dimensions: {
    'Cluster Name': cluster.name,
    'Consumer Group': processTrigger.consumerGroup,
    Topic: processTrigger.topic,
  },
  statistic: 'Maximum',
})

export const apiMetric = (
  stage: ApiStage,
  name: 'Count' | '4XXError' | '5XXError' | 'Latency',
  statistic: Metric['statistic'] = 'Sum',
): Metric => ({
  namespace: 'AWS/ApiGateway',
  name,
  dimensions: { ApiName: stage.apiName, Stage: stage.stageName },
  statistic,
})
