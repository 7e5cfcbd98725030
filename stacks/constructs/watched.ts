/** What is watched: the alarms with their thresholds, and the dashboard's charts. */
import { limits, metrics, retention } from '../../platform.ts'
import { Alarm } from './alarm.ts'
import type { AlarmTopic } from './alarm-topic.ts'
import type { ApiStage } from './api-stage.ts'
import type { Cluster } from './cluster.ts'
import type { Chart } from './dashboard.ts'
import type { PlatformFunction } from './function.ts'
import { apiMetric, functionMetric, lagMetric, type Metric, ownMetric } from './metric.ts'
import type { PlatformStack } from './platform-stack.ts'

export type Observed = {
  readonly stage: ApiStage
  readonly cluster: Cluster
  readonly processor: PlatformFunction
  /** All functions, the processor included. */
  readonly functions: readonly PlatformFunction[]
}

type AlarmParts = { readonly observed: Observed; readonly alarms: AlarmTopic; readonly spending: AlarmTopic }

const minute = 60
const quarter = 15 * minute

export function addAlarms(stack: PlatformStack, { observed, alarms, spending }: AlarmParts): void {
  const { stage, cluster, processor, functions } = observed
  new Alarm(stack, {
    name: 'lag',
    meaning: 'Images wait for the processor: more events are before it than a burst of uploads makes.',
    measured: lagMetric(cluster),
    above: limits.requestBurst,
    period: 5 * minute,
    periods: 3,
    silence: 'is peace',
    topics: [alarms],
  })
  new Alarm(stack, {
    name: 'quarantine-rate',
    meaning: 'More than one image in twenty cannot be processed.',
    measured: {
      // At least ten a quarter of an hour, or one broken file on a quiet night would wake somebody.
      formula: 'IF(quarantined >= 10, 100 * quarantined / (processed + quarantined), 0)',
      of: {
        processed: ownMetric('processed', 'process', 'Sum'),
        quarantined: ownMetric('quarantined', 'process', 'Sum'),
      },
    },
    above: 5,
    period: quarter,
    periods: 1,
    silence: 'is peace',
    topics: [alarms],
  })
  new Alarm(stack, {
    name: 'api-errors',
    meaning: 'The API answers with errors of our own (5xx).',
    measured: apiMetric(stage, '5XXError'),
    above: 5,
    period: 5 * minute,
    periods: 2,
    silence: 'is peace',
    topics: [alarms],
  })
  new Alarm(stack, {
    name: 'runaway',
    meaning: 'The processor is called far more often than there can be images; its trigger is paused.',
    measured: functionMetric(processor, 'Invocations'),
    above: stack.config.runawayInvocations,
    period: 60 * minute,
    periods: 1,
    silence: 'is peace',
    topics: [alarms, spending],
  })
  for (const watched of functions) {
    const { name } = watched
    new Alarm(stack, {
      name: `errors-${name}`,
      section: 'errors',
      meaning: `The function ${name} fails.`,
      measured: functionMetric(watched, 'Errors'),
      above: 0,
      period: 5 * minute,
      periods: 3,
      silence: 'is peace',
      topics: [alarms],
    })
    new Alarm(stack, {
      name: `throttles-${name}`,
      section: 'throttles',
      meaning: `The function ${name} is called more often than its reserved concurrency allows.`,
      measured: functionMetric(watched, 'Throttles'),
      above: 0,
      period: 5 * minute,
      periods: 3,
      silence: 'is peace',
      topics: [alarms],
    })
  }
}

export function charts({ stage, cluster, processor, functions }: Observed): Chart[] {
  const eachFunction = (metric: (of: PlatformFunction) => Metric): Chart['lines'] =>
    Object.fromEntries(functions.map((watched) => [watched.name, metric(watched)]))
  return [
    {
      title: 'Requests',
      lines: {
        all: apiMetric(stage, 'Count'),
        refused: apiMetric(stage, '4XXError'),
        failed: apiMetric(stage, '5XXError'),
      },
    },
    {
      title: 'Time to answer, ms',
      lines: { p95: apiMetric(stage, 'Latency', 'p95'), p99: apiMetric(stage, 'Latency', 'p99') },
    },
    { title: 'Events before the processor', lines: { lag: lagMetric(cluster) } },
    {
      title: 'Images',
      lines: {
        [metrics.names.processed]: ownMetric('processed', 'process', 'Sum'),
        [metrics.names.quarantined]: ownMetric('quarantined', 'process', 'Sum'),
      },
    },
    {
      title: 'Processing, ms a batch',
      lines: { p95: functionMetric(processor, 'Duration', 'p95'), p99: functionMetric(processor, 'Duration', 'p99') },
    },
    {
      title: `Oldest image past its ${retention.images / 86_400_000} days, s`,
      lines: { overdue: ownMetric('mostOverdue', 'purge', 'Maximum') },
    },
    { title: 'Errors of functions', lines: eachFunction((of) => functionMetric(of, 'Errors')) },
    { title: 'Throttles of functions', lines: eachFunction((of) => functionMetric(of, 'Throttles')) },
    {
      title: 'Functions at work at once',
      lines: eachFunction((of) => functionMetric(of, 'ConcurrentExecutions', 'Maximum')),
    },
  ]
}
