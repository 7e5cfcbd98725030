/**
 * Questions to the ledger that concern more than one row. The indexes are eventually consistent: whoever acts on an
 * answer reads the row first, or acts under a condition on it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { tables } from '../../platform.ts'
import { chunks } from './chunks.ts'
import { UnavailableError } from './errors.ts'
import type { ImageRow } from './image.ts'
import { idempotencyPrefix, isImageId, ownerContentOf } from './keys.ts'

const { byExpiry, byPending, byContent, byChange } = tables.ledger.indexes

/** DynamoDB's limit on one BatchGetItem. */
const batchSize = 100
/** Rounds in which a batch may be answered in parts (throttling) before that counts as no answer. */
const batchRounds = 8

type ShardedIndex = { readonly name: string; readonly partitionKey: string; readonly sortKey: string }

/** An entry of the expiry or pending index: the row's id, and when it is due or since when it waits. */
export type IndexEntry = { readonly id: string; readonly at: number }
/** An entry of the expiry index, with what an erasure needs of the row: neither ever changes. */
export type ExpiryEntry = IndexEntry & Pick<ImageRow, 'date' | 'idempotencyId'>

/** As much of a row as says whether, and under which key, an image lives. */
export type Standing = Pick<
  ImageRow,
  'id' | 'kind' | 'status' | 'date' | 'key' | 'versionId' | 'receivedAt' | 'expiresAt' | 'idempotencyId'
>
const standingAttributes: readonly (keyof Standing)[] = [
  'id',
  'kind',
  'status',
  'date',
  'key',
  'versionId',
  'receivedAt',
  'expiresAt',
  'idempotencyId',
]

const projection = {
  ProjectionExpression: standingAttributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(standingAttributes.map((name) => [`#${name}`, name])),
}

