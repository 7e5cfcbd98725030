/** Counters and gauges for Prometheus, with the names and units that its guide asks for. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { FunctionName } from '../../platform.ts'
import type { HostStats, InvokeResult } from '../lambda/host.ts'
import type { AccessRecord } from './app.ts'
import type { BodyBudget } from './body.ts'

export type PartitionLag = {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly lag: number
}

export type MetricSources = {
  readonly functions: () => ReadonlyMap<FunctionName, HostStats>
  readonly budget: Pick<BodyBudget, 'used' | 'waiting'>
  /** Asked at each scrape; when it rejects, the lag is left out. */
  readonly lag: () => Promise<readonly PartitionLag[]>
}

export type Metrics = {
  onAnswer(record: AccessRecord): void
  onInvocation(name: FunctionName, result: InvokeResult, seconds: number): void
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** From a health check to the longest that an integration may take. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 29]

export function createMetrics(sources: MetricSources): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const requests = new Counter({
    name: 'darkroom_http_requests_total',
    help: 'Requests that the gateway has answered',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  })
  const durations = new Histogram({
    name: 'darkroom_http_request_duration_seconds',
    help: 'From the first header to the answer',
    labelNames: ['method', 'route'] as const,
    buckets,
    registers,
  })
  const bytes = new Counter({ name: 'darkroom_http_request_bytes_total', help: 'Bytes of bodies taken in', registers })
  const invocations = new Counter({
    name: 'darkroom_function_invocations_total',
    help: 'Invocations by their outcome: ok, unhandled, timeout, crash, throttled',
    labelNames: ['function', 'outcome'] as const,
    registers,
  })
  const invocationDurations = new Histogram({
    name: 'darkroom_function_duration_seconds',
    help: 'From the request for an invocation to its result, waiting included',
    labelNames: ['function'] as const,
    buckets,
    registers,
  })
  new Gauge({
    name: 'darkroom_function_queue_length',
    help: 'Events that wait for a process',
    labelNames: ['function'] as const,
    registers,
    collect() {
      for (const [name, { queued }] of sources.functions()) this.set({ function: name }, queued)
    },
  })
  new Gauge({
    name: 'darkroom_function_processes',
    help: 'Processes of a function, and how many of them are busy',
    labelNames: ['function', 'state'] as const,
    registers,
    collect() {
      for (const [name, { processes, busy }] of sources.functions()) {
        this.set({ function: name, state: 'running' }, processes)
        this.set({ function: name, state: 'busy' }, busy)
      }
    },
  })
  new Gauge({
    name: 'darkroom_gateway_body_bytes',
    help: 'Memory reserved for bodies that are being taken in',
    registers,
    collect() {
      this.set(sources.budget.used)
    },
  })
  new Gauge({
    name: 'darkroom_gateway_waiting_requests',
    help: 'Requests whose body is not read yet because others come first',
    registers,
    collect() {
      this.set(sources.budget.waiting)
    },
  })
  new Gauge({
    name: 'darkroom_kafka_consumer_lag_records',
    help: 'Records in a partition that the consumer group has not finished',
    labelNames: ['group', 'topic', 'partition'] as const,
    registers,
    async collect() {
      this.reset()
      const lags = await sources.lag().catch(() => [])
      for (const { lag, ...labels } of lags) this.set(labels, lag)
    },
  })

  return {
    onAnswer({ method, route, status, ms, requestBytes }) {
      requests.inc({ method, route, status })
      durations.observe({ method, route }, ms / 1000)
      bytes.inc(requestBytes)
    },
    onInvocation(name, result, seconds) {
      invocations.inc({ function: name, outcome: result.ok ? 'ok' : result.kind.toLowerCase() })
      invocationDurations.observe({ function: name }, seconds)
    },
    render: async () => ({ contentType: register.contentType, text: await register.metrics() }),
  }
}
