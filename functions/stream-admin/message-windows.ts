/** Which offsets a page of messages looks at, and where the next page begins. Pure. */
import { consoleLimits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { OffsetRange } from './kafka-views.ts'

/** `backward`: the newest first, towards older ones. `forward`: from somewhere towards newer ones. */
export type Direction = 'backward' | 'forward'
/** Where each partition goes on: before it (backward), or from it (forward). */
export type Cursor = { readonly direction: Direction; readonly at: ReadonlyMap<number, bigint> }
/** Of one partition: offsets `from … until`, the second not included. */
export type Window = { readonly partition: number; readonly from: bigint; readonly until: bigint }

const letters = { backward: 'b', forward: 'f' } as const
const cursorPattern = /^[bf]\d+:\d{1,19}(?:,\d+:\d{1,19})*$/

/** @returns undefined where it has too many partitions to go into an address: one looks on by partition then */
export function writeCursor({ direction, at }: Cursor): string | undefined {
  const text = letters[direction] + [...at].map(([partition, offset]) => `${partition}:${offset}`).join(',')
  return text.length <= consoleLimits.cursorLength ? text : undefined
}

/** @throws RequestError 400 for what no page has named */
export function readCursor(text: string): Cursor {
  if (!cursorPattern.test(text)) throw new RequestError(400, 'invalid-cursor', 'cursor: is none that a page has named')
  const at = text
    .slice(1)
    .split(',')
    .map((pair) => pair.split(':') as [string, string])
    .map(([partition, offset]) => [Number(partition), BigInt(offset)] as const)
  return { direction: text.startsWith('f') ? 'forward' : 'backward', at: new Map(at) }
}

/** @param most offsets of each partition; a partition that the cursor does not name is at its end */
export function windowsAt(ranges: readonly OffsetRange[], { direction, at }: Cursor, most: number): Window[] {
  return ranges.flatMap(({ partition, low, high }) => {
    const start = at.get(partition)
    if (start === undefined) return []
    const bound = within(low, start, high)
    const window =
      direction === 'forward'
        ? { partition, from: bound, until: least(high, bound + BigInt(most)) }
        : { partition, from: greatest(low, bound - BigInt(most)), until: bound }
    return window.from < window.until ? [window] : []
  })
}

/**
 * @param left offsets that were found and did not fit on the page
 * @returns undefined where everything has been shown
 */
export function nextCursor(
  ranges: readonly OffsetRange[],
  windows: readonly Window[],
  direction: Direction,
  left: readonly { readonly partition: number; readonly offset: string }[],
): Cursor | undefined {
  const at = new Map<number, bigint>()
  for (const { partition, from, until } of windows) {
    const range = ranges.find((one) => one.partition === partition)
    if (!range) continue
    const offsets = left.filter((one) => one.partition === partition).map(({ offset }) => BigInt(offset))
    const next =
      direction === 'forward'
        ? offsets.reduce(least, until)
        : offsets.reduce((most, offset) => greatest(most, offset + 1n), from)
    if (direction === 'forward' ? next < range.high : next > range.low) at.set(partition, next)
  }
  return at.size === 0 ? undefined : { direction, at }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const within = (low: bigint, value: bigint, high: bigint): bigint => greatest(low, least(value, high))
