/** How far consumers are behind, and how fast records go. Pure, but for the meter, which remembers its last sample. */
import type { OffsetRange, PartitionView, Position } from './kafka-views.ts'

export type PartitionLag = {
  readonly partition: number
  readonly low: bigint
  readonly high: bigint
  /** Undefined where the group has committed nothing. */
  readonly committed: bigint | undefined
  /** Records between where the group reads on and the end. */
  readonly lag: number
}

/**
 * A group without a commit is taken to begin at the oldest record, as ours do; one whose commit has been overtaken by
 * deletion goes on at the oldest, too.
 */
export function lagOf(ranges: readonly OffsetRange[], positions: readonly Position[]): PartitionLag[] {
  const committed = new Map(positions.map(({ partition, offset }) => [partition, offset]))
  return ranges.map(({ partition, low, high }) => {
    const at = committed.get(partition)
    const from = at === undefined || at < low ? low : at
    return { partition, low, high, committed: at, lag: from >= high ? 0 : Number(high - from) }
  })
}

export const isUnderReplicated = ({ replicas, inSync }: Pick<PartitionView, 'replicas' | 'inSync'>): boolean =>
  inSync.length < replicas.length

export const totalOf = (lags: readonly { readonly lag: number }[]): number =>
  lags.reduce((sum, { lag }) => sum + lag, 0)

/** Records that a topic holds; in a compacted one, and with transactions, there are fewer than offsets. */
export const recordsOf = (ranges: readonly OffsetRange[]): number =>
  ranges.reduce((sum, { low, high }) => sum + Number(high - low), 0)

/** Everything that was ever written, as far as offsets tell. */
export const endOf = (ranges: readonly { readonly high: bigint }[]): number =>
  ranges.reduce((sum, { high }) => sum + Number(high), 0)

/** Shorter intervals would make a rate jump about. */
const shortestMs = 900
/** After so long without a look, a rate would say little about now. */
const longestMs = 60_000

export type Meter = (name: string, count: number) => number | undefined

/**
 * Rates of counters that only grow, from one look to the next.
 * @returns per second since the last look that was long enough ago; undefined at the first
 */
export function createMeter(clock: () => number): Meter {
  const last = new Map<string, { at: number; count: number; rate: number | undefined }>()
  return (name, count) => {
    const at = clock()
    const before = last.get(name)
    if (before && at - before.at < shortestMs) return before.rate
    const seconds = before && at - before.at <= longestMs ? (at - before.at) / 1000 : undefined
    // A counter that fell is another one of the same name.
    const rate = before && seconds && count >= before.count ? (count - before.count) / seconds : undefined
    last.set(name, { at, count, rate })
    return rate
  }
}
