/**
 * Erasures that no receipt tells of yet. An image's row goes and its entry comes in one transaction: nothing is erased
 * without an entry, and an entry stays until a receipt holds it.
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { type ReceiptItem, receiptItem } from '../../../contract/receipts.ts'
import { tables } from '../../../platform.ts'
import { askLedger } from '../ledger-queries.ts'
import { type Action, mostActions, writeAll } from '../transactions.ts'

const { partitionKey, sortKey } = tables.runs
const kind = 'receipt-pending'

/** Images whose rows go in one transaction: a deletion and an entry each. */
export const mostRemoved = mostActions / 2

export type Outbox = ReturnType<typeof createOutbox>

/** @param tableNames of the ledger, where rows end, and of the runs, where entries wait */
export function createOutbox(client: DynamoDBDocumentClient, tableNames: { ledger: string; runs: string }) {
  /**
   * Deletes the closed rows of up to `mostRemoved` images and leaves an entry for each, both or neither.
   * @returns by image, the entries of those whose rows it was this call that deleted
   */
  async function removeRows(items: ReadonlyMap<string, Omit<ReceiptItem, 'entry'>>): Promise<Map<string, string>> {
    const entries = new Map([...items.keys()].map((imageId) => [imageId, randomUUID()]))
    const actions = [...items].map(([imageId, item]): [string, Action[]] => {
      const entry = entries.get(imageId) as string
      return [imageId, [deletionOf(imageId), putOf(entry, { ...item, entry })]]
    })
    const removed = await writeAll(client, new Map(actions))
    return new Map([...entries].filter(([imageId]) => removed.has(imageId)))
  }

  const deletionOf = (imageId: string): Action => ({
    Delete: {
      TableName: tableNames.ledger,
      Key: { [tables.ledger.partitionKey]: imageId },
      ConditionExpression: '#status = :purged',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':purged': 'purged' },
    },
  })

  const putOf = (entry: string, item: ReceiptItem): Action => ({
    Put: { TableName: tableNames.runs, Item: { [partitionKey]: kind, [sortKey]: entry, item } },
  })

  /** Entries that wait, `most` of them at most. */
  async function pending(most: number): Promise<ReceiptItem[]> {
    const { Items = [] } = await askLedger(() =>
      client.send(
        new QueryCommand({
          TableName: tableNames.runs,
          KeyConditionExpression: '#kind = :kind',
          ExpressionAttributeNames: { '#kind': partitionKey },
          ExpressionAttributeValues: { ':kind': kind },
          Limit: most,
          ConsistentRead: true,
        }),
      ),
    )
    return Items.map(({ item }) => receiptItem.parse(item))
  }

  /** Forgets entries that a receipt holds. Repeating it changes nothing. */
  async function settle(entries: readonly string[]): Promise<void> {
    for (let start = 0; start < entries.length; start += mostActions) {
      const some = entries.slice(start, start + mostActions)
      // A transaction and no BatchWriteItem: DynamoDB Local takes several times as long for a quarter of the rows.
      await writeAll(client, new Map(some.map((entry) => [entry, [settlementOf(entry)]])))
    }
  }

  const settlementOf = (entry: string): Action => ({
    Delete: { TableName: tableNames.runs, Key: { [partitionKey]: kind, [sortKey]: entry } },
  })

  return { removeRows, pending, settle }
}
