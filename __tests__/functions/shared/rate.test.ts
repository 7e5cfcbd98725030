import { describe, expect, it } from 'vitest'
import { parseRate, RateError } from '../../../functions/shared/rate.ts'
import { schedules } from '../../../platform.ts'

describe('rate expressions', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('reads %s', (expression, milliseconds) => {
    expect(parseRate(expression)).toBe(milliseconds)
  })

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(1.5 hours)',
    'rate(1 second)',
    'cron(0 * * * ? *)',
    '',
  ])('refuses %j, as EventBridge does', (expression) => {
    expect(() => parseRate(expression)).toThrow(RateError)
  })

  it.each(Object.entries(schedules))('reads the schedule of %s', (_name, expression) => {
    expect(parseRate(expression)).toBeGreaterThanOrEqual(60_000)
  })
})
