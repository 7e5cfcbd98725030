/** Lambda entry of the processor: clients and the children that decode are made ready once, in the init phase. */
// First, so that a child loads while everything else does.
import './children.ts'
import { availableParallelism } from 'node:os'
import type { Context } from 'aws-lambda'
import { limits } from '../../platform.ts'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { createKafka, createPublisher } from '../shared/kafka.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { deliverBatch } from './batch.ts'
import { children } from './children.ts'
import { deliver } from './delivery.ts'
import { readProcessEnvironment } from './env.ts'
import { wallFactor } from './limits.ts'
import type { BatchResponse, MskEvent, MskRecord } from './msk-event.ts'
import { createObserver } from './observe.ts'
import type { DeliveryParts } from './parts.ts'

const env = readProcessEnvironment()
const logger = createLogger()
const parts: DeliveryParts = {
  ledger: createLedger(createDocumentClient(), env.LEDGER_TABLE),
  lake: createLake(createS3Client(env.S3_ADDRESSING), env.LAKE_BUCKET),
  publisher: createPublisher(
    createKafka({ brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME }),
  ),
  quarantineTopic: env.QUARANTINE_TOPIC,
  processImage: children.processImage,
  clock: Date.now,
  logger,
}
// A recipe that cannot run fails here, at the start, and not with an image.
await children.ready
/** An image may use its whole clock, and then wait for the stores. */
const needed = (limits.imageSeconds * wallFactor + 15) * 1000

export const handler = async (event: MskEvent, context: Context): Promise<BatchResponse> => {
  const observer = createObserver(logger)
  const settleRecord = (record: MskRecord) => observer.watch(record, () => deliver(record, parts))
  const response = await deliverBatch(event, settleRecord, {
    concurrency: availableParallelism(),
    remaining: () => context.getRemainingTimeInMillis(),
    needed,
  })
  observer.publish()
  return response
}
