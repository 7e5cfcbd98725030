import { describe, expect, it } from 'vitest'
import { createMeter, lagOf, totalOf } from '../../../functions/stream-admin/lag.ts'
import { planReset, resetWarnings } from '../../../functions/stream-admin/reset-plan.ts'

const ranges = [
  { partition: 0, low: 10n, high: 20n },
  { partition: 1, low: 0n, high: 5n },
  { partition: 2, low: 7n, high: 7n },
]

describe('lag', () => {
  it('counts from the commit to the end, from the oldest record where there is none or it has been deleted', () => {
    const lags = lagOf(ranges, [
      { partition: 0, offset: 4n },
      { partition: 2, offset: 7n },
    ])
    expect(lags.map(({ lag }) => lag)).toEqual([10, 5, 0])
    expect(totalOf(lags)).toBe(15)
  })

  it('is never negative, as when a topic was made anew', () => {
    expect(lagOf(ranges, [{ partition: 1, offset: 99n }])[1]?.lag).toBe(0)
  })
})

describe('a reset', () => {
  const lags = lagOf(ranges, [
    { partition: 0, offset: 15n },
    { partition: 1, offset: 5n },
  ])

  it('to the beginning brings everything that was committed once more', () => {
    expect(planReset(lags, 'earliest', undefined)).toEqual({
      partitions: [
        { partition: 0, before: '15', after: '10', again: 5, skipped: 0 },
        { partition: 1, before: '5', after: '0', again: 5, skipped: 0 },
        { partition: 2, after: '7', again: 0, skipped: 0 },
      ],
      again: 10,
      skipped: 0,
    })
  })

  it('to the end passes over what waits', () => {
    expect(planReset(lags, 'latest', undefined)).toMatchObject({ again: 0, skipped: 5 })
  })

  it('stays within what the topic holds, and touches only the partitions that are named', () => {
    const at = new Map([
      [0, 3n],
      [1, 500n],
    ])
    expect(planReset(lags, { at }, undefined).partitions.map(({ after }) => after)).toEqual(['10', '5', '7'])
    expect(planReset(lags, { at }, [1]).partitions.map(({ partition }) => partition)).toEqual([1])
  })

  it('says that the processor makes nothing twice, and what becomes of records that others pass over', () => {
    expect(resetWarnings({ again: 1, skipped: 0 }, true).join()).toContain('nothing is made twice')
    expect(resetWarnings({ again: 1, skipped: 0 }, false)).toEqual([])
    expect(resetWarnings({ again: 0, skipped: 1 }, false).join()).toContain('never come')
  })
})

describe('a rate', () => {
  it('follows from two looks that are far enough apart, and from none that are too far', () => {
    let now = 0
    const meter = createMeter(() => now)
    expect(meter('in', 100)).toBeUndefined()
    now = 500
    expect(meter('in', 150)).toBeUndefined()
    now = 2_000
    expect(meter('in', 200)).toBe(50)
    now = 2_100
    expect(meter('in', 900)).toBe(50)
    now = 4_000
    expect(meter('in', 10)).toBeUndefined()
    now = 100_000
    expect(meter('in', 20)).toBeUndefined()
  })
})
