/** Transitions of many images at once; see `transactions.ts`. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { ImageRow } from './image.ts'
import { type Action, writeAll } from './transactions.ts'
import { type Change, updateOf } from './transition.ts'
import { type Arrival, completion, waitingForSweep } from './upload-transitions.ts'

export function createLedgerBatches(client: DynamoDBDocumentClient, table: string) {
  const update = (id: string, change: Change): [string, Action[]] => [
    id,
    [{ Update: { TableName: table, Key: { id }, ...updateOf(change) } }],
  ]

  /** Inserts up to 100 rows that must not exist yet. @returns the ids that were written */
  const insertAll = (rows: readonly ImageRow[]): Promise<Set<string>> =>
    writeAll(
      client,
      new Map(
        rows.map((Item) => [
          Item.id,
          [{ Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' } }],
        ]),
      ),
    )

  /** Records up to 100 presigned uploads as received. @returns the ids for which that was still to be done */
  const completeUploads = (arrivals: ReadonlyMap<string, Arrival>): Promise<Set<string>> =>
    writeAll(client, new Map([...arrivals].map(([id, arrival]) => update(id, completion(id, arrival)))))

  /**
   * Puts up to 100 received images into the outbox, whose events may not be in Kafka. Rows that have moved on are left
   * alone.
   */
  const leaveToSweep = (rows: readonly Pick<ImageRow, 'id' | 'receivedAt' | 'pendingSince'>[]): Promise<Set<string>> =>
    writeAll(
      client,
      new Map(
        rows.map(({ id, receivedAt, pendingSince = receivedAt }) => update(id, waitingForSweep(id, pendingSince))),
      ),
    )

  return { insertAll, completeUploads, leaveToSweep }
}
