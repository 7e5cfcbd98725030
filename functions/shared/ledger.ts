/**
 * The ledger: one row is the truth about one image, and every transition is a conditional write, so two parts that
 * act at once cannot both believe they won. Functions say here what may follow what; nobody else writes the table.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { retention, tables } from '../../platform.ts'
import { UnavailableError } from './errors.ts'
import { type EventPosition, type IdempotencyRow, type ImageRow, type Status, statuses } from './image.ts'
import { expiryShard, pendingShard } from './keys.ts'

const { byOwner, byExpiry, byPending, byContent } = tables.ledger.indexes

/** Result of a transition: the row as it now is, or, where the condition did not hold, the row that stands there. */
export type Transition = { ok: true; row: ImageRow } | { ok: false; row: ImageRow | undefined }

export type Ledger = ReturnType<typeof createLedger>

/** Attributes that follow from the id and the time of expiry. */
export const expiryOf = (id: string, expiresAt: number) => ({
  expiresAt,
  expiryShard: expiryShard(id),
  ttl: Math.ceil((expiresAt + retention.backstop) / 1000),
})

/** Attributes of a row whose event is not in Kafka yet: they put it into the sparse pending index. */
export const pendingOf = (id: string, since: number) => ({ pendingShard: pendingShard(id), pendingSince: since })

export const ownerContentOf = (ownerId: string, sha256: string) => `${ownerId}#${sha256}`

