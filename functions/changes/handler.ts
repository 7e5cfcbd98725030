/** Lambda entry of the application that tells a page of changes as they happen. */
import { setTimeout as pause } from 'node:timers/promises'
import { createSigner } from '../images/sign.ts'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { lambdaHandler } from '../shared/http.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { createChangesApp } from './app.ts'
import { readChangesEnvironment } from './env.ts'

const env = readChangesEnvironment()
const s3 = createS3Client(env.S3_ADDRESSING)

export const handler = lambdaHandler(
  createChangesApp({
    ledger: createLedger(createDocumentClient(), env.LEDGER_TABLE),
    sign: createSigner(s3, env.LAKE_BUCKET, Date.now),
    logger: createLogger(),
    clock: Date.now,
    pause: async (milliseconds) => void (await pause(milliseconds)),
  }),
)
