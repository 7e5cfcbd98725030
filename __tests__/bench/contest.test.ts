import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { contest, ratio, summary } from '../../bench/contest.ts'

describe('contest', () => {
  it('lets contenders take turns, each beginning a round once, after one round to warm up', async () => {
    const order: string[] = []
    const contender = (name: string) => async () => void order.push(name)
    await contest({ a: contender('a'), b: contender('b') }, 2)
    expect(order.join('')).toBe('ababba')
  })

  it('measures how long each took', async () => {
    const [slow, quick] = await contest({ slow: () => pause(30), quick: async () => {} }, 3)
    if (!slow || !quick) throw new Error('nothing was measured')
    expect(slow.rounds).toHaveLength(3)
    for (const { wall } of slow.rounds) expect(wall).toBeGreaterThanOrEqual(28)
    expect(ratio(slow, quick, 'wall').median).toBeLessThan(0.5)
    expect(ratio(quick, slow, 'wall').median).toBeGreaterThan(2)
  })

  it('passes on a failure, because a round that failed measured nothing', async () => {
    await expect(contest({ a: () => Promise.reject(new Error('no')) }, 1)).rejects.toThrow('no')
  })
})

describe('summary', () => {
  it.each([
    [[3], { median: 3, least: 3, most: 3 }],
    [[9, 1, 5], { median: 5, least: 1, most: 9 }],
    [[4, 1, 2, 9], { median: 3, least: 1, most: 9 }],
  ])('of %j', (values, expected) => {
    expect(summary(values)).toEqual(expected)
  })
  it('of nothing is an error', () => {
    expect(() => summary([])).toThrow(RangeError)
  })
})
