/**
 * Questions about all images of one person, by the index `byOwner`: it is ordered by the time of receipt and carries
 * whole rows. It is eventually consistent: an image appears, or is gone, within a second or so.
 */
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { tables } from '../../platform.ts'
import type { ImageRow } from './image.ts'
import { askLedger } from './ledger-queries.ts'

const { byOwner } = tables.ledger.indexes

type StartKey = Record<string, unknown>

export type OwnerPage = {
  readonly limit: number
  readonly cursor?: StartKey | undefined
  readonly oldestFirst?: boolean
  /** Received then or later, epoch milliseconds. */
  readonly from?: number | undefined
  /** Received before. */
  readonly to?: number | undefined
}

/** What measuring needs of a row; everything else would only be carried over the wire. */
const summary = ['id', 'status', 'bytes', 'contentType', 'metadata', 'receivedAt', 'expiresAt', 'name'] as const
export type SummaryRow = Pick<ImageRow, (typeof summary)[number] | 'idempotencyId' | 'links'>
const summaryNames = [...summary, 'idempotencyId', 'links']

export function createOwnerQueries(client: DynamoDBDocumentClient, table: string) {
  /** A page of a person's images, newest first, closed ones left out. `cursor` is what the page before returned. */
  async function listByOwner(ownerId: string, { limit, cursor, oldestFirst = false, from, to }: OwnerPage) {
    const { Items, LastEvaluatedKey } = await askLedger(() =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: byOwner.name,
          KeyConditionExpression: 'ownerId = :owner AND receivedAt BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':owner': ownerId,
            ':purged': 'purged',
            ':from': from ?? 0,
            // BETWEEN includes its end.
            ':to': Math.max(from ?? 0, (to ?? Number.MAX_SAFE_INTEGER) - 1),
          },
          ExpressionAttributeNames: { '#status': 'status' },
          FilterExpression: '#status <> :purged',
          ScanIndexForward: oldestFirst,
          Limit: limit,
          ExclusiveStartKey: cursor,
        }),
      ),
    )
    return { rows: (Items ?? []) as ImageRow[], cursor: LastEvaluatedKey as StartKey | undefined }
  }

  /** All of a person's rows in part, closed ones included, newest first, a page (up to 1 MB read) at a time. */
  async function* ownerSummaries(ownerId: string): AsyncGenerator<SummaryRow[]> {
    let cursor: StartKey | undefined
    do {
      const { Items, LastEvaluatedKey } = await askLedger(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: byOwner.name,
            KeyConditionExpression: 'ownerId = :owner',
            ExpressionAttributeValues: { ':owner': ownerId },
            ProjectionExpression: summaryNames.map((name) => `#${name}`).join(', '),
            ExpressionAttributeNames: Object.fromEntries(summaryNames.map((name) => [`#${name}`, name])),
            ScanIndexForward: false,
            ExclusiveStartKey: cursor,
          }),
        ),
      )
      yield (Items ?? []) as SummaryRow[]
      cursor = LastEvaluatedKey
    } while (cursor)
  }

  /** Images and bytes of originals that a person keeps at this moment, unfinished uploads included. */
  async function usageOf(ownerId: string): Promise<{ images: number; bytes: number }> {
    let [images, bytes] = [0, 0]
    for await (const rows of ownerSummaries(ownerId)) {
      for (const row of rows) {
        if (row.status === 'purged') continue
        images += 1
        bytes += row.bytes
      }
    }
    return { images, bytes }
  }

  return { listByOwner, ownerSummaries, usageOf }
}
