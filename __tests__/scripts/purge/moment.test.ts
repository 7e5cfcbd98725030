import { describe, expect, it } from 'vitest'
import { InvalidMomentError, momentOf } from '../../../scripts/purge/moment.ts'

const now = Date.UTC(2026, 10, 23, 12, 0, 0, 789)

describe('--now', () => {
  it.each([
    [undefined, '2026-11-23T12:00:00Z'],
    ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['2026-12-01T02:00:00+02:00', '2026-12-01T00:00:00Z'],
    ['2026-12-01T00:00:00.999Z', '2026-12-01T00:00:00Z'],
    ['2026-12-01', '2026-12-01T00:00:00Z'],
    ['+8d', '2026-12-01T12:00:00Z'],
    ['+90m', '2026-11-23T13:30:00Z'],
    ['+36h', '2026-11-25T00:00:00Z'],
    ['+5s', '2026-11-23T12:00:05Z'],
  ])('%s means %s', (text, moment) => {
    expect(momentOf(text, now)).toBe(moment)
  })

  it.each([
    'tomorrow',
    '2026-12-01T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '8d',
    '+d',
    '+1w',
    '-1d',
    '1763899200',
  ])('%s is an error', (text) => {
    expect(() => momentOf(text, now)).toThrow(InvalidMomentError)
  })
})
