import { beforeEach, describe, expect, it } from 'vitest'
import { createLanes, type LaneLimits, type Lanes, type Taken } from '../../../local/triggers/lanes.ts'
import { at, offsets, records, source } from './support/records.ts'

const limits: LaneLimits = { source, batchSize: 10, windowMs: 0, pollers: 2 }
let lanes: Lanes

beforeEach(() => {
  lanes = createLanes()
  lanes.assign([0, 1, 2, 3])
})

const push = (partition: number, from: number, to: number, now = at) =>
  lanes.push(partition, records(from, to, { partition }), now)
const take = (changes: Partial<LaneLimits> = {}, now = at) => lanes.take({ ...limits, ...changes }, now)
const release = (taken: Taken | undefined, next: number | undefined, now = at) =>
  taken?.lanes.forEach((lane) => {
    lanes.release(lane, next, now)
  })
const laneOf = (taken: Taken | undefined) => taken?.lanes[0] as Taken['lanes'][0]

describe('a partition', () => {
  it('is in one batch at a time', () => {
    push(0, 1, 15)
    const first = take()
    expect(offsets(first?.records)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(take()).toBeUndefined()
    release(first, 11)
    expect(offsets(take()?.records)).toEqual([11, 12, 13, 14, 15])
  })

  it('shares batches with those of its poller only, so that another poller has something to do', () => {
    for (const partition of [0, 1, 2, 3]) push(partition, 1, 3)
    const batches = [take(), take()].map((taken) => new Set(taken?.records.map(({ partition }) => partition)))
    expect(batches.toSorted((a, b) => Math.min(...a) - Math.min(...b))).toEqual([new Set([0, 2]), new Set([1, 3])])
    expect(take()).toBeUndefined()
  })

  it('that is not ours takes nothing in', () => {
    expect(push(9, 1, 1)).toBeUndefined()
    expect(lanes.waiting()).toBe(0)
  })
})

it('whoever has waited longest is served first', () => {
  push(1, 1, 1, at + 5)
  push(0, 1, 1, at + 9)
  expect(laneOf(take({}, at + 10)).partition).toBe(1)
})

describe('a window', () => {
  it('keeps records until it is over', () => {
    push(0, 1, 2)
    expect(take({ windowMs: 500 }, at + 499)).toBeUndefined()
    expect(lanes.nextDueAt({ ...limits, windowMs: 500 })).toBe(at + 500)
    expect(offsets(take({ windowMs: 500 }, at + 500)?.records)).toEqual([1, 2])
  })

  it('ends early when the batch is full', () => {
    push(0, 1, 10)
    expect(offsets(take({ windowMs: 500 })?.records)).toHaveLength(10)
  })

  it('begins when the batch before is completed', () => {
    push(0, 1, 1)
    const first = take()
    release(first, 2, at + 1_000)
    push(0, 2, 2, at + 1_100)
    expect(lanes.nextDueAt({ ...limits, windowMs: 500 })).toBe(at + 1_500)
  })
})

describe('joining the group again', () => {
  it('forgets what was read and not started: it is read again', () => {
    push(0, 1, 3)
    lanes.assign([0, 1, 2, 3])
    expect(take()).toBeUndefined()
    push(0, 1, 3)
    expect(offsets(take()?.records)).toEqual([1, 2, 3])
  })

  it('does not repeat what was under way, when it is read again before it is done', () => {
    push(0, 1, 3)
    const underWay = take()
    lanes.assign([0, 1, 2, 3])
    push(0, 1, 5)
    expect(take()).toBeUndefined()
    release(underWay, 4)
    expect(offsets(take()?.records)).toEqual([4, 5])
  })

  it('does not repeat what was under way, when it is read again after it is done', () => {
    push(0, 1, 3)
    const underWay = take()
    lanes.assign([0, 1, 2, 3])
    release(underWay, 4)
    push(0, 1, 2)
    push(0, 3, 5)
    expect(offsets(take()?.records)).toEqual([4, 5])
  })

  it('does repeat what was abandoned', () => {
    push(0, 1, 3)
    const underWay = take()
    lanes.assign([0, 1, 2, 3])
    push(0, 1, 3)
    release(underWay, undefined)
    expect(offsets(take()?.records)).toEqual([1, 2, 3])
  })

  it('takes a topic that was made anew from its beginning', () => {
    push(0, 500, 501)
    const underWay = take()
    release(underWay, 502)
    push(0, 0, 1)
    expect(offsets(take()?.records)).toEqual([0, 1])
  })

  it('tells which partitions are no longer ours', () => {
    push(3, 1, 1)
    const underWay = take()
    const gone = lanes.assign([0, 1])
    expect(gone.map(({ partition }) => partition)).toEqual([2, 3])
    expect(lanes.has(laneOf(underWay))).toBe(false)
  })
})
