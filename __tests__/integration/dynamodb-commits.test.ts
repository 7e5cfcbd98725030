/** DynamoDB Local with a home of its own: what it has acknowledged must be in its file, however it ends. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDynamodbClient } from '../../local/services/dynamodb.ts'
import { resourceName, tables } from '../../platform.ts'
import { createPlace, type Place, type Run, run } from '../support/parts.ts'

let place: Place
let running: Run
beforeAll(async () => {
  place = await createPlace()
  running = run(place, ['dynamodb'])
  await running.ready()
}, 120_000)
afterAll(async () => {
  await running.end('SIGTERM')
  await place.remove()
})

it('has committed a transaction before it answers', async () => {
  const { config } = place
  const TableName = resourceName(config.environment, tables.runs.name)
  const documents = DynamoDBDocumentClient.from(createDynamodbClient(config))
  // Where SQLite keeps the way back while a transaction is not committed. It is gone for good when it is.
  const journal = join(config.home, 'data', 'dynamodb', 'shared-local-instance.db-journal')
  let uncommitted = 0
  for (let n = 0; n < 50; n += 1) {
    const puts = Array.from({ length: 50 }, (_, row) => ({
      Put: { TableName, Item: { kind: 'test', run: `${n}/${row}`, text: 'x'.repeat(2_000) } },
    }))
    await documents.send(new TransactWriteCommand({ TransactItems: puts }))
    if (existsSync(journal)) uncommitted += 1
  }
  expect(uncommitted).toBe(0)
})
