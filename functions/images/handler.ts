/** Lambda entry of the application that lists, shows and erases images. */

import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { lambdaHandler } from '../shared/http.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { codeVersionOf } from '../shared/receipts/code-version.ts'
import { createReceipts } from '../shared/receipts/receipts.ts'
import { createReceiptSigner } from '../shared/receipts/sign.ts'
import { createRuns } from '../shared/runs.ts'
import { createImagesApp } from './app.ts'
import { readImagesEnvironment } from './env.ts'
import { eraseOneOfMany, eraseOwn, recordMany } from './erase.ts'
import { createBriefSigner, createSigner } from './sign.ts'

const env = readImagesEnvironment()
const s3 = createS3Client(env.S3_ADDRESSING)
const documents = createDocumentClient()
const logger = createLogger()
const clock = Date.now
const lake = createLake(s3, env.LAKE_BUCKET)
const parts = {
  ledger: createLedger(documents, env.LEDGER_TABLE),
  lake,
  receipts: createReceipts({
    documents,
    tables: { ledger: env.LEDGER_TABLE, runs: env.RUNS_TABLE },
    lake,
    signer: createReceiptSigner(env.RECEIPT_KEY),
    writer: { name: 'images', codeVersion: codeVersionOf(import.meta.filename) },
    clock,
  }),
  runs: createRuns(documents, env.RUNS_TABLE),
  logger,
  clock,
}

export const handler = lambdaHandler(
  createImagesApp({
    ledger: parts.ledger,
    sign: createSigner(s3, env.LAKE_BUCKET, clock),
    signBriefly: createBriefSigner(s3, env.LAKE_BUCKET, clock),
    clock,
    logger,
    erase: (row, only) => eraseOwn(parts, row, only),
    eraseOneOfMany: (row) => eraseOneOfMany(parts, row),
    recordMany: (erasures, times) => recordMany(parts, erasures, times),
  }),
)
