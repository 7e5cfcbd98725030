import { describe, expect, it } from 'vitest'
import { drawSchedule, isKill, lanes } from '../../faults/schedule.ts'

const killsIn = (kills: number, seed = 1) =>
  Object.values(drawSchedule(seed, kills))
    .flat()
    .filter(({ fault }) => isKill(fault)).length

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawSchedule(7, 100)).toEqual(drawSchedule(7, 100))
    expect(drawSchedule(7, 100)).not.toEqual(drawSchedule(8, 100))
  })

  it.each([1, 2, 5, 50, 333, 1_000])('of %i kills has exactly so many', (kills) => {
    expect(killsIn(kills)).toBe(kills)
  })

  it('reaches every part, every function and every link in a thousand kills', () => {
    const faults = lanes.flatMap((lane) => drawSchedule(1, 1_000)[lane].map(({ fault }) => fault))
    const named = (key: 'part' | 'worker' | 'link') =>
      new Set(faults.flatMap((fault) => (key in fault ? [(fault as Record<string, unknown>)[key]] : [])))
    expect(named('part')).toEqual(new Set(['kafka', 's3', 'dynamodb', 'gateway', 'triggers', 'schedule']))
    expect(named('worker')).toEqual(new Set(['upload', 'images', 'process', 'republish', 'purge']))
    expect(named('link')).toEqual(new Set(['gateway', 's3', 'dynamodb', 'kafka']))
    const kinds = ['kill', 'restart', 'stop', 'kill-worker', 'stop-worker', 'kill-at', 'stop-at', 'cut-at']
    const others = ['cut', 'hole', 'slow', 'duplicates', 'reorder', 'jump']
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set([...kinds, ...others]))
  })
})