export function createLedger(client: DynamoDBDocumentClient, table: string) {
  /** Runs one conditional update; `set` values that are undefined are left alone. */
  async function transition(
    id: string,
    change: {
      from: readonly Status[]
      set: Record<string, unknown>
      remove?: readonly string[]
      owner?: string | undefined
      /** Only where the row's time has come by then. */
      dueBy?: number | undefined
      add?: Record<string, number>
    },
  ): Promise<Transition> {
    const names: Record<string, string> = { '#status': 'status' }
    const values: Record<string, unknown> = {}
    const set = Object.entries(change.set).filter(([, value]) => value !== undefined)
    const assignments = set.map(([name, value], n) => {
      names[`#s${n}`] = name
      values[`:s${n}`] = value
      return `#s${n} = :s${n}`
    })
    const additions = Object.entries(change.add ?? {}).map(([name, value], n) => {
      names[`#a${n}`] = name
      values[`:a${n}`] = value
      return `#a${n} :a${n}`
    })
    const removals = (change.remove ?? []).map((name, n) => {
      names[`#r${n}`] = name
      return `#r${n}`
    })
    const states = change.from.map((status, n) => {
      values[`:from${n}`] = status
      return `:from${n}`
    })
    let condition = `#status IN (${states.join(', ')})`
    if (change.owner !== undefined) {
      names['#owner'] = 'ownerId'
      values[':owner'] = change.owner
      condition += ' AND #owner = :owner'
    }
    if (change.dueBy !== undefined) {
      names['#expiresAt'] = 'expiresAt'
      values[':dueBy'] = change.dueBy
      condition += ' AND #expiresAt <= :dueBy'
    }
    const clauses = [
      assignments.length > 0 && `SET ${assignments.join(', ')}`,
      additions.length > 0 && `ADD ${additions.join(', ')}`,
      removals.length > 0 && `REMOVE ${removals.join(', ')}`,
    ].filter(Boolean)
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: clauses.join(' '),
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return { ok: true, row: Attributes as ImageRow }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw unavailable(error)
      return { ok: false, row: await existing(id, error) }
    }
  }

  /** The row that made a condition fail; asked for again where the service did not return it. */
  async function existing(id: string, error: ConditionalCheckFailedException): Promise<ImageRow | undefined> {
    return error.Item ? get(id) : undefined
  }

  /** The row, consistently read; undefined where there is none. Rows of purged images count as rows. */
  async function get(id: string): Promise<ImageRow | undefined> {
    const row = await read(id)
    return row?.kind === 'image' ? row : undefined
  }

  async function read(id: string): Promise<ImageRow | IdempotencyRow | undefined> {
    const { Item } = await attempt(() =>
      client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true })),
    )
    return Item as ImageRow | IdempotencyRow | undefined
  }

  /** Writes a row that must not exist yet. @returns whether it was written */
  async function insert(row: ImageRow | IdempotencyRow): Promise<boolean> {
    try {
      await client.send(
        new PutCommand({ TableName: table, Item: row, ConditionExpression: 'attribute_not_exists(id)' }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw unavailable(error)
    }
  }

  /** A presigned upload has arrived whole: from now on it counts as received. */
  const completeUpload = (
    id: string,
    arrived: { at: number; bytes: number; versionId?: string; expiresAt: number; owner: string },
  ) =>
    transition(id, {
      from: ['uploading'],
      owner: arrived.owner,
      set: {
        status: 'received',
        receivedAt: arrived.at,
        bytes: arrived.bytes,
        versionId: arrived.versionId,
        ...expiryOf(id, arrived.expiresAt),
        ...pendingOf(id, arrived.at),
      },
    })

  /** The event is in Kafka, acknowledged by all in-sync replicas. */
  const markPublished = (id: string, at: number, event: EventPosition) =>
    transition(id, {
      from: ['received'],
      set: { status: 'published', publishedAt: at, event },
      remove: ['pendingShard', 'pendingSince'],
    })

  /** The processor takes up a delivery. Where `ok` is false, `row` tells why there is nothing to do. */
  const claim = (id: string) => transition(id, { from: ['received', 'published'], set: {}, add: { attempts: 1 } })

  const markProcessed = (
    id: string,
    result: Pick<
      ImageRow,
      'metadata' | 'renditions' | 'processingMs' | 'sha256' | 'ownerContent' | 'publishedAt' | 'event'
    > & { processedAt: number },
  ) =>
    transition(id, {
      from: ['received', 'published'],
      set: { status: 'processed', ...result },
      remove: ['pendingShard', 'pendingSince', 'reason'],
    })

  const markQuarantined = (
    id: string,
    result: {
      quarantinedAt: number
      reason: NonNullable<ImageRow['reason']>
      sha256?: string
      publishedAt?: number
      event?: EventPosition
    },
  ) =>
    transition(id, {
      from: ['received', 'published'],
      set: { status: 'quarantined', ...result },
      remove: ['pendingShard', 'pendingSince'],
    })

  /**
   * Closes an image for good: from here on no other transition succeeds. The row itself goes last, by `remove`.
   * `expiresAt` is brought forward so that the hourly purge finishes what an interrupted erasure began.
   * Refused where the row is not `owner`'s, or lives longer than `dueBy`.
   */
  const markPurged = (
    id: string,
    at: number,
    expiresAt: number,
    only: { owner?: string | undefined; dueBy?: number | undefined } = {},
  ) =>
    transition(id, {
      from: statuses,
      ...only,
      set: { status: 'purged', purgedAt: at, ...expiryOf(id, expiresAt) },
      remove: ['pendingShard', 'pendingSince', 'name', 'metadata', 'ownerContent'],
    })

  /** Deletes the row of a purged image, or an idempotency row. @returns whether a row was deleted */
  const remove = (id: string): Promise<boolean> =>
    removeWhere(id, '#status = :purged OR #kind = :idempotency', { ':purged': 'purged', ':idempotency': 'idempotency' })

  /**
   * Deletes an idempotency row, if it still stands for this image or has expired by then. A key that has been used
   * again for another image in the meantime stays.
   * @returns whether a row was deleted
   */
  const forget = (id: string, only: { imageId: string } | { expiredBy: number }): Promise<boolean> =>
    'imageId' in only
      ? removeWhere(id, '#kind = :kind AND #imageId = :imageId', { ':kind': 'idempotency', ':imageId': only.imageId })
      : removeWhere(id, '#kind = :kind AND #expiresAt <= :at', { ':kind': 'idempotency', ':at': only.expiredBy })

  async function removeWhere(id: string, condition: string, values: Record<string, unknown>): Promise<boolean> {
    const names = ['status', 'kind', 'imageId', 'expiresAt'].filter((name) => condition.includes(`#${name}`))
    try {
      const { Attributes } = await client.send(
        new DeleteCommand({
          TableName: table,
          Key: { id },
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_OLD',
        }),
      )
      return Attributes !== undefined
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw unavailable(error)
    }
  }

  /** One page of a person's images, newest first. `cursor` is what the page before returned. */
  async function listByOwner(ownerId: string, page: { limit: number; cursor?: Record<string, unknown> }) {
    const { Items, LastEvaluatedKey } = await attempt(() =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: byOwner.name,
          KeyConditionExpression: 'ownerId = :owner',
          ExpressionAttributeValues: { ':owner': ownerId, ':purged': 'purged' },
          ExpressionAttributeNames: { '#status': 'status' },
          FilterExpression: '#status <> :purged',
          ScanIndexForward: false,
          Limit: page.limit,
          ExclusiveStartKey: page.cursor,
        }),
      ),
    )
    return { rows: (Items ?? []) as ImageRow[], cursor: LastEvaluatedKey }
  }

  /** Ids in one shard whose time has come (`expiresAt ≤ at`), oldest first, a page at a time. */
  const due = (shard: string, at: number) => ids(byExpiry, shard, at)

  /** Ids in one shard whose event has waited since before `at`, oldest first. */
  const pending = (shard: string, at: number) => ids(byPending, shard, at)

  async function* ids(index: { name: string; partitionKey: string; sortKey: string }, shard: string, at: number) {
    let cursor: Record<string, unknown> | undefined
    do {
      const { Items, LastEvaluatedKey } = await attempt(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: index.name,
            KeyConditionExpression: '#shard = :shard AND #at <= :at',
            ExpressionAttributeNames: { '#shard': index.partitionKey, '#at': index.sortKey },
            ExpressionAttributeValues: { ':shard': shard, ':at': at },
            ExclusiveStartKey: cursor,
          }),
        ),
      )
      yield (Items ?? []).map((item) => ({ id: item.id as string, at: item[index.sortKey] as number }))
      cursor = LastEvaluatedKey
    } while (cursor)
  }

  /** Ids of one person's images with these very bytes. */
  async function sameContent(ownerId: string, sha256: string): Promise<string[]> {
    const { Items } = await attempt(() =>
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

  return {
    get,
    read,
    insert,
    completeUpload,
    markPublished,
    claim,
    markProcessed,
    markQuarantined,
    markPurged,
    remove,
    forget,
    listByOwner,
    due,
    pending,
    sameContent,
  }
}

const unavailable = (cause: unknown) =>
  new UnavailableError('ledger-unavailable', 'The ledger did not answer', { cause })

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw unavailable(error)
  }
}
