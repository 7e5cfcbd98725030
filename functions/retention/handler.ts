/** Lambda entry of the application that answers about retention. */
import { handle } from 'hono/aws-lambda'
import { createDocumentClient } from '../shared/clients.ts'
import { createLedger } from '../shared/ledger.ts'
import { createLogger } from '../shared/log.ts'
import { createRuns } from '../shared/runs.ts'
import { createRetentionApp } from './app.ts'
import { readRetentionEnvironment } from './env.ts'

const env = readRetentionEnvironment()
const documents = createDocumentClient()

export const handler = handle(
  createRetentionApp({
    ledger: createLedger(documents, env.LEDGER_TABLE),
    runs: createRuns(documents, env.RUNS_TABLE),
    clock: Date.now,
    logger: createLogger(),
  }),
)
