/**
 * Batches: many uploads for the price of a few requests. The files go straight to S3, each by a presigned PUT that fixes
 * its key, type and exact length and writes nothing twice; rows and events are written for all of them at once.
 */
import pMap from 'p-map'
import type { BatchOutcome, BatchRequest, BatchTickets } from '../../contract/batch-schemas.ts'
import { problemOf } from '../../contract/problem.ts'
import { limits } from '../../platform.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { newImageId, termOf, unsettledOf } from '../shared/keys.ts'
import type { Arrival } from '../shared/upload-transitions.ts'
import { type AcceptParts, ensurePublished, publishOrLeave } from './accept.ts'
import { checkArrived } from './presigned.ts'
import { contentOf, unknownUpload, uploadingRow } from './uploading.ts'

type PresignedPut = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

export type BatchParts = AcceptParts & {
  /** Makes a presigned PUT for exactly this key, type and length. */
  readonly presignPut: (object: { key: string; contentType: string; bytes: number }) => Promise<PresignedPut>
}

/** Files that are looked at in S3 at once. */
const looksAtOnce = 16

/** Reserves an id for each image and returns where to send the files, in the order of the request. */
export async function startBatch(
  parts: BatchParts,
  ownerId: string,
  { images }: BatchRequest,
): Promise<Pick<BatchTickets, 'uploads' | 'expires_at'>> {
  const now = parts.clock()
  await parts.admit(
    ownerId,
    images.reduce((sum, { bytes }) => sum + bytes, 0),
    images.length,
  )
  const rows = images.map((image) => uploadingRow({ id: newImageId(), receivedAt: now }, ownerId, image))
  const written = await parts.ledger.insertAll(rows)
  if (written.size < rows.length) throw new UnavailableError('ledger-unavailable', 'An id was taken already')
  const uploads = await Promise.all(rows.map(async (row) => ({ id: row.id, ...(await parts.presignPut(row)) })))
  return { uploads, expires_at: new Date(now + limits.presignedPostSeconds * 1000).toISOString() }
}

type Outcome = { readonly row: ImageRow } | { readonly refusal: RequestError }

/**
 * Checks what arrived, records it as received and asks for its processing. Repeating it changes nothing.
 * @returns for each id its row, or why it was not taken in
 * @throws RequestError 409 where an id is named twice; UnavailableError when a store did not answer: what has been
 *   recorded by then stays recorded, and a repetition says so
 */
export async function completeBatch(
  parts: BatchParts,
  ownerId: string,
  ids: readonly string[],
  trace: string,
): Promise<Map<string, Outcome>> {
  if (new Set(ids).size < ids.length) {
    throw new RequestError(409, 'named-twice', 'An id is named twice', { hint: 'Name each image once.' })
  }
  const standing = await parts.ledger.rows(ids)
  const looked = new Map(
    await pMap(ids, async (id) => [id, await look(parts, ownerId, standing.get(id))] as const, {
      concurrency: looksAtOnce,
    }),
  )
  const arrivals = new Map(
    [...looked].flatMap(([id, found]) => ('arrival' in found ? [[id, found.arrival] as const] : [])),
  )
  const completed = await parts.ledger.completeUploads(arrivals)
  const overtaken = await parts.ledger.rows([...arrivals.keys()].filter((id) => !completed.has(id)))

  const outcomes = new Map<string, Outcome>()
  const received: ImageRow[] = []
  for (const [id, found] of looked) {
    if (!('arrival' in found)) outcomes.set(id, found)
    else if (completed.has(id)) {
      const { at, bytes, versionId } = found.arrival
      const arrived = { status: 'received', receivedAt: at, bytes, ...unsettledOf(id, at) } as const
      const row = { ...found.row, ...arrived, ...(versionId && { versionId }) }
      received.push(row)
      outcomes.set(id, { row })
    } else outcomes.set(id, standingOutcome(overtaken.get(id)))
  }
  await publishOrLeave(parts, received, trace)
  await ensurePublished(parts, recordedBefore([...outcomes.values()], completed))
  return outcomes
}

/** What is to be recorded about an upload, or the outcome that is certain already. */
async function look(
  { lake, clock }: BatchParts,
  ownerId: string,
  row: ImageRow | undefined,
): Promise<{ row: ImageRow; arrival: Arrival } | Outcome> {
  if (row?.ownerId !== ownerId || row.status !== 'uploading') {
    return standingOutcome(row?.ownerId === ownerId ? row : undefined)
  }
  try {
    const { bytes, versionId } = await checkArrived(lake, row)
    const at = clock()
    return {
      row,
      arrival: { at, bytes, versionId, expiresAt: at + termOf(row), owner: ownerId, ...contentOf(row) },
    }
  } catch (error) {
    if (error instanceof RequestError) return { refusal: error }
    throw error
  }
}

const standingOutcome = (row: ImageRow | undefined): Outcome =>
  row && row.status !== 'purged' ? { row } : { refusal: unknownUpload() }

const recordedBefore = (outcomes: readonly Outcome[], now: ReadonlySet<string>): ImageRow[] =>
  outcomes.flatMap((outcome) => ('row' in outcome && !now.has(outcome.row.id) ? [outcome.row] : []))

/** The answer to a completion. */
export const outcomeView = (
  outcomes: ReadonlyMap<string, Outcome>,
  accepted: (row: ImageRow) => BatchOutcome['images'][number]['accepted'],
  requestId: string,
): BatchOutcome => ({
  images: [...outcomes].map(([id, outcome]) =>
    'row' in outcome
      ? { id, accepted: accepted(outcome.row) }
      : { id, problem: problemOfError(outcome.refusal, requestId) },
  ),
})

const problemOfError = ({ status, code, message, hint }: RequestError, requestId: string) =>
  problemOf({ status, code, detail: message, hint }, requestId)