export function createLedgerQueries(client: DynamoDBDocumentClient, table: string) {
  /** Entries of one shard whose time has come (`expiresAt ≤ at`), oldest first, a page at a time. */
  const due = (shard: string, at: number) => expiring(shard, 0, at)

  /** Entries of one shard that expire in `from … to` (both included), soonest first, a page at a time. */
  const expiring = (shard: string, from: number, to: number) => entries<ExpiryEntry>(byExpiry, shard, from, to)

  /** Ids in one shard whose event has waited since before `at`, oldest first. */
  const pending = (shard: string, at: number) => entries<IndexEntry>(byPending, shard, 0, at)

  async function* entries<Entry>(
    index: ShardedIndex,
    shard: string,
    from: number,
    to: number,
  ): AsyncGenerator<Entry[]> {
    let cursor: Record<string, unknown> | undefined
    do {
      const { Items, LastEvaluatedKey } = await askLedger(() =>
        client.send(new QueryCommand({ ...rangeOf(index, shard, from, to), ExclusiveStartKey: cursor })),
      )
      yield (Items ?? []).map(
        ({ [index.partitionKey]: _, [index.sortKey]: at, ...entry }) => ({ ...entry, at }) as Entry,
      )
      cursor = LastEvaluatedKey
    } while (cursor)
  }

  const rangeOf = (index: ShardedIndex, shard: string, from: number, to: number) => ({
    TableName: table,
    IndexName: index.name,
    KeyConditionExpression: '#shard = :shard AND #at BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#shard': index.partitionKey, '#at': index.sortKey },
    ExpressionAttributeValues: { ':shard': shard, ':from': from, ':to': to },
  })

  /** How many images (idempotency rows left out) of one shard expire in `from … to`, both included. */
  async function countExpiring(shard: string, from: number, to: number): Promise<number> {
    const range = rangeOf(byExpiry, shard, from, to)
    let cursor: Record<string, unknown> | undefined
    let count = 0
    do {
      const { Count, LastEvaluatedKey } = await askLedger(() =>
        client.send(
          new QueryCommand({
            ...range,
            Select: 'COUNT',
            FilterExpression: 'NOT begins_with(id, :idempotency)',
            ExpressionAttributeValues: { ...range.ExpressionAttributeValues, ':idempotency': idempotencyPrefix },
            ExclusiveStartKey: cursor,
          }),
        ),
      )
      count += Count ?? 0
      cursor = LastEvaluatedKey
    } while (cursor)
    return count
  }

  /** The image of one shard that expires first; undefined where there is none. */
  async function firstToExpire(shard: string): Promise<IndexEntry | undefined> {
    for await (const page of expiring(shard, 0, Number.MAX_SAFE_INTEGER)) {
      const first = page.find(({ id }) => isImageId(id))
      if (first) return first
    }
    return undefined
  }

  /**
   * What stands in the ledger for these ids, consistently read. Ids without an image's row are absent from the answer.
   * @throws UnavailableError also where DynamoDB keeps answering only a part: absence must mean that there is no row
   */
  async function standing(ids: readonly string[]): Promise<Map<string, Standing>> {
    const found = new Map<string, Standing>()
    for (const some of chunks(ids, batchSize)) {
      for (const row of await batch(some, projection)) found.set(row.id, row)
    }
    return found
  }

  /** The whole rows of up to 100 images, consistently read. Ids without an image's row are absent from the answer. */
  const rows = async (ids: readonly string[]): Promise<Map<string, ImageRow>> =>
    new Map((await batch(ids, {})).map((row) => [row.id, row as ImageRow]))

  async function batch(ids: readonly string[], attributes: Partial<typeof projection>): Promise<Standing[]> {
    const found: Standing[] = []
    let Keys: Record<string, unknown>[] = [...new Set(ids)].map((id) => ({ id }))
    for (let round = 0; Keys.length > 0; round += 1) {
      if (round === batchRounds) throw ledgerUnavailable(new Error(`${Keys.length} keys stay unprocessed`))
      if (round > 0) await pause(25 * 2 ** round)
      const { Responses, UnprocessedKeys } = await askLedger(() =>
        client.send(
          new BatchGetCommand({
            RequestItems: {
              [table]: {
                Keys,
                ConsistentRead: true,
                ...attributes,
              },
            },
          }),
        ),
      )
      found.push(...((Responses?.[table] ?? []) as Standing[]).filter(({ kind }) => kind === 'image'))
      Keys = UnprocessedKeys?.[table]?.Keys ?? []
    }
    return found
  }

  /** One person's images whose status has changed after a moment (epoch milliseconds), in the order of these changes. */
  async function changedSince(ownerId: string, since: number): Promise<{ id: string; at: number }[]> {
    const changes: { id: string; at: number }[] = []
    let cursor: Record<string, unknown> | undefined
    do {
      const { Items, LastEvaluatedKey } = await askLedger(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: byChange.name,
            KeyConditionExpression: 'ownerId = :owner AND changedAt > :since',
            ExpressionAttributeValues: { ':owner': ownerId, ':since': since },
            ExclusiveStartKey: cursor,
          }),
        ),
      )
      changes.push(...(Items ?? []).map(({ id, changedAt }) => ({ id: id as string, at: changedAt as number })))
      cursor = LastEvaluatedKey
    } while (cursor)
    return changes
  }

  /** Ids of one person's images with these very bytes. */
  async function sameContent(ownerId: string, sha256: string): Promise<string[]> {
    const { Items } = await askLedger(() =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: byContent.name,
          KeyConditionExpression: 'ownerContent = :content',
          ExpressionAttributeValues: { ':content': ownerContentOf(ownerId, sha256) },
        }),
      ),
    )
    return (Items ?? []).map((item) => item.id as string)
  }

  return { due, pending, expiring, countExpiring, firstToExpire, standing, rows, sameContent, changedSince }
}

export const ledgerUnavailable = (cause: unknown) =>
  new UnavailableError('ledger-unavailable', 'The ledger did not answer', { cause })

/** Runs a request whose failure means that the ledger cannot be relied on right now. */
export async function askLedger<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw ledgerUnavailable(error)
  }
}
