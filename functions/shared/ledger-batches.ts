/**
 * Writes to many rows at once. A transaction of DynamoDB costs a fraction of single requests on the way there, and each
 * row keeps its own condition: rows whose condition does not hold are left out, and the others written all the same.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import type { ImageRow } from './image.ts'
import { ledgerUnavailable } from './ledger-queries.ts'
import { updateOf } from './transition.ts'
import { type Arrival, completion, publication } from './upload-transitions.ts'

type Action = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** Rounds in which rows may be in others' hands before that counts as no answer. */
const rounds = 8
const firstPauseMs = 10

export function createLedgerBatches(client: DynamoDBDocumentClient, table: string) {
  /** Inserts up to 100 rows that must not exist yet. @returns the ids that were written */
  const insertAll = (rows: readonly ImageRow[]): Promise<Set<string>> =>
    writeAll(
      new Map(
        rows.map((Item) => [
          Item.id,
          { Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' } },
        ]),
      ),
    )

  /** Records up to 100 presigned uploads as received. @returns the ids for which that was still to be done */
  const completeUploads = (arrivals: ReadonlyMap<string, Arrival>): Promise<Set<string>> =>
    writeAll(
      new Map(
        [...arrivals].map(([id, arrival]) => [
          id,
          { Update: { TableName: table, Key: { id }, ...updateOf(completion(id, arrival)) } },
        ]),
      ),
    )

  /** The events of up to 100 images are in Kafka. @returns the ids for which that was still to be said */
  const markAllPublished = (ids: readonly string[], at: number): Promise<Set<string>> =>
    writeAll(
      new Map(ids.map((id) => [id, { Update: { TableName: table, Key: { id }, ...updateOf(publication(id, at)) } }])),
    )

  /** @throws UnavailableError when DynamoDB does not answer, or others keep holding some of the rows */
  async function writeAll(actions: ReadonlyMap<string, Action>): Promise<Set<string>> {
    const left = new Map(actions)
    for (let round = 0; left.size > 0; round += 1) {
      if (round > 0) await pause(firstPauseMs * 2 ** round)
      try {
        await client.send(new TransactWriteCommand({ TransactItems: [...left.values()] }))
        return new Set(left.keys())
      } catch (error) {
        if (!(error instanceof TransactionCanceledException) || round === rounds) throw ledgerUnavailable(error)
        for (const id of refused([...left.keys()], error)) left.delete(id)
      }
    }
    return new Set()
  }

  return { insertAll, completeUploads, markAllPublished }
}

/** The reasons come in the order of the actions; other ones than this pass (a conflict, throttling). */
const refused = (ids: readonly string[], { CancellationReasons }: TransactionCanceledException): string[] =>
  ids.filter((_, n) => CancellationReasons?.[n]?.Code === 'ConditionalCheckFailed')
