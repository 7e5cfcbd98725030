/** Lambda entry of the purge, called by the schedule; the event's time is the idea of now. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Context, ScheduledEvent } from 'aws-lambda'
import type { PurgeRun } from '../../contract/schemas.ts'
import { metrics as watched } from '../../platform.ts'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { createHolds } from '../shared/holds.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { codeVersionOf } from '../shared/receipts/code-version.ts'
import { createReceipts } from '../shared/receipts/receipts.ts'
import { createReceiptSigner } from '../shared/receipts/sign.ts'
import { createRuns } from '../shared/runs.ts'
import { timeLeft, timeOf } from '../shared/scheduled.ts'
import { readPurgeEnvironment } from './env.ts'
import { runPurge } from './purge.ts'
import { oldestSurvivor } from './survivor.ts'

const env = readPurgeEnvironment()
const logger = createLogger()
const metrics = new Metrics({ namespace: watched.namespace, serviceName: env.POWERTOOLS_SERVICE_NAME })
const s3 = createS3Client(env.S3_ADDRESSING)
const documents = createDocumentClient()
const ledger = createLedger(documents, env.LEDGER_TABLE)
const lake = createLake(s3, env.LAKE_BUCKET)
const codeVersion = codeVersionOf(import.meta.filename)
const stores = {
  ledger,
  lake,
  holds: createHolds(documents, env.RUNS_TABLE),
  receipts: createReceipts({
    documents,
    tables: { ledger: env.LEDGER_TABLE, runs: env.RUNS_TABLE },
    lake,
    signer: createReceiptSigner(env.RECEIPT_KEY),
    writer: { name: 'purge', codeVersion },
    clock: Date.now,
  }),
  failures: createLake(s3, env.FAILURES_BUCKET),
  runs: createRuns(documents, env.RUNS_TABLE),
}

/** The longest single step (an erasure with all its rounds and attempts) and the recording of the run fit into this. */
const reserveMs = 60_000

export const handler = async (event: ScheduledEvent, context: Context): Promise<PurgeRun> => {
  logger.addContext(context)
  const now = timeOf(event)
  const run = await runPurge({ ...stores, clock: Date.now, logger, codeVersion }, now, timeLeft(context, reserveMs))
  logger.info('purge finished', { run })
  await report(run, now)
  return run
}

async function report(run: PurgeRun, now: number): Promise<void> {
  metrics.addMetric('ImagesPurged', MetricUnit.Count, run.images)
  metrics.addMetric('ObjectVersionsPurged', MetricUnit.Count, run.versions)
  metrics.addMetric('OrphansPurged', MetricUnit.Count, run.orphan_objects + run.orphan_rows)
  metrics.addMetric('PurgeFailures', MetricUnit.Count, run.failed)
  metrics.addMetric(watched.names.purgeIncomplete, MetricUnit.Count, run.complete ? 0 : 1)
  const survivor = await oldestSurvivor(ledger, now)
  metrics.addMetric('OldestSurvivorAge', MetricUnit.Seconds, survivor.ageSeconds)
  metrics.addMetric(watched.names.mostOverdue, MetricUnit.Seconds, survivor.overdueSeconds)
  metrics.publishStoredMetrics()
}
