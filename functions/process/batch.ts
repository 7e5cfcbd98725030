/**
 * A batch of records: several images at once, in the order of their offsets, and an answer that stops each partition
 * at its first failure that is worth a retry. Records behind a failure that were done already are done again, which
 * changes nothing.
 */
import pMap from 'p-map'
import type { BatchResponse, MskEvent, MskRecord } from './msk-event.ts'

export type BatchOptions = {
  /** Images in work at the same time, over all partitions. */
  readonly concurrency: number
  /** Milliseconds until Lambda ends this invocation. */
  readonly remaining: () => number
  /** A record is only begun while there is this much time left, in milliseconds. */
  readonly needed: number
}

/**
 * @param deliver settles one record; it rejects only where the record must come again
 */
export async function deliverBatch(
  { records }: MskEvent,
  deliver: (record: MskRecord) => Promise<unknown>,
  { concurrency, remaining, needed }: BatchOptions,
): Promise<BatchResponse> {
  const firstFailure = new Map<string, number>()
  await pMap(
    interleaved(records),
    async ({ partition, record }) => {
      const failedAt = firstFailure.get(partition)
      if (failedAt !== undefined && failedAt < record.offset) return
      const done = remaining() >= needed && (await succeeds(() => deliver(record)))
      if (!done) firstFailure.set(partition, Math.min(record.offset, firstFailure.get(partition) ?? record.offset))
    },
    { concurrency },
  )
  return {
    batchItemFailures: [...firstFailure].map(([partition, offset]) => ({ itemIdentifier: { partition, offset } })),
  }
}

const succeeds = (work: () => Promise<unknown>): Promise<boolean> =>
  work().then(
    () => true,
    () => false,
  )

/** Round-robin over partitions, so that a long one does not make the others wait. */
function interleaved(records: MskEvent['records']) {
  const partitions = Object.entries(records).map(([partition, list]) => ({
    partition,
    list: [...list].sort((a, b) => a.offset - b.offset),
  }))
  const longest = Math.max(0, ...partitions.map(({ list }) => list.length))
  return Array.from({ length: longest }, (_, n) => n).flatMap((n) =>
    partitions.flatMap(({ partition, list }) => (list[n] ? [{ partition, record: list[n] }] : [])),
  )
}
