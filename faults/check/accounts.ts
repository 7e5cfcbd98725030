/**
 * Every acknowledged upload against what the stores hold, in the manner of Jepsen's total-queue: what was acknowledged
 * must be there once, or gone for a reason; what was not answered may be either; nothing else may be there. Pure.
 */
import type { ImageRow } from '../../functions/shared/image.ts'
import { isUncertain, pendingShards } from '../../functions/shared/keys.ts'
import type { Observation } from '../observe.ts'
import { type Upload, vanished } from '../workload/history.ts'
import type { Finding, FindingKind } from './findings.ts'

const finding = (kind: FindingKind, id: string, detail: string): Finding => ({ kind, id, detail })

export function checkAccounts(uploads: readonly Upload[], seen: Observation): Finding[] {
  const acknowledged = new Set(uploads.flatMap((upload) => [...upload.acknowledged]))
  return [
    ...uploads.flatMap((upload) => checkUpload(upload, seen)),
    ...unexplainedRows(uploads, seen),
    ...[...seen.rows.values()]
      .filter((row) => acknowledged.has(row.id) || !isAbandoned(row, seen))
      .flatMap((row) => checkRow(row, seen)),
    ...leftBehind(uploads, seen),
    ...doubleSettlements(seen),
  ]
}

function checkUpload(upload: Upload, { rows }: Observation): Finding[] {
  const { acknowledged, key, number, expect } = upload
  const ids = [...acknowledged]
  const doubled =
    key && ids.length > 1 ? [finding('doubled', ids[1] ?? '', `upload ${number} under one key: ${ids.join(', ')}`)] : []
  const missing = upload.events.filter(({ what }) => what.startsWith(vanished))
  return [
    ...doubled,
    ...missing
      .slice(0, 1)
      .map(({ what }) => finding('vanished', ids[0] ?? begunOf(upload), `upload ${number}: ${what}`)),
    ...(upload.refused && ids.length === 0
      ? [finding('refused', begunOf(upload), `upload ${number}: ${upload.refused}`)]
      : []),
    ...ids.flatMap((id) => checkEnd(upload, id, rows.get(id), expect)),
  ]
}

const begunOf = ({ begun }: Upload): string => [...begun].at(-1) ?? ''

/** May be gone, must be gone, or must be there. */
function checkEnd(upload: Upload, id: string, row: ImageRow | undefined, expect: Upload['expect']): Finding[] {
  const removed = upload.erased !== 'no' || upload.aged
  if (!row) return removed ? [] : [finding('lost', id, `upload ${upload.number} was acknowledged`)]
  const { status, reason } = row
  if (upload.erased === 'told' || upload.aged) {
    // An attempt under its key that was never answered may have brought it back, or begun it again.
    if (!upload.unanswered || upload.key === undefined || status === 'purged') {
      return [finding('not-gone', id, `its row is ${status}`)]
    }
    if (status === 'uploading') return []
  }
  if (status === 'processed' && expect === 'quarantined') return [finding('wrong-verdict', id, 'processed')]
  if (status === 'quarantined' && reason?.code !== 'crashes-the-processor') {
    if (reason?.code === 'original-missing') return [finding('original-missing', id, reason.message)]
    if (expect === 'processed') return [finding('wrong-verdict', id, `quarantined: ${reason?.code}`)]
  }
  return status === 'uploading' ? [finding('lost', id, 'acknowledged, and its row is still uploading')] : []
}

/** A row must be accounted for by a request: acknowledged, begun, or without an answer. */
function unexplainedRows(uploads: readonly Upload[], { rows }: Observation): Finding[] {
  const known = new Set(uploads.flatMap(({ acknowledged, begun }) => [...acknowledged, ...begun]))
  const possible = new Set(uploads.filter(mayHaveMoreRows).map(({ sha256 }) => sha256))
  // What is announced first and was not answered has a row, and the client never heard its id.
  const unheard = uploads.some((upload) => upload.way !== 'direct' && upload.unanswered)
  return [...rows.values()]
    .filter(({ id }) => !known.has(id))
    .filter(({ status, sha256 }) => !(status === 'uploading' && unheard) && !(sha256 && possible.has(sha256)))
    .map(({ id, status }) => finding('unexplained-row', id, `its row is ${status ?? 'without a status'}`))
}

/** Under a key all attempts are one image; without one each attempt is an image of its own. */
const mayHaveMoreRows = ({ way, unanswered, key, acknowledged }: Upload) =>
  way === 'direct' && unanswered && (key === undefined || acknowledged.size === 0)

/** A row whose upload ended before the original was stored: it waits for the search for orphan rows. */
export const isAbandoned = (row: ImageRow, { objects }: Pick<Observation, 'objects'>) =>
  isUncertain(row) && !objects.has(row.id)

