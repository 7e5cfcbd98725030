/**
 * Images that are being erased together. Their rows go first, and one row that names them all comes in their place, in
 * the same transaction: from then on nothing can change them any more, as with a closed row, for one write each instead
 * of two. It ends, again in one transaction, in entries for a receipt and in closed rows of those that are not finished.
 * An intent that is left behind says what an interrupted purge was at.
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { z } from 'zod'
import type { ReceiptItem } from '../../../contract/receipts.ts'
import { tables } from '../../../platform.ts'
import { closable } from '../closing.ts'
import { standsFor } from '../condition.ts'
import type { ClosedRow } from '../image.ts'
import { expiryOf } from '../keys.ts'
import { askLedger } from '../ledger-queries.ts'
import { listInText, rowsOfKind } from '../runs.ts'
import { type Action, writeAll } from '../transactions.ts'
import { onlyWhere } from '../transition.ts'
import { entriesRow } from './outbox.ts'

const { partitionKey, sortKey } = tables.runs
const kind = 'erasure-intent'

/**
 * Images and Idempotency-Keys of one intent: their rows, or closed rows and entries, share a transaction, which takes 100
 * actions. Each entry may bring a hundred version ids of 32 characters, and they share a row of 400 kB at most.
 */
export const mostIntended = 90

const intendedImage = z.strictObject({
  id: z.string(),
  date: z.string(),
  /** Which its closed row bears, should it get one; epoch milliseconds. */
  expiresAt: z.number(),
  idempotencyId: z.string().optional(),
})
export type IntendedImage = z.infer<typeof intendedImage>
const intendedImages = listInText(z.array(intendedImage))

export type Intent = { readonly id: string; readonly images: readonly IntendedImage[] }
/** An intent that has just been declared, with the rows of Idempotency-Keys that went at once, by image. */
export type DeclaredIntent = Intent & { readonly forgotten: ReadonlySet<string> }

export type Intents = ReturnType<typeof createIntents>

/** @param names of the ledger's and the runs' tables */
export function createIntents(
  client: DynamoDBDocumentClient,
  names: { ledger: string; runs: string },
  clock: () => number,
) {
  /**
   * Deletes the rows of images that are due by then, as `closable` says, with what stands for them under their
   * Idempotency-Keys, and puts the intent in their place: both or neither.
   * @param id of the intent, so that the caller can look for it where the answer is lost
   * @param images and keys, `mostIntended` at most
   * @returns the images whose rows went, which the intent names. The others have gone, live longer, or are held, and stay
   */
  async function declare(id: string, images: readonly IntendedImage[], dueBy: number): Promise<DeclaredIntent> {
    const only = onlyWhere(closable(clock(), { dueBy }))
    const deletionOf = (row: string, condition: object): Action[] => [
      { Delete: { TableName: names.ledger, Key: { [tables.ledger.partitionKey]: row }, ...condition } },
    ]
    const keys = images.flatMap(({ id: imageId, idempotencyId: key }) => (key === undefined ? [] : [{ imageId, key }]))
    const gone = await writeAll(
      client,
      new Map([
        ...images.map((image): [string, Action[]] => [image.id, deletionOf(image.id, only)]),
        ...keys.map(({ imageId, key }): [string, Action[]] => [key, deletionOf(key, standsFor(imageId))]),
      ]),
      (left) => [putOf(id, namedBy(new Set(left), images))],
      new Map(keys.map(({ imageId, key }) => [key, imageId])),
    )
    const forgotten = keys.filter(({ key }) => gone.has(key)).map(({ imageId }) => imageId)
    return { id, images: namedBy(gone, images), forgotten: new Set(forgotten) }
  }

  const namedBy = (names: ReadonlySet<string>, images: readonly IntendedImage[]) =>
    images.filter((image) => names.has(image.id))

  const putOf = (id: string, images: readonly IntendedImage[]): Action => ({
    Put: { TableName: names.runs, Item: { ...keyOf(id), images: JSON.stringify(images) } },
  })

  /**
   * Ends an intent. What is finished leaves entries for a receipt; what is not gets a closed row, which is due.
   * @param items of the finished images, by their ids
   * @returns whether it was this call that ended it
   */
  async function fulfil({ id, images }: Intent, items: ReadonlyMap<string, ReceiptItem>): Promise<boolean> {
    const unfinished = images.filter((image) => !items.has(image.id))
    const ending: Action[] = [
      {
        Delete: {
          TableName: names.runs,
          Key: keyOf(id),
          ConditionExpression: 'attribute_exists(#kind)',
          ExpressionAttributeNames: { '#kind': partitionKey },
        },
      },
      ...(items.size > 0 ? [entriesRow(names.runs, [...items.values()])] : []),
    ]
    const closedRows = unfinished.map((image): [string, Action[]] => [image.id, [closedRowOf(image)]])
    const needs = new Map(unfinished.map((image) => [image.id, id]))
    return (await writeAll(client, new Map([[id, ending], ...closedRows]), undefined, needs)).has(id)
  }

  /** A row that is there all the same is of an upload that was repeated at that very moment; it is due as well. */
  const closedRowOf = ({ id, date, expiresAt, idempotencyId }: IntendedImage): Action => {
    const row: ClosedRow = { id, date, kind: 'image', status: 'purged', purgedAt: clock(), ...expiryOf(id, expiresAt) }
    return {
      Put: {
        TableName: names.ledger,
        Item: { ...row, ...(idempotencyId && { idempotencyId }) },
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': tables.ledger.partitionKey },
      },
    }
  }

  /** The intent as it stands; undefined where it has ended, or was never declared. */
  async function find(id: string): Promise<Intent | undefined> {
    const { Item } = await askLedger(() =>
      client.send(new GetCommand({ TableName: names.runs, Key: keyOf(id), ConsistentRead: true })),
    )
    return Item && intentOf(Item)
  }

  /** Intents that have not ended. */
  const open = async (): Promise<Intent[]> =>
    (await Array.fromAsync(rowsOfKind(client, names.runs, kind))).map(intentOf)

  return { declare, fulfil, find, open }
}

export const newIntentId = (): string => randomUUID()

const keyOf = (id: string) => ({ [partitionKey]: kind, [sortKey]: id })

const intentOf = (item: Record<string, unknown>): Intent => ({
  id: item[sortKey] as string,
  images: intendedImages.parse(item.images),
})
