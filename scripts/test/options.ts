/** The arguments of `npm test`. */
import { parseArgs } from 'node:util'

/** In the order in which they run: what answers soonest comes first. */
export const kinds = ['lint', 'types', 'unit', 'integration', 'e2e', 'python'] as const
export type Kind = (typeof kinds)[number]

export type TestOptions = {
  readonly help: boolean
  readonly kinds: readonly Kind[]
  /** Parts of test files' paths; all files when empty. */
  readonly patterns: readonly string[]
  /** Also the tests that take minutes: `*.long.test.ts`. */
  readonly long: boolean
}

export const help = `Sets everything up and runs the tests; closes with "N passed, N failed, N skipped".

  npm test -- [--only KIND]… [--long] [PATTERN]…
  npm run test:e2e                      every browser test, the long ones included

  --only KIND  one of ${kinds.join(', ')}; may be repeated
  --long       also the tests that take minutes (*.long.test.ts); a pattern that names one chooses it, too
  PATTERN      only the test files whose path contains it
  --help       this text`

/** The arguments do not fit; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly retriable = false
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): TestOptions {
  try {
    const { values, positionals: patterns } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        long: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const unknown = values.only?.find((kind) => !kinds.includes(kind as Kind))
    if (unknown !== undefined) throw new UsageError(`There is no kind of test "${unknown}": ${kinds.join(', ')}`)
    // A pattern names test files, which the linter and the compiler do not run one by one.
    const fitting = patterns.length > 0 ? kinds.filter((kind) => kind !== 'lint' && kind !== 'types') : kinds
    return {
      help: values.help,
      patterns,
      kinds: kinds.filter((kind) => (values.only ?? fitting).includes(kind)),
      long: values.long || patterns.some((pattern) => pattern.includes('.long')),
    }
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError((cause as Error).message, { cause })
  }
}
