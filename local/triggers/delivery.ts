/**
 * One batch on its way to being done: what to do next, and what an answer changes. Pure; the dispatcher acts on it.
 * A delivery is a line of pieces: at first the whole batch, then what retries and bisecting made of it. The first
 * piece must be done (processed, or safe in the failure destination) before the next is touched.
 */
import { bisect, byPartition, payloadLimit, splitExpired } from './batching.ts'
import { type EventSource, envelopeBytes, partitionBytes, type TriggerRecord } from './record.ts'
import type { Outcome } from './response.ts'
import { retryLimit, type TriggerSettings } from './settings.ts'

/** What the failure destination is told about the function's last answer. */
export type ResponseContext = {
  readonly statusCode: 200
  readonly executedVersion: '$LATEST'
  /** Absent where the function answered, but not in a way that made the batch done. */
  readonly functionError?: 'Unhandled'
}

export type Piece = {
  readonly records: readonly TriggerRecord[]
  /** Failed invocations of the piece as it is; the first is not a retry. */
  readonly failures: number
  /** Invocations that carried these records, those of larger pieces included. */
  readonly invocations: number
  /** Refusals in a row that did not reach the function. */
  readonly throttles: number
  /** Null until the function has been invoked with these records. */
  readonly response: ResponseContext | null
  readonly reason: string
}

export type Delivery = { readonly batch: readonly TriggerRecord[]; readonly pieces: readonly Piece[] }

/** AWS documents the first and the last for Kafka; the second is what it writes for other streams. */
export type Condition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'MaximumPayloadSizeExceeded'

export type Discard = {
  readonly kind: 'discard'
  readonly condition: Condition
  readonly records: readonly TriggerRecord[]
  readonly piece: Piece
}
export type Step = { readonly kind: 'invoke'; readonly piece: Piece } | Discard | { readonly kind: 'done' }

/** What an invocation led to, for counters and logs. */
export type Effect = 'done' | 'partial' | 'bisect' | 'retry' | 'exhausted' | 'throttled'

const whole = (records: readonly TriggerRecord[]): Piece => ({
  records,
  failures: 0,
  invocations: 0,
  throttles: 0,
  response: null,
  reason: '',
})

export const startDelivery = (batch: readonly TriggerRecord[]): Delivery => ({ batch, pieces: [whole(batch)] })

/** @param now epoch milliseconds */
export function nextStep({ pieces }: Delivery, settings: TriggerSettings, source: EventSource, now: number): Step {
  const [piece] = pieces
  if (!piece) return { kind: 'done' }
  const { expired } = splitExpired(piece.records, now, settings.maximumRecordAgeSeconds)
  if (expired.length > 0) return { kind: 'discard', condition: 'RecordAgeExceeded', records: expired, piece }
  if (isTooLarge(piece, source)) {
    return { kind: 'discard', condition: 'MaximumPayloadSizeExceeded', records: piece.records, piece }
  }
  if (piece.failures > retryLimit(settings)) {
    return { kind: 'discard', condition: 'RetryAttemptsExhausted', records: piece.records, piece }
  }
  return { kind: 'invoke', piece }
}

/** Only a lone record can be: gathering keeps batches below the limit. */
function isTooLarge({ records }: Piece, source: EventSource): boolean {
  const [only] = records
  if (!only || records.length > 1) return false
  return envelopeBytes(source) + partitionBytes(only) + only.bytes > payloadLimit
}

/** The delivery after the function has been invoked with the first piece. */
export function afterInvoke(
  delivery: Delivery,
  outcome: Outcome,
  settings: TriggerSettings,
): { readonly delivery: Delivery; readonly effect: Effect } {
  const [piece, ...rest] = delivery.pieces
  if (!piece) return { delivery, effect: 'done' }
  const continued = (effect: Effect, ...pieces: Piece[]) => ({
    delivery: { ...delivery, pieces: [...pieces, ...rest] },
    effect,
  })
  if (outcome.kind === 'throttled') {
    return continued('throttled', { ...piece, throttles: piece.throttles + 1, reason: outcome.reason })
  }
  const invocations = piece.invocations + 1
  if (outcome.kind === 'success') return continued('done')
  if (outcome.kind === 'partial') return continued('partial', ...remaining(piece, outcome.resume, settings))
  const failed: Piece = {
    ...piece,
    invocations,
    throttles: 0,
    failures: piece.failures + 1,
    response: responseContext(outcome.functionError),
    reason: outcome.reason,
  }
  if (settings.bisectBatchOnFunctionError && piece.records.length > 1) {
    // "Splitting batches doesn't consume the retry quota": each half starts with all its attempts.
    const halves = bisect(piece.records).map((records) => ({ ...failed, records, failures: 0 }))
    return continued('bisect', ...halves)
  }
  return continued(failed.failures > retryLimit(settings) ? 'exhausted' : 'retry', failed)
}

