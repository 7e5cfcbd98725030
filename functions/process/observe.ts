/** What the processor says about its work: a log line and metrics for each record, never a name or a path of a file. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { metrics as watched } from '../../platform.ts'
import { addressOfKey } from '../shared/keys.ts'
import type { Logger } from '../shared/log.ts'
import { decodeBase64, type MskRecord } from './msk-event.ts'
import type { Outcome } from './parts.ts'

export type Observer = {
  /** Runs the work for one record, logs and counts how it ends, and passes its error on. */
  watch(record: MskRecord, work: () => Promise<Outcome>): Promise<Outcome>
  /** Writes the metrics of this invocation (CloudWatch's embedded metric format). */
  publish(): void
}

export function createObserver(
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  metrics: Pick<Metrics, 'addMetric' | 'publishStoredMetrics'> = new Metrics({ namespace: watched.namespace }),
): Observer {
  const count = (name: string) => metrics.addMetric(name, MetricUnit.Count, 1)
  return {
    async watch(record, work) {
      const { topic, partition, offset } = record
      const place = { imageId: imageIdOf(record), topic, partition, offset }
      try {
        const result = await work()
        count(metricNames[result.outcome])
        if (result.outcome === 'processed') {
          metrics.addMetric('ProcessingTime', MetricUnit.Milliseconds, result.processingMs)
          metrics.addMetric('Latency', MetricUnit.Milliseconds, result.latencyMs)
          metrics.addMetric('BytesSaved', MetricUnit.Bytes, result.bytesSaved)
        }
        if (result.outcome === 'quarantined') logger.warn('record quarantined', { ...place, ...result })
        else logger.info(`record ${result.outcome}`, { ...place, ...result })
        return result
      } catch (error) {
        count('RecordsFailed')
        logger.error('record must come again', { ...place, error: error as Error })
        throw error
      }
    },
    publish: () => metrics.publishStoredMetrics(),
  }
}

const metricNames: Record<Outcome['outcome'], string> = {
  processed: watched.names.processed,
  quarantined: watched.names.quarantined,
  dropped: 'RecordsDropped',
  unchanged: 'RecordsUnchanged',
}

/** Only an id that has the shape of ours gets into the log, never what somebody else wrote into the topic. */
function imageIdOf(record: MskRecord): string | undefined {
  const value = decodeBase64(record.value)?.toString('utf8') ?? ''
  const [, key] = /"image_path":\s*"\/([^"]+)"/.exec(value) ?? []
  return key === undefined ? undefined : addressOfKey(key)?.id
}
