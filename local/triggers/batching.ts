/** Gathering and splitting batches. Pure; a batch is a list of records in which each partition keeps its order. */
import { type EventSource, envelopeBytes, partitionBytes, type TriggerRecord } from './record.ts'

/** Lambda's limit on the payload of a synchronous invocation; an event source mapping cannot change it. */
export const payloadLimit = 6 * 1024 * 1024

export type BatchLimits = { readonly batchSize: number; readonly source: EventSource; readonly payloadBytes?: number }
export type Gathered = {
  readonly records: readonly TriggerRecord[]
  /** Nothing more would fit, so there is no reason to wait for the window. */
  readonly full: boolean
}

/**
 * Takes records from the front of each partition's queue, one in turn from each, so that a batch spreads over as many
 * partitions as have something. A record that is too large by itself is taken alone: the delivery discards it.
 */
export function gather(queues: readonly (readonly TriggerRecord[])[], limits: BatchLimits): Gathered {
  const payloadBytes = limits.payloadBytes ?? payloadLimit
  const taken = queues.map(() => 0)
  const open = new Set(queues.keys())
  let count = 0
  let bytes = envelopeBytes(limits.source)
  let full = false
  while (open.size > 0 && count < limits.batchSize) {
    for (const index of open) {
      const next = queues[index]?.[taken[index] ?? 0]
      if (!next) {
        open.delete(index)
        continue
      }
      const added = next.bytes + 1 + (taken[index] === 0 ? partitionBytes(next) : 0)
      if (count > 0 && bytes + added > payloadBytes) {
        open.delete(index)
        full = true
        continue
      }
      taken[index] = (taken[index] ?? 0) + 1
      bytes += added
      count += 1
      if (count === limits.batchSize) break
    }
  }
  return {
    records: queues.flatMap((queue, index) => queue.slice(0, taken[index])),
    full: full || count >= limits.batchSize,
  }
}

/**
 * When a batch that is not full is sent: the window starts when the previous batch is completed (as in provisioned
 * mode), and a window that ended with nothing to send starts again with the first record.
 * @returns epoch milliseconds
 */
export function dueAt(times: { firstArrivalAt: number; completedAt: number; windowMs: number }): number {
  const { firstArrivalAt, completedAt, windowMs } = times
  return firstArrivalAt <= completedAt + windowMs ? completedAt + windowMs : firstArrivalAt + windowMs
}

/** Two halves; the first is done before the second starts, so order within a partition holds. */
export function bisect(records: readonly TriggerRecord[]): [readonly TriggerRecord[], readonly TriggerRecord[]] {
  const middle = Math.ceil(records.length / 2)
  return [records.slice(0, middle), records.slice(middle)]
}

/** @param maximumAgeSeconds −1: no record is too old */
export function splitExpired(
  records: readonly TriggerRecord[],
  now: number,
  maximumAgeSeconds: number,
): { readonly expired: readonly TriggerRecord[]; readonly live: readonly TriggerRecord[] } {
  if (maximumAgeSeconds < 0) return { expired: [], live: records }
  const isExpired = ({ timestamp }: TriggerRecord) => now - timestamp > maximumAgeSeconds * 1000
  return { expired: records.filter(isExpired), live: records.filter((record) => !isExpired(record)) }
}

export function byPartition(records: readonly TriggerRecord[]): ReadonlyMap<number, readonly TriggerRecord[]> {
  return Map.groupBy(records, ({ partition }) => partition)
}
