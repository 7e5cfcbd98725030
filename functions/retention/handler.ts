/** Lambda entry of the application that answers about retention. */
import { handle } from 'hono/aws-lambda'
import { createDocumentClient, createS3Client } from '../shared/clients.ts'
import { createHolds } from '../shared/holds.ts'
import { createLake } from '../shared/lake.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { createHeads } from '../shared/receipts/heads.ts'
import { createItemKeys } from '../shared/receipts/item-keys.ts'
import { createRuns } from '../shared/runs.ts'
import { createRetentionApp } from './app.ts'
import { readRetentionEnvironment } from './env.ts'

const env = readRetentionEnvironment()
const documents = createDocumentClient()

export const handler = handle(
  createRetentionApp({
    ledger: createLedger(documents, env.LEDGER_TABLE),
    lake: createLake(createS3Client(env.S3_ADDRESSING), env.LAKE_BUCKET),
    heads: createHeads(documents, env.RUNS_TABLE),
    holds: createHolds(documents, env.RUNS_TABLE),
    itemKey: createItemKeys(documents, env.RUNS_TABLE, Date.now).current,
    runs: createRuns(documents, env.RUNS_TABLE),
    clock: Date.now,
    logger: createLogger(),
  }),
)
