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
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { type ClosingOnly, closing } from './closing.ts'
import { type Condition, condition, standsFor } from './condition.ts'
import type { ClosedRow, EventPosition, IdempotencyRow, ImageRow } from './image.ts'
import { expiryOf, type ImageAddress, pendingOf, unsettledShard } from './keys.ts'
import { createLeanPut } from './lean-put.ts'
import { createLedgerBatches } from './ledger-batches.ts'
import { createLedgerLinks } from './ledger-links.ts'
import { createOwnerQueries } from './ledger-owner.ts'
import { askLedger, createLedgerQueries, ledgerUnavailable } from './ledger-queries.ts'
import { type Change, updateOf } from './transition.ts'
import { type Arrival, completion, publication } from './upload-transitions.ts'

/** Result of a transition: the row as it now is, or, where the condition did not hold, the row that stands there. */
export type Transition = { ok: true; row: ImageRow } | { ok: false; row: ImageRow | undefined }

export type Ledger = ReturnType<typeof createLedger>

export { expiryOf, ownerContentOf, pendingOf } from './keys.ts'

/** The statuses of an image that is there: neither on its way to S3 nor closed. */
const settledOrOnItsWay = ['received', 'published', 'processed', 'quarantined'] as const

export function createLedger(client: DynamoDBDocumentClient, table: string) {
  /** Runs one conditional update; see `transition.ts`. */
  async function transition(id: string, change: Change): Promise<Transition> {
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({ TableName: table, Key: { id }, ...updateOf(change), ReturnValues: 'ALL_NEW' }),
      )
      return { ok: true, row: Attributes as ImageRow }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw ledgerUnavailable(error)
      return { ok: false, row: await get(id) }
    }
  }

  /** The row, consistently read; undefined where there is none. Rows of purged images count as rows. */
  async function get(id: string): Promise<ImageRow | undefined> {
    const row = await read(id)
    return row?.kind === 'image' ? row : undefined
  }

  async function read(id: string): Promise<ImageRow | IdempotencyRow | undefined> {
    const { Item } = await askLedger(() =>
      client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true })),
    )
    return Item as ImageRow | IdempotencyRow | undefined
  }

  const leanPut = createLeanPut(client, table)

  /** Writes a row that must not exist yet. @returns whether it was written */
  async function insert(row: ImageRow | IdempotencyRow | ClosedRow): Promise<boolean> {
    const written = await leanPut(row)
    if (written !== undefined) return written
    try {
      await client.send(
        new PutCommand({ TableName: table, Item: row, ConditionExpression: 'attribute_not_exists(id)' }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw ledgerUnavailable(error)
    }
  }

  /** S3's upload for the parts of an image; refused where one is named already. */
  const startParts = (id: string, multipart: NonNullable<ImageRow['multipart']>) =>
    transition(id, { from: ['uploading'], absent: 'multipart', set: { multipart } })

  /** A presigned upload has arrived whole: from now on it counts as received. */
  const completeUpload = (id: string, arrived: Arrival) => transition(id, completion(id, arrived))

  /** The event is in Kafka, acknowledged by all in-sync replicas; the image now waits to be settled. */
  const markPublished = (id: string, at: number, event: EventPosition) => transition(id, publication(id, at, event))

  /** The event of an image that had not been settled is in Kafka once more. */
  const markResent = (id: string, at: number, event: EventPosition) =>
    transition(id, { from: ['published'], set: { event, pendingSince: at } })

  /** The processor takes up a delivery. Where `ok` is false, `row` tells why there is nothing to do. */
  const claim = (id: string) => transition(id, { from: ['received', 'published'], set: {}, add: { attempts: 1 } })

  /** Gives an attempt back that ended for reasons outside the image, so that outages do not count against it. */
  const release = (id: string) => transition(id, { from: ['received', 'published'], set: {}, add: { attempts: -1 } })

  const markProcessed = (
    id: string,
    result: Pick<
      ImageRow,
      'metadata' | 'renditions' | 'processingMs' | 'sha256' | 'ownerContent' | 'publishedAt' | 'event'
    > & { processedAt: number },
  ) =>
    transition(id, {
      from: ['received', 'published'],
      set: { status: 'processed', changedAt: result.processedAt, ...result },
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
      set: { status: 'quarantined', changedAt: result.quarantinedAt, ...result },
      remove: ['pendingShard', 'pendingSince'],
    })

  /**
   * Takes an image out of quarantine to be processed once more: its event has to be published again, and all attempts
   * are before it. Why it was there is told by the quarantine topic alone from now on.
   */
  const requeue = (id: string, at: number) =>
    transition(id, {
      from: ['quarantined'],
      set: { status: 'received', attempts: 0, changedAt: at, ...pendingOf(id, at) },
      add: { redrives: 1 },
      remove: ['reason', 'quarantinedAt', 'publishedAt', 'event'],
    })

  /**
   * Has a processed image processed again. What was made of it stays, and is written over under the same keys; when it
   * goes does not change.
   */
  const reprocess = (id: string, at: number) =>
    transition(id, {
      from: ['processed'],
      set: { status: 'received', attempts: 0, ...pendingOf(id, at) },
      remove: ['processedAt', 'publishedAt', 'event'],
    })

  /** Puts a legal hold on an image: its time moves to the hold's end, and its own time is kept beside. */
  const hold = (
    { id, expiresAt, ownExpiresAt = expiresAt }: ImageRow,
    { until, ...given }: NonNullable<ImageRow['hold']> & { until: number },
  ) =>
    transition(id, {
      from: settledOrOnItsWay,
      unchanged: { expiresAt },
      set: { hold: given, heldUntil: until, ownExpiresAt, ...expiryOf(id, Math.max(ownExpiresAt, until)) },
    })

  /** Ends a legal hold: the image is due at its own time again. */
  const endHold = ({ id, expiresAt, ownExpiresAt = expiresAt }: ImageRow) =>
    transition(id, {
      from: settledOrOnItsWay,
      unchanged: { expiresAt },
      set: expiryOf(id, ownExpiresAt),
      remove: ['hold', 'heldUntil', 'ownExpiresAt'],
    })

  /** Another version of the original, with the same bytes, is the accepted one from now on. */
  const moveVersion = ({ id, versionId: before }: ImageRow, versionId: string | undefined) =>
    transition(id, { from: settledOrOnItsWay, unchanged: { versionId: before }, set: { versionId } })

  /**
   * Closes an image for good: from here on no other transition succeeds. The row itself goes last, by `remove`.
   * `expiresAt` is brought forward so that the hourly purge finishes what an interrupted erasure began.
   * Refused where the row is not `owner`'s, lives longer than `dueBy`, is under a legal hold, or is no upload under way
   * and should be.
   */
  const markPurged = (id: string, at: number, expiresAt: number, only: ClosingOnly = {}) =>
    transition(id, closing(id, at, expiresAt, only))

  /**
   * Writes a closed row for an image that has none, so that nothing can come to life under its id while what lies in
   * the lake is deleted. It names no person. @returns whether it was written; a row that is there stays as it is
   */
  const insertClosed = (image: ImageAddress, at: number, expiresAt: number): Promise<boolean> =>
    insert({ ...image, kind: 'image', status: 'purged', purgedAt: at, ...expiryOf(image.id, expiresAt) })

  /** Deletes the row of a purged image, or an idempotency row. @returns whether a row was deleted */
  const remove = (id: string): Promise<boolean> =>
    removeWhere(
      id,
      condition('#status = :purged OR #kind = :idempotency', { ':purged': 'purged', ':idempotency': 'idempotency' }),
    )

  /**
   * Deletes an idempotency row, if it still stands for this image or has expired by then. A key that has been used
   * again for another image in the meantime stays.
   * @returns whether a row was deleted
   */
  const forget = (id: string, only: { imageId: string } | { expiredBy: number }): Promise<boolean> =>
    removeWhere(
      id,
      'imageId' in only
        ? standsFor(only.imageId)
        : condition('#kind = :kind AND #expiresAt <= :at', { ':kind': 'idempotency', ':at': only.expiredBy }),
    )

  /**
   * Takes back the row of an upload whose original could not be stored, as long as nobody has relied on it: it is still as
   * it was inserted, and in particular no repetition of the upload has put it into the outbox.
   * @returns whether it was deleted
   */
  const withdraw = ({ id, pendingSince }: ImageRow): Promise<boolean> =>
    removeWhere(
      id,
      condition(
        '#status = :received AND #pendingShard = :unsettled AND #pendingSince = :since AND #attempts = :none AND attribute_not_exists(#heldUntil)',
        { ':received': 'received', ':unsettled': unsettledShard(id), ':since': pendingSince, ':none': 0 },
      ),
    )

  async function removeWhere(id: string, where: Condition): Promise<boolean> {
    try {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName: table, Key: { id }, ...where, ReturnValues: 'ALL_OLD' }),
      )
      return Attributes !== undefined
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw ledgerUnavailable(error)
    }
  }

  return {
    get,
    read,
    insert,
    startParts,
    completeUpload,
    markPublished,
    markResent,
    claim,
    release,
    markProcessed,
    markQuarantined,
    requeue,
    reprocess,
    hold,
    endHold,
    moveVersion,
    markPurged,
    insertClosed,
    remove,
    forget,
    withdraw,
    ...createLedgerQueries(client, table),
    ...createLedgerBatches(client, table),
    ...createOwnerQueries(client, table),
    ...createLedgerLinks(client, table),
  }
}
