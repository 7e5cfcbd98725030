/** Lambda entry of the outbox sweep, called by the schedule; the event's time is the idea of now. */
import type { Context, ScheduledEvent } from 'aws-lambda'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { createKafka, createPublisher } from '../shared/kafka.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { publishImage } from '../shared/publish.ts'
import { timeLeft, timeOf } from '../shared/scheduled.ts'
import { readRepublishEnvironment } from './env.ts'
import { type RepublishResult, republishPending } from './republish.ts'

const env = readRepublishEnvironment()
const logger = createLogger()
const ledger = createLedger(createDocumentClient(), env.LEDGER_TABLE)
const lake = createLake(createS3Client(env.S3_ADDRESSING), env.LAKE_BUCKET)
const publisher = createPublisher(
  createKafka({ brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME }),
)

/** A publication may take 6 s until it counts as failed, and the answer has to leave as well. */
const reserveMs = 10_000

export const handler = async (event: ScheduledEvent, context: Context): Promise<RepublishResult> => {
  logger.addContext(context)
  const result = await republishPending(
    {
      ledger,
      lake,
      logger,
      hasTime: timeLeft(context, reserveMs),
      publish: (row) =>
        publishImage({ publisher, ledger, topic: env.IMAGES_TOPIC, clock: Date.now }, row, context.awsRequestId),
    },
    timeOf(event),
  )
  logger.info('outbox swept', result)
  return result
}
