/** What the runners found, in one shape, and the words in which `npm test` closes. */

export type Skipped = { readonly name: string; readonly reason: string }

export type Outcome = {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Skipped[]
}

/** One check that either holds or does not, such as the linter's. */
export const check = (holds: boolean): Outcome => ({ passed: holds ? 1 : 0, failed: holds ? 0 : 1, skipped: [] })

export function merge(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
  }
}

/** The skipped tests with their reasons, one per line; empty when there are none. */
export const skippedLines = ({ skipped }: Outcome): string[] =>
  skipped.length === 0 ? [] : ['Skipped:', ...skipped.map(({ name, reason }) => `  ${name}: ${reason}`)]

/** The line that CI reads. */
export const closingLine = ({ passed, failed, skipped }: Outcome): string =>
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`

/** A run in which nothing ran has shown nothing. */
export const exitCodeOf = ({ passed, failed }: Outcome): number => (failed === 0 && passed > 0 ? 0 : 1)
