/** Lambda entry of the producer: clients are made once, in the init phase. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { limits } from '../../platform.ts'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { lambdaHandler } from '../shared/http.ts'
import { createKafka, createPublisher } from '../shared/kafka.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { publishEvents } from '../shared/publish.ts'
import { createUploadApp } from './app.ts'
import type { BatchParts } from './batch.ts'
import { readUploadEnvironment } from './env.ts'
import { createPartsStore } from './parts-store.ts'
import type { PresignPost } from './presigned.ts'
import { createQuota } from './quota.ts'

const env = readUploadEnvironment()
const s3 = createS3Client(env.S3_ADDRESSING)
const ledger = createLedger(createDocumentClient(), env.LEDGER_TABLE)
const publisher = createPublisher(
  createKafka({ brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME }),
)
const logger = createLogger()

const presign: PresignPost = ({ key, contentType, bytes }) =>
  createPresignedPost(s3, {
    Bucket: env.LAKE_BUCKET,
    Key: key,
    Fields: { 'Content-Type': contentType },
    Conditions: [
      ['content-length-range', bytes, bytes],
      ['eq', '$Content-Type', contentType],
    ],
    Expires: limits.presignedPostSeconds,
  })

/** Length, type and condition are signed: S3 refuses any other body, and a second one. */
const presignPut: BatchParts['presignPut'] = async ({ key, contentType, bytes }) => {
  const headers = { 'content-type': contentType, 'if-none-match': '*' }
  const url = await getSignedUrl(
    s3,
    new PutObjectCommand({
      Bucket: env.LAKE_BUCKET,
      Key: key,
      ContentType: contentType,
      ContentLength: bytes,
      IfNoneMatch: '*',
    }),
    {
      expiresIn: limits.presignedPostSeconds,
      signableHeaders: new Set(['host', 'content-length', ...Object.keys(headers)]),
    },
  )
  return { url, headers }
}

export const handler = lambdaHandler(
  createUploadApp({
    ledger,
    lake: createLake(s3, env.LAKE_BUCKET),
    clock: Date.now,
    admit: createQuota(ledger.usageOf, Date.now),
    logger,
    publish: (rows, trace) => publishEvents({ publisher, topic: env.IMAGES_TOPIC }, rows, trace),
    presign,
    presignPut,
    store: createPartsStore(s3, env.LAKE_BUCKET, limits.presignedPostSeconds),
  }),
)
