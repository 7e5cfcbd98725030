/** Lambda entry of the producer: clients are made once, in the init phase. */
import { limits } from '../../platform.ts'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { lambdaHandler } from '../shared/http.ts'
import { createKafka, createPublisher } from '../shared/kafka.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { publishEvents } from '../shared/publish.ts'
import { createUploadApp } from './app.ts'
import { readUploadEnvironment } from './env.ts'
import { createPartsStore } from './parts-store.ts'
import { createPresignPost, createPresignPut } from './presign.ts'
import { createQuota } from './quota.ts'

const env = readUploadEnvironment()
const s3 = createS3Client(env.S3_ADDRESSING)
const ledger = createLedger(createDocumentClient(), env.LEDGER_TABLE)
const publisher = createPublisher(
  createKafka({ brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME }),
)
const logger = createLogger()

export const handler = lambdaHandler(
  createUploadApp({
    ledger,
    lake: createLake(s3, env.LAKE_BUCKET),
    clock: Date.now,
    admit: createQuota(ledger.usageOf, Date.now),
    logger,
    publish: (rows, trace) => publishEvents({ publisher, topic: env.IMAGES_TOPIC }, rows, trace),
    presign: createPresignPost(s3, env.LAKE_BUCKET, limits.presignedPostSeconds),
    presignPut: createPresignPut(s3, env.LAKE_BUCKET, limits.presignedPostSeconds),
    store: createPartsStore(s3, env.LAKE_BUCKET, limits.presignedPostSeconds),
  }),
)
