import { describe, expect, it } from 'vitest'
import { countModules, type TestedModule } from '../../../scripts/test/vitest.ts'

type State = 'passed' | 'failed' | 'skipped' | 'pending'
const moduleOf = (tests: readonly { state: State; note?: string }[], errors = 0) =>
  ({
    relativeModuleId: 'a.test.ts',
    errors: () => Array.from({ length: errors }, () => ({ message: 'does not load' })),
    children: {
      allTests: () => tests.map((result, index) => ({ fullName: `works ${index}`, result: () => result })),
    },
  }) as unknown as TestedModule

describe('counting tests', () => {
  it('tells passed, failed and skipped apart, with the reason for skipping', () => {
    const tests = [{ state: 'passed' }, { state: 'failed' }, { state: 'skipped', note: 'no browser' }] as const
    expect(countModules([moduleOf(tests)], 0)).toEqual({
      passed: 1,
      failed: 1,
      skipped: [{ name: 'a.test.ts works 2', reason: 'no browser' }],
    })
  })
  it('counts a file that does not load as a failure', () => {
    expect(countModules([moduleOf([], 1), moduleOf([{ state: 'passed' }])], 0)).toMatchObject({ passed: 1, failed: 1 })
  })
  it('counts a test that never finished as a failure', () => {
    expect(countModules([moduleOf([{ state: 'pending' }])], 0)).toMatchObject({ passed: 0, failed: 1 })
  })
  it('counts errors outside any test as failures', () => {
    expect(countModules([moduleOf([{ state: 'passed' }])], 2)).toMatchObject({ passed: 1, failed: 2 })
  })
})
