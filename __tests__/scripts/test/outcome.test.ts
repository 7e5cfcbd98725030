import { describe, expect, it } from 'vitest'
import { check, closingLine, exitCodeOf, merge, skippedLines } from '../../../scripts/test/outcome.ts'

const skipped = [{ name: 'plan.test.ts plans', reason: 'no provider' }]

describe('the outcome of all runners', () => {
  it('adds up the counts, and closes with one plain line', () => {
    const outcome = merge([check(true), check(false), { passed: 40, failed: 1, skipped }])
    expect(closingLine(outcome)).toBe('41 passed, 2 failed, 1 skipped')
    expect(skippedLines(outcome)).toEqual(['Skipped:', '  plan.test.ts plans: no provider'])
  })
  it('lists nothing where nothing was skipped', () => {
    expect(skippedLines(check(true))).toEqual([])
  })
  it('is a success only where something passed and nothing failed', () => {
    expect(exitCodeOf(check(true))).toBe(0)
    expect(exitCodeOf({ passed: 1, failed: 0, skipped })).toBe(0)
    expect(exitCodeOf(merge([check(true), check(false)]))).toBe(1)
    expect(exitCodeOf(merge([]))).toBe(1)
    expect(exitCodeOf({ passed: 0, failed: 0, skipped })).toBe(1)
  })
})
