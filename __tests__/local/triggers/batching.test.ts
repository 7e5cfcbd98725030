import { describe, expect, it } from 'vitest'
import { bisect, dueAt, gather, payloadLimit, splitExpired } from '../../../local/triggers/batching.ts'
import { mskEvent } from '../../../local/triggers/record.ts'
import { at, offsets, record, records, source } from './support/records.ts'

const limits = { batchSize: 10, source }

describe('a batch', () => {
  it('holds no more than the batch size, from the front of the queue', () => {
    const { records: taken, full } = gather([records(5, 30)], limits)
    expect(offsets(taken)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(full).toBe(true)
  })

  it('is not full while more could come', () => {
    expect(gather([records(1, 3)], limits)).toMatchObject({ full: false })
  })

  it('spreads over partitions and keeps the order within each', () => {
    const queues = [
      records(1, 9, { partition: 0 }),
      records(21, 22, { partition: 1 }),
      records(31, 39, { partition: 2 }),
    ]
    const { records: taken } = gather(queues, limits)
    expect(offsets(taken.filter(({ partition }) => partition === 0))).toEqual([1, 2, 3, 4])
    expect(offsets(taken.filter(({ partition }) => partition === 1))).toEqual([21, 22])
    expect(offsets(taken.filter(({ partition }) => partition === 2))).toEqual([31, 32, 33, 34])
  })

  it('stays within the payload limit of an invocation', () => {
    const large = records(1, 9, { value: Buffer.alloc(1024 * 1024) })
    const { records: taken, full } = gather([large], limits)
    expect(full).toBe(true)
    expect(taken.length).toBe(4)
    expect(JSON.stringify(mskEvent(source, taken)).length).toBeLessThanOrEqual(payloadLimit)
    expect(JSON.stringify(mskEvent(source, large.slice(0, 5))).length).toBeGreaterThan(payloadLimit)
  })

  it('never leaves a gap in a partition where a record does not fit', () => {
    const big = record(2, { value: Buffer.alloc(4 * 1024 * 1024) })
    const { records: taken } = gather([[record(1), big, record(3)], records(1, 2, { partition: 1 })], {
      ...limits,
      payloadBytes: 5_000,
    })
    expect(taken.map(({ partition, offset }) => `${partition}:${offset}`)).toEqual(['0:1', '1:1', '1:2'])
  })

  it('takes a record alone that is too large for any batch, so that it can be given up on', () => {
    const huge = record(1, { value: Buffer.alloc(payloadLimit) })
    expect(offsets(gather([[huge, record(2)]], limits).records)).toEqual([1])
  })
})

describe('the window', () => {
  it('of 0 makes a batch due at once', () => {
    expect(dueAt({ firstArrivalAt: 1_000, completedAt: 500, windowMs: 0 })).toBe(1_000)
    expect(dueAt({ firstArrivalAt: 300, completedAt: 500, windowMs: 0 })).toBe(500)
  })

  it('begins when the batch before is completed', () => {
    expect(dueAt({ firstArrivalAt: 1_200, completedAt: 1_000, windowMs: 500 })).toBe(1_500)
    expect(dueAt({ firstArrivalAt: 200, completedAt: 1_000, windowMs: 500 })).toBe(1_500)
  })

  it('begins with the first record when it ended empty', () => {
    expect(dueAt({ firstArrivalAt: 9_000, completedAt: 1_000, windowMs: 500 })).toBe(9_500)
  })
})

describe('bisecting', () => {
  it.each([
    [2, [1], [2]],
    [5, [1, 2, 3], [4, 5]],
  ])('halves %i records in order', (count, first, second) => {
    expect(bisect(records(1, count)).map(offsets)).toEqual([first, second])
  })
})

describe('the maximum record age', () => {
  const list = [record(1, { timestamp: at - 61_000 }), record(2, { timestamp: at - 60_000 }), record(3)]

  it('parts what is older from what may be delivered', () => {
    const { expired, live } = splitExpired(list, at, 60)
    expect([offsets(expired), offsets(live)]).toEqual([[1], [2, 3]])
  })

  it('of −1 lets no record be too old', () => {
    expect(splitExpired([record(1, { timestamp: 0 })], at, -1).expired).toEqual([])
  })
})
