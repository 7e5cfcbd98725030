import { describe, expect, it } from 'vitest'
import { pointsOf, type Sample } from '../../../functions/stream-admin/history-points.ts'

const minute = 60_000
const now = Date.parse('2026-11-23T12:00:30Z')
const sample = (minutesAgo: number, values: Partial<Sample> = {}): Sample => ({
  at: now - minutesAgo * minute,
  in: 0,
  out: 0,
  lag: 0,
  quarantine: 0,
  underReplicated: 0,
  groups: [],
  ...values,
})

describe('points of a chart', () => {
  it('tell events a second from counters that only grow, in order of time', () => {
    const { points } = pointsOf([sample(1, { in: 180, out: 60 }), sample(2, { in: 60, out: 0 })], '1h', now)
    expect(points.map(({ rate_in, rate_out }) => [rate_in, rate_out])).toEqual([
      [undefined, undefined],
      [2, 1],
    ])
  })

  it('have no rate across a time in which nobody measured, nor where the topic was made anew', () => {
    const { points } = pointsOf([sample(9, { in: 10 }), sample(2, { in: 400 }), sample(1, { in: 4 })], '1h', now)
    expect(points.map(({ rate_in }) => rate_in)).toEqual([undefined, undefined, undefined])
  })

  it('keep the highest lag of a step that is longer than a minute', () => {
    const { points } = pointsOf(
      [sample(11, { lag: 1 }), sample(12, { lag: 90 }), sample(13, { lag: 2, quarantine: 1 }), sample(300)],
      '24h',
      now,
    )
    expect(points.map(({ lag }) => lag)).toContain(90)
    expect(points.length).toBeLessThan(4)
  })

  it('leave out what a ring still holds from another round', () => {
    expect(pointsOf([sample(70), sample(-3), sample(5)], '1h', now).points).toHaveLength(1)
  })

  it('show the lag of one group by partition, with nought for partitions that were added later', () => {
    const group = (lag: number[]) => ({ groups: [{ group: 'readers', topic: 'images', lag }] })
    const samples = [sample(2, group([4, 0])), sample(1, group([1, 0, 7])), sample(0, {})]
    const { points, partitions } = pointsOf(samples, '1h', now, 'readers')
    expect(partitions).toEqual([0, 1, 2].map((partition) => ({ topic: 'images', partition })))
    expect(points.map((point) => point.partitions)).toEqual([
      [4, 0, 0],
      [1, 0, 7],
      [0, 0, 0],
    ])
  })
})
