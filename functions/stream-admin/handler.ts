/** Lambda entry of the engineers' console. */
import { setTimeout as pause } from 'node:timers/promises'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { lambdaHandler } from '../shared/http.ts'
import { createKafka, createPublisher } from '../shared/kafka.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { consoleMode } from './actor.ts'
import { createStreamAdminApp } from './app.ts'
import { readStreamAdminEnvironment } from './env.ts'
import { createHistory } from './history.ts'
import { createKafkaAdmin } from './kafka-admin.ts'
import { createMeter } from './lag.ts'
import { createRecords } from './records.ts'
import { createThumbnailSigner } from './thumbnails.ts'
import { createTriggerPort } from './trigger-control.ts'

const env = readStreamAdminEnvironment()
const documents = createDocumentClient()
const kafka = createKafka({
  brokers: env.KAFKA_BROKERS,
  auth: env.KAFKA_AUTH,
  clientId: env.POWERTOOLS_SERVICE_NAME,
})

export const handler = lambdaHandler(
  createStreamAdminApp({
    kafka: createKafkaAdmin(kafka),
    triggers: createTriggerPort(env.TRIGGER_CONTROL),
    ledger: createLedger(documents, env.LEDGER_TABLE),
    publisher: createPublisher(kafka),
    records: createRecords(documents, env.RUNS_TABLE, Date.now),
    history: createHistory(documents, env.RUNS_TABLE),
    sign: createThumbnailSigner(createS3Client(env.S3_ADDRESSING), env.LAKE_BUCKET, Date.now),
    meter: createMeter(Date.now),
    imagesTopic: env.IMAGES_TOPIC,
    quarantineTopic: env.QUARANTINE_TOPIC,
    mode: consoleMode(env.CONSOLE_MODE),
    clock: Date.now,
    pause,
    logger: createLogger(),
  }),
)
