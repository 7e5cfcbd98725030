/**
 * Records of purge runs and of erasures on request: counts, times and versions, and nothing that names an image or a
 * person. Each is a row in the runs table, for the API, and a JSON file in the lake, for analysts.
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { z } from 'zod'
import type { PurgeRun } from '../../contract/schemas.ts'
import { layout, retention, tables } from '../../platform.ts'
import type { Erasure, ErasureCount } from './erase.ts'
import { dateOf } from './keys.ts'
import type { Lake } from './lake.ts'
import { askLedger } from './ledger-queries.ts'

export type Runs = ReturnType<typeof createRuns>
export type RunKind = PurgeRun['kind']

/** What a run counted; grows while it goes. */
export type RunCounts = {
  -readonly [Name in
    | 'images'
    | 'versions'
    | 'markers'
    | 'uploads'
    | 'metadata_files'
    | 'rows'
    | 'orphan_objects'
    | 'orphan_rows'
    | 'failure_records'
    | 'failed']: number
}

export const noCounts = (): RunCounts => ({
  images: 0,
  versions: 0,
  markers: 0,
  uploads: 0,
  metadata_files: 0,
  rows: 0,
  orphan_objects: 0,
  orphan_rows: 0,
  failure_records: 0,
  failed: 0,
})

/** Adds what one erasure removed. `images` is the caller's to count. */
export function addErasure(counts: RunCounts, erasure: ErasureCount): void {
  counts.versions += erasure.versions
  counts.markers += erasure.markers
  counts.uploads += erasure.uploads
  counts.metadata_files += erasure.metadataFiles
  counts.rows += erasure.rows
}

/** Sorts by time, and two runs of the same millisecond stay apart. @param startedAt epoch milliseconds */
export const newRunId = (startedAt: number): string =>
  `${new Date(startedAt).toISOString().replaceAll(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`

export const runKey = (run: Pick<PurgeRun, 'id' | 'started_at'>): string =>
  `${layout.runs}date=${dateOf(Date.parse(run.started_at))}/${run.id}.json`

const { partitionKey, sortKey, ttlAttribute } = tables.runs

/** A query for the rows of one kind in the table of runs, newest first. @param page `after` is where the page before ended */
export const newestOfKind = (
  table: string,
  kind: string,
  page: { limit?: number | undefined; after?: Record<string, unknown> | undefined },
) => ({
  TableName: table,
  KeyConditionExpression: '#kind = :kind',
  ExpressionAttributeNames: { '#kind': partitionKey },
  ExpressionAttributeValues: { ':kind': kind },
  ScanIndexForward: false,
  Limit: page.limit,
  ExclusiveStartKey: page.after,
})

/**
 * A list that nobody asks DynamoDB about stands in its row as text: ninety entries as nested attributes take client and
 * DynamoDB Local longer than all else in their transaction. Rows of earlier versions hold the list itself.
 */
export const listInText = <List extends z.ZodType>(list: List) =>
  z.preprocess((value) => (typeof value === 'string' ? JSON.parse(value) : value), list)

/**
 * Rows of one kind in the table of runs, consistently read, newest first; pages are fetched as they are needed.
 * @param limit rows at most
 */
export async function* rowsOfKind(
  client: DynamoDBDocumentClient,
  table: string,
  kind: string,
  limit?: number,
): AsyncGenerator<Record<string, unknown>> {
  let left = limit ?? Number.POSITIVE_INFINITY
  let after: Record<string, unknown> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await askLedger(() =>
      client.send(new QueryCommand({ ...newestOfKind(table, kind, { limit, after }), ConsistentRead: true })),
    )
    yield* Items.slice(0, left)
    left -= Items.length
    after = LastEvaluatedKey
  } while (after && left > 0)
}

export function createRuns(client: DynamoDBDocumentClient, table: string) {
  async function put(item: Record<string, unknown>): Promise<void> {
    await askLedger(() => client.send(new PutCommand({ TableName: table, Item: item })))
  }

  async function record(run: PurgeRun): Promise<void> {
    const ttl = Math.ceil((Date.parse(run.finished_at) + retention.runs) / 1000)
    await put({ ...run, [partitionKey]: run.kind, [sortKey]: run.id, [ttlAttribute]: ttl })
  }

  /** The newest runs of one kind, newest first. */
  async function newest(kind: RunKind, limit: number): Promise<PurgeRun[]> {
    const { Items } = await askLedger(() => client.send(new QueryCommand(newestOfKind(table, kind, { limit }))))
    return (Items ?? []).map(({ [sortKey]: _run, [ttlAttribute]: _ttl, ...run }) => run as PurgeRun)
  }

  /** The newest runs of all kinds, newest first. */
  async function list(limit: number): Promise<PurgeRun[]> {
    const all = await Promise.all([newest('purge', limit), newest('erase', limit)])
    return all
      .flat()
      .sort((a, b) => b.started_at.localeCompare(a.started_at))
      .slice(0, limit)
  }

  /** Where a scan that spans several runs goes on; undefined where it starts anew. It never holds a whole image id. */
  async function cursor(scan: string): Promise<string | undefined> {
    const { Item } = await askLedger(() =>
      client.send(
        new GetCommand({
          TableName: table,
          Key: { [partitionKey]: cursorKind, [sortKey]: scan },
          ConsistentRead: true,
        }),
      ),
    )
    return (Item?.position as string | undefined) || undefined
  }

  /** @param position undefined where the scan has reached its end */
  const saveCursor = (scan: string, position: string | undefined): Promise<void> =>
    put({ [partitionKey]: cursorKind, [sortKey]: scan, position: position ?? '' })

  return { record, newest, list, cursor, saveCursor }
}

const cursorKind = 'cursor'

/** Records a run in both places. The file goes first: the row is what says that a run has been recorded. */
export async function recordRun({ runs, lake }: { runs: Runs; lake: Lake }, run: PurgeRun): Promise<void> {
  await lake.put(runKey(run), JSON.stringify(run), 'application/json')
  await runs.record(run)
}

/** The record of an erasure on request. Times are epoch milliseconds. */
export function erasureRun(erasure: Erasure, times: { startedAt: number; finishedAt: number }): PurgeRun {
  const counts = noCounts()
  addErasure(counts, erasure)
  return {
    id: newRunId(times.startedAt),
    kind: 'erase',
    started_at: new Date(times.startedAt).toISOString(),
    finished_at: new Date(times.finishedAt).toISOString(),
    cut_off: new Date(times.startedAt).toISOString(),
    ...counts,
    images: erasure.outcome === 'erased' ? 1 : 0,
    complete: erasure.outcome === 'erased',
  }
}
