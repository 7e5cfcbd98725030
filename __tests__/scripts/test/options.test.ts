import { describe, expect, it } from 'vitest'
import { kinds, readOptions, UsageError } from '../../../scripts/test/options.ts'

describe('the arguments of npm test', () => {
  it('run everything by default', () => {
    expect(readOptions([])).toEqual({ help: false, kinds: [...kinds], patterns: [], long: false })
  })
  it('choose kinds, in the order in which they run', () => {
    expect(readOptions(['--only', 'unit', '--only', 'lint']).kinds).toEqual(['lint', 'unit'])
  })
  it('leave out what cannot run file by file when a pattern is given', () => {
    expect(readOptions(['ledger'])).toMatchObject({
      kinds: ['unit', 'integration', 'e2e', 'python'],
      patterns: ['ledger'],
    })
  })
  it.for([[['--only', 'e2e', '--long']], [['__tests__/e2e/console.long.test.ts']]])(
    'leave the long browser tests to those who ask for them: %s',
    ([args]) => {
      expect(readOptions(['__tests__/e2e/console.test.ts']).long).toBe(false)
      expect(readOptions(args ?? []).long).toBe(true)
    },
  )
  it.for([[['--only', 'everything']], [['--fast']], [['--only']]])('refuse %s', ([args]) => {
    expect(() => readOptions(args ?? [])).toThrow(UsageError)
  })
})