/**
 * What a partial response leaves, one piece for each partition. The record at the resume offset has failed once more;
 * when it was already the first, it is set apart (if batches may be split), so that only it uses up its attempts.
 */
function remaining(piece: Piece, resume: ReadonlyMap<number, number>, settings: TriggerSettings): Piece[] {
  return [...byPartition(piece.records)].flatMap(([partition, records]) => {
    const from = resume.get(partition)
    if (from === undefined) return []
    const isFirst = records[0]?.offset === from
    const left: Piece = {
      records: records.filter(({ offset }) => offset >= from),
      failures: isFirst ? piece.failures + 1 : 1,
      invocations: piece.invocations + 1,
      throttles: 0,
      response: responseContext(false),
      reason: `The function reported offset ${from} of partition ${partition} as failed`,
    }
    if (!isFirst || !settings.bisectBatchOnFunctionError || left.records.length === 1) return [left]
    const [head, ...tail] = left.records
    return [
      { ...left, records: [head as TriggerRecord] },
      { ...left, records: tail, failures: 0 },
    ]
  })
}

const responseContext = (functionError: boolean): ResponseContext => ({
  statusCode: 200,
  executedVersion: '$LATEST',
  ...(functionError && { functionError: 'Unhandled' }),
})

/** The delivery after records of its first piece are safe in the failure destination. */
export function afterDiscard(delivery: Delivery, records: readonly TriggerRecord[]): Delivery {
  const [piece, ...rest] = delivery.pieces
  if (!piece) return delivery
  const left = piece.records.filter((record) => !records.includes(record))
  return { ...delivery, pieces: left.length > 0 ? [{ ...piece, records: left }, ...rest] : rest }
}

/** The delivery without partitions that another consumer has taken over, or that nobody waits for. */
export function withoutPartitions(delivery: Delivery, gone: ReadonlySet<number>): Delivery {
  if (gone.size === 0) return delivery
  const stays = ({ partition }: TriggerRecord) => !gone.has(partition)
  return {
    batch: delivery.batch.filter(stays),
    pieces: delivery.pieces
      .map((piece) => ({ ...piece, records: piece.records.filter(stays) }))
      .filter(({ records }) => records.length > 0),
  }
}

/**
 * What may be committed: for each partition of the batch the offset of its first record that is not done.
 * @returns partition → next offset, for those partitions of which something is done
 */
export function positions({ batch, pieces }: Delivery): ReadonlyMap<number, number> {
  const open = byPartition(pieces.flatMap(({ records }) => records))
  const committable = new Map<number, number>()
  for (const [partition, records] of byPartition(batch)) {
    const offsets = (open.get(partition) ?? []).map(({ offset }) => offset)
    const next = offsets.length > 0 ? Math.min(...offsets) : (records.at(-1)?.offset ?? 0) + 1
    if (next !== records[0]?.offset) committable.set(partition, next)
  }
  return committable
}

/** First pause before a retry, its growth, and the longest pause. AWS documents none of them for Kafka. */
const backoff = { firstMs: 500, factor: 3, mostMs: 30_000 }

/**
 * Pause before the first piece is tried again, in milliseconds: 0.5 s, 1.5 s, 4.5 s, … so that three retries outlast a
 * dependency that restarts. A half of a split batch goes at once.
 * @param random 0 to 1; spreads retries by a fifth
 */
export function pauseBefore({ pieces }: Delivery, random: number): number {
  const [piece] = pieces
  const failures = Math.max(piece?.failures ?? 0, piece?.throttles ?? 0)
  if (failures === 0) return 0
  const pause = Math.min(backoff.firstMs * backoff.factor ** (failures - 1), backoff.mostMs)
  return Math.round(pause * (0.9 + 0.2 * random))
}
