import { describe, expect, it } from 'vitest'
import {
  type Cursor,
  type Direction,
  nextCursor,
  readCursor,
  windowsAt,
  writeCursor,
} from '../../../functions/stream-admin/message-windows.ts'

const ranges = [
  { partition: 0, low: 3n, high: 60n },
  { partition: 1, low: 0n, high: 7n },
  { partition: 2, low: 5n, high: 5n },
]
/** A topic whose records are all in order of time: higher offsets are newer in every partition. */
const all = ranges.flatMap(({ partition, low, high }) =>
  Array.from({ length: Number(high - low) }, (_, n) => ({ partition, offset: String(low + BigInt(n)), at: n })),
)

/** Pages through as `listMessages` does. */
function pages(start: Cursor, size: number) {
  const seen: string[] = []
  let cursor: Cursor | undefined = start
  for (let rounds = 0; cursor && rounds < 100; rounds += 1) {
    const { direction }: Cursor = readCursor(writeCursor(cursor) ?? '')
    const windows = windowsAt(ranges, cursor, size)
    const found = all
      .filter(({ partition, offset }) =>
        windows.some((one) => one.partition === partition && one.from <= BigInt(offset) && BigInt(offset) < one.until),
      )
      .sort((a, b) => (direction === 'backward' ? b.at - a.at : a.at - b.at))
    const shown = found.slice(0, size)
    expect(shown.length).toBeGreaterThan(0)
    seen.push(...shown.map(({ partition, offset }) => `${partition}-${offset}`))
    cursor = nextCursor(ranges, windows, direction, found.slice(size))
  }
  return seen
}

describe('pages of messages', () => {
  it.each<[Direction, (range: (typeof ranges)[number]) => bigint]>([
    ['backward', ({ high }) => high],
    ['forward', ({ low }) => low],
  ])('going %s show every record once, and end', (direction, from) => {
    const start: Cursor = { direction, at: new Map(ranges.map((range) => [range.partition, from(range)])) }
    for (const size of [1, 7, 50, 500]) {
      expect(pages(start, size).toSorted()).toEqual(all.map(({ partition, offset }) => `${partition}-${offset}`).sort())
    }
  })

  it('begin at the oldest record where what was asked for has been deleted', () => {
    expect(windowsAt(ranges, { direction: 'forward', at: new Map([[0, 0n]]) }, 10)).toEqual([
      { partition: 0, from: 3n, until: 13n },
    ])
  })

  it.each(['', 'x0:1', 'b', 'b0', 'b0:1,', 'b0:99999999999999999999', 'f0:-1'])('do not begin at %j', (text) => {
    expect(() => readCursor(text)).toThrow('cursor')
  })
})
