/** Lambda entry of the measurement: once a minute, how the stream is, kept for the console's charts. */
import type { Context, ScheduledEvent } from 'aws-lambda'
import { createDocumentClient } from '../shared/clients.ts'
import { createKafka } from '../shared/kafka.ts'
import { createLogger } from '../shared/log.ts'
import { timeOf } from '../shared/scheduled.ts'
import { createHistory } from '../stream-admin/history.ts'
import { createKafkaAdmin } from '../stream-admin/kafka-admin.ts'
import { readMeasureEnvironment } from './env.ts'
import { measure } from './measure.ts'

const env = readMeasureEnvironment()
const logger = createLogger()
const history = createHistory(createDocumentClient(), env.RUNS_TABLE)
const kafka = createKafkaAdmin(
  createKafka({ brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME }),
)

export const handler = async (event: ScheduledEvent, context: Context): Promise<{ partitions: number }> => {
  logger.addContext(context)
  const sample = await measure(kafka, { images: env.IMAGES_TOPIC, quarantine: env.QUARANTINE_TOPIC }, timeOf(event))
  await history.save(sample)
  return { partitions: sample.groups.reduce((sum, { lag }) => sum + lag.length, 0) }
}
