/**
 * Keys under which items of receipts name their images. Each day has a random one of its own; when it is destroyed,
 * nobody can tell any more which image an item was. Rows of the runs table, encrypted at rest like everything in it.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { retention, tables } from '../../../platform.ts'
import { dateOf } from '../keys.ts'
import { askLedger } from '../ledger-queries.ts'

const { partitionKey, sortKey, ttlAttribute } = tables.runs
const kind = 'item-key'

export type ItemKey = { readonly id: string; readonly secret: Uint8Array }

/** How long a process may remember a key before it asks again: it may have been destroyed meanwhile. */
const rememberMs = 60_000

export function createItemKeys(client: DynamoDBDocumentClient, table: string, clock: () => number) {
  let remembered: { date: string; until: number; key: Promise<ItemKey> } | undefined

  /** The key of today. */
  function current(): Promise<ItemKey> {
    const now = clock()
    const date = dateOf(now)
    if (remembered?.date === date && remembered.until > now) return remembered.key
    const key = ensure(date)
    remembered = { date, until: now + rememberMs, key }
    key.catch(() => {
      remembered = undefined
    })
    return key
  }

  async function ensure(date: string): Promise<ItemKey> {
    for (;;) {
      const found = await read(date)
      if (found) return found
      const row = {
        [partitionKey]: kind,
        [sortKey]: date,
        id: `${date}-${randomBytes(4).toString('hex')}`,
        secret: randomBytes(32).toString('base64'),
        // A backstop: TTL acts up to two days late.
        [ttlAttribute]: Math.ceil((Date.parse(date) + retention.itemKeys + 2 * retention.backstop) / 1000),
      }
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: row,
            ConditionExpression: 'attribute_not_exists(#kind)',
            ExpressionAttributeNames: { '#kind': partitionKey },
          }),
        )
        return keyOf(row)
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) continue
        await askLedger(() => Promise.reject(error))
      }
    }
  }

  async function read(date: string): Promise<ItemKey | undefined> {
    const { Item } = await askLedger(() =>
      client.send(
        new GetCommand({
          TableName: table,
          Key: { [partitionKey]: kind, [sortKey]: date },
          ConsistentRead: true,
        }),
      ),
    )
    return Item && keyOf(Item as { id: string; secret: string })
  }

  /** Destroys the keys of days that ended before `retention.itemKeys`. @returns the ids of those destroyed */
  async function destroyOld(now: number): Promise<string[]> {
    const { Items = [] } = await askLedger(() =>
      client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#kind = :kind AND #date < :oldest',
          ExpressionAttributeNames: { '#kind': partitionKey, '#date': sortKey },
          ExpressionAttributeValues: { ':kind': kind, ':oldest': dateOf(now - retention.itemKeys) },
          ConsistentRead: true,
        }),
      ),
    )
    for (const item of Items) {
      const Key = { [partitionKey]: kind, [sortKey]: item[sortKey] }
      await askLedger(() => client.send(new DeleteCommand({ TableName: table, Key })))
    }
    if (Items.length > 0) remembered = undefined
    return Items.map(({ id }) => id as string)
  }

  return { current, destroyOld }
}

const keyOf = ({ id, secret }: { id: string; secret: string }): ItemKey => ({
  id,
  secret: Buffer.from(secret, 'base64'),
})

/** What a receipt calls an image. */
export const itemOf = ({ secret }: Pick<ItemKey, 'secret'>, imageId: string): string =>
  createHmac('sha256', secret).update(imageId).digest('hex')
