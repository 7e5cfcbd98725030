/**
 * Legal hold: an image that must not be deleted until a given day, whoever asks. A hold moves the row's own time of
 * expiry, so the purge, the index and TTL need know nothing about it; when it ends, the image is due at its own time,
 * and at once where that is past.
 */
import {
  type Hold,
  type HoldChange,
  type HoldReleased,
  type HoldRequest,
  longestHold,
} from '../../contract/hold-schemas.ts'
import { RequestError } from '../shared/errors.ts'
import type { Holds } from '../shared/holds.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'
import { type ItemKey, itemOf } from '../shared/receipts/item-keys.ts'

export type HoldParts = {
  readonly ledger: Pick<Ledger, 'get' | 'hold' | 'endHold'>
  readonly holds: Pick<Holds, 'listed' | 'list' | 'recordChange' | 'changes'>
  readonly itemKey: () => Promise<ItemKey>
  readonly clock: () => number
}

const iso = (at: number) => new Date(at).toISOString()

/**
 * Places a hold, or moves the end of one. The list and the record come first: a hold that nobody could find again, or
 * that nobody had asked for by the record, would be worse than a record of one that was never placed.
 * @throws RequestError 404, 409 where the image is being erased, 422 for an end that is past or too far
 */
export async function placeHold(parts: HoldParts, by: string, id: string, request: HoldRequest): Promise<Hold> {
  const now = parts.clock()
  const until = Date.parse(request.until)
  if (until <= now || until > now + longestHold) {
    const days = longestHold / 86_400_000
    throw new RequestError(422, 'hold-out-of-range', `A hold ends in the future, and in ${days} days at the latest`, {
      hint: 'Place it anew when the time comes.',
    })
  }
  const row = await living(parts, id)
  await parts.holds.list(id)
  await record(parts, id, { at: iso(now), by, action: 'placed', why: request.why, until: iso(until) })
  const held = await parts.ledger.hold(row, { by, why: request.why, at: now, until })
  if (!held.ok) throw changedMeanwhile()
  return holdOf(held.row) as Hold
}

/** Ends a hold now. @throws RequestError 404 also where the image is not held */
export async function releaseHold(parts: HoldParts, by: string, id: string): Promise<HoldReleased> {
  const row = await living(parts, id)
  if (!row.hold) throw new RequestError(404, 'not-held', 'The image is not under a hold')
  await record(parts, id, { at: iso(parts.clock()), by, action: 'released' })
  const released = await parts.ledger.endHold(row)
  if (!released.ok) throw changedMeanwhile()
  return { id, expires_at: iso(released.row.expiresAt) }
}

/** Holds that stand now, and the newest changes. */
export async function showHolds(parts: HoldParts, limit: number): Promise<{ items: Hold[]; changes: HoldChange[] }> {
  const rows = await Promise.all((await parts.holds.listed()).map((id) => parts.ledger.get(id)))
  const now = parts.clock()
  const standing = rows.filter((row) => row !== undefined && (row.heldUntil ?? 0) > now) as ImageRow[]
  return { items: standing.flatMap((row) => holdOf(row) ?? []), changes: await parts.holds.changes(limit) }
}

async function living({ ledger }: HoldParts, id: string): Promise<ImageRow> {
  const row = isImageId(id) ? await ledger.get(id) : undefined
  if (row && row.status !== 'purged' && row.status !== 'uploading') return row
  throw new RequestError(404, 'unknown-image', 'There is no such image')
}

async function record(parts: HoldParts, id: string, change: Omit<HoldChange, 'item' | 'item_key'>): Promise<void> {
  const key = await parts.itemKey()
  await parts.holds.recordChange({ ...change, item: itemOf(key, id), item_key: key.id })
}

function holdOf({ id, hold, heldUntil, ownExpiresAt }: ImageRow): Hold | undefined {
  if (!hold || heldUntil === undefined || ownExpiresAt === undefined) return undefined
  const { by, why, at } = hold
  return { id, by, why, placed_at: iso(at), until: iso(heldUntil), expires_without: iso(ownExpiresAt) }
}

const changedMeanwhile = () =>
  new RequestError(409, 'changed-meanwhile', 'The image changed at this very moment', {
    hint: 'Look at it again: it may have been erased.',
  })
