/** The head of the chain of receipts: a row of the runs table, in another store than the receipts themselves. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { type ReceiptHead, receiptHead } from '../../../contract/receipts.ts'
import { tables } from '../../../platform.ts'
import { askLedger, ledgerUnavailable } from '../ledger-queries.ts'
import { canonical } from './form.ts'

const { partitionKey, sortKey } = tables.runs
const key = { [partitionKey]: 'receipt-head', [sortKey]: 'head' }

export type Heads = {
  /** The newest statement; undefined where nothing has been issued yet. */
  readonly read: () => Promise<ReceiptHead | undefined>
  /** Moves the head forward; one that is further already stays. */
  readonly save: (head: ReceiptHead) => Promise<void>
}

export function createHeads(client: DynamoDBDocumentClient, table: string): Heads {
  return {
    async read() {
      const { Item } = await askLedger(() =>
        client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true })),
      )
      return Item ? receiptHead.parse(JSON.parse(Item.statement as string)) : undefined
    },
    async save(head) {
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...key, number: head.number, statement: canonical(head) },
            ConditionExpression: 'attribute_not_exists(#number) OR #number < :number',
            ExpressionAttributeNames: { '#number': 'number' },
            ExpressionAttributeValues: { ':number': head.number },
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw ledgerUnavailable(error)
      }
    },
  }
}