function checkRow(row: ImageRow, seen: Observation): Finding[] {
  const { id, status } = row
  if (status === 'received' || status === 'published') return [finding('stuck', id, `its row is ${status}`)]
  if (status === 'quarantined') {
    const record = seen.quarantined.some(({ key }) => key === id)
    const reason = row.reason ? [] : [finding('no-quarantine-record', id, 'its row has no reason')]
    return record ? reason : [finding('no-quarantine-record', id, `reason ${row.reason?.code}`), ...reason]
  }
  return []
}

/** Rows whose event is not where they say. To be asked as long as rows still wait, too. */
export function checkPositions({ rows, events }: Pick<Observation, 'rows' | 'events'>): Finding[] {
  const at = new Map(events.map(({ partition, offset, key }) => [`${partition}/${offset}`, key]))
  return [...rows.values()].flatMap(({ id, event, status }) => {
    if (!event) return status === 'published' ? [finding('no-event', id, 'published, without a position')] : []
    const key = at.get(`${event.partition}/${event.offset}`)
    return key === id
      ? []
      : [finding('no-event', id, `${event.topic}-${event.partition} at ${event.offset} holds ${key ?? 'nothing'}`)]
  })
}

/**
 * In the stream, read to the end by the trigger, and still waiting. Only a copy in the failure destination excuses that;
 * the sweep would send it again half an hour later, which must not hide that the trigger lost it.
 */
export function checkSkipped({ rows, events, givenUp }: Pick<Observation, 'rows' | 'events' | 'givenUp'>): Finding[] {
  const sent = new Set(events.map(({ key }) => key))
  return [...rows.values()]
    .filter(({ id, status }) => (status === 'published' || (status === 'received' && sent.has(id))) && !givenUp.has(id))
    .map(({ id }) => finding('skipped', id, 'the trigger has committed everything'))
}

/**
 * Acknowledged, and its event neither in the stream nor in the outbox. What was not acknowledged may stand there so: it
 * is sent half an hour later, which must not hide that nobody meant to send an event that was promised.
 */
export function checkUnsent(
  { rows, events }: Pick<Observation, 'rows' | 'events'>,
  acknowledged: ReadonlySet<string>,
): Finding[] {
  const sent = new Set(events.map(({ key }) => key))
  return [...rows.values()]
    .filter(({ id, status }) => status === 'received' && acknowledged.has(id) && !sent.has(id))
    .filter(({ pendingShard = '' }) => !pendingShards.includes(pendingShard))
    .map(({ id }) => finding('no-event', id, 'acknowledged, and neither in the topic nor in the outbox'))
}

function leftBehind(uploads: readonly Upload[], { rows, objects }: Observation): Finding[] {
  const acknowledged = new Map(uploads.flatMap((upload) => [...upload.acknowledged].map((id) => [id, upload] as const)))
  return [...objects].flatMap(([id, versions]) => {
    const upload = acknowledged.get(id)
    if (rows.has(id) || !upload) return []
    // A file that was still on its way to S3 may arrive behind the erasure; it is an orphan like any other.
    // So may the file of a repetition that found the row still there.
    const late = (upload.way === 'presigned' || upload.way === 'batch' || upload.key) && upload.unanswered
    return late ? [] : [finding('left-behind', id, versions.map(({ key }) => key.split('/').at(-1)).join(', '))]
  })
}

function doubleSettlements({ settlements }: Observation): Finding[] {
  return [...settlements]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => finding('doubled', id, `the processor settled it ${count} times`))
}

/** After the grace has been played: nothing may be there that no row stands for, and no row that stands for nothing. */
export function checkOrphans({ rows, objects, unfinished, strange, temporary }: Observation): Finding[] {
  return [
    ...[...rows.values()]
      .filter((row) => isAbandoned(row, { objects }))
      .map(({ id }) => finding('stuck', id, 'its original never arrived, and its row outlived the grace')),
    ...[...objects]
      .filter(([id]) => !rows.has(id))
      .map(([id, versions]) => finding('unexplained-object', id, versions.map(({ key }) => key).join(', '))),
    ...unfinished
      .filter(({ id }) => !rows.has(id))
      .map(({ id, uploadId }) => finding('unexplained-object', id, `unfinished upload ${uploadId}`)),
    ...[...strange, ...temporary].map((name) => finding('unexplained-object', '', name)),
  ]
}

/** After everything has been purged, and again after the topic has been replayed: nothing may be there at all. */
export function checkNothingLeft(
  { rows, keys, objects, unfinished, temporary }: Observation,
  kind: 'not-gone' | 'resurrected',
): Finding[] {
  return [
    ...[...rows.values()].map(({ id, status }) => finding(kind, id, `a row that is ${status ?? 'without a status'}`)),
    ...[...objects].map(([id, versions]) => finding(kind, id, versions.map(({ key }) => key).join(', '))),
    ...unfinished.map(({ id, uploadId }) => finding(kind, id, `unfinished upload ${uploadId}`)),
    ...temporary.map((name) => finding(kind, '', name)),
    ...keys.map(({ imageId }) => finding(kind, imageId, 'the row of an Idempotency-Key')),
  ]
}
