/** Where a consumer group would stand after a reset, and what that means. Pure. */
import type { StreamResetDone } from '../../contract/stream-schemas.ts'
import type { PartitionLag } from './lag.ts'

/** @param at where each partition is to stand, as it was asked for */
export type ResetTarget = 'earliest' | 'latest' | { readonly at: ReadonlyMap<number, bigint> }

export type ResetPlan = Pick<StreamResetDone, 'partitions' | 'again' | 'skipped'>

/**
 * @param only these partitions; all where it is undefined
 * @returns positions within what the topic holds, with the records that come again or are passed over
 */
export function planReset(
  lags: readonly PartitionLag[],
  target: ResetTarget,
  only: readonly number[] | undefined,
): ResetPlan {
  const partitions = lags
    .filter(({ partition }) => !only || only.includes(partition))
    .map(({ partition, low, high, committed }) => {
      const wanted = target === 'earliest' ? low : target === 'latest' ? high : (target.at.get(partition) ?? high)
      const after = wanted < low ? low : wanted > high ? high : wanted
      const from = committed === undefined || committed < low ? low : committed > high ? high : committed
      return {
        partition,
        ...(committed !== undefined && { before: String(committed) }),
        after: String(after),
        again: after < from ? Number(from - after) : 0,
        skipped: after > from ? Number(after - from) : 0,
      }
    })
  const sum = (name: 'again' | 'skipped') => partitions.reduce((total, partition) => total + partition[name], 0)
  return { partitions, again: sum('again'), skipped: sum('skipped') }
}

export function resetWarnings(
  { again, skipped }: Pick<ResetPlan, 'again' | 'skipped'>,
  ofProcessor: boolean,
): string[] {
  return [
    ...(again > 0 && ofProcessor ? ['Images that are processed already stay as they are: nothing is made twice.'] : []),
    ...(skipped > 0
      ? [
          ofProcessor
            ? 'Records that are passed over are not lost: the sweep sends the events of unfinished images again after half an hour.'
            : 'Records that are passed over never come to this group.',
        ]
      : []),
  ]
}
