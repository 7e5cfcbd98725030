/** Fresh buckets and tables in the S3 and DynamoDB of any running local platform. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { LocalConfig } from '../../config.ts'
import { createHolds } from '../../functions/shared/holds.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { createLedger } from '../../functions/shared/ledger.ts'
import { createReceipts } from '../../functions/shared/receipts/receipts.ts'
import { signerOf } from '../../functions/shared/receipts/sign.ts'
import { createRuns } from '../../functions/shared/runs.ts'
import { tableInput } from '../../local/provision/tables.ts'
import { tables } from '../../platform.ts'

export type Stores = Awaited<ReturnType<typeof createStoresOn>>

/** Makes a lake, a failures bucket, a ledger and a runs table with names of their own. Call `close` afterwards. */
export async function createStoresOn({ s3Credentials: credentials, region, urls }: LocalConfig) {
  const s3 = new S3Client({
    endpoint: urls.s3,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const dynamodb = new DynamoDBClient({ endpoint: urls.dynamodb, region, credentials })
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } })
  const suffix = randomUUID().slice(0, 8)
  const names = {
    lake: `test-lake-${suffix}`,
    failures: `test-failures-${suffix}`,
    ledger: `test-ledger-${suffix}`,
    runs: `test-runs-${suffix}`,
  }
  await Promise.all([
    s3.send(new CreateBucketCommand({ Bucket: names.failures })),
    s3
      .send(new CreateBucketCommand({ Bucket: names.lake }))
      .then(() =>
        s3.send(new PutBucketVersioningCommand({ Bucket: names.lake, VersioningConfiguration: { Status: 'Enabled' } })),
      ),
    dynamodb.send(new CreateTableCommand(tableInput(names.ledger, tables.ledger))),
    dynamodb.send(new CreateTableCommand(tableInput(names.runs, tables.runs))),
  ])
  const lake = createLake(s3, names.lake)
  const failures = createLake(s3, names.failures)

  const receipts = createReceipts({
    documents,
    tables: names,
    lake,
    signer: signerOf(generateKeyPairSync('ed25519').privateKey),
    writer: { name: 'purge', codeVersion: 'test' },
    clock: Date.now,
  })

  async function close() {
    for (const bucket of [lake, failures]) {
      await bucket.deleteEverything('')
      await s3.send(new DeleteBucketCommand({ Bucket: bucket.bucket }))
    }
    for (const TableName of [names.ledger, names.runs]) await dynamodb.send(new DeleteTableCommand({ TableName }))
    s3.destroy()
    dynamodb.destroy()
  }

  return {
    s3,
    documents,
    names,
    lake,
    failures,
    receipts,
    holds: createHolds(documents, names.runs),
    ledger: createLedger(documents, names.ledger),
    runs: createRuns(documents, names.runs),
    close,
  }
}
