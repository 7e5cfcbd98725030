/** Runs vitest's projects in this process and counts what they found. */
import { createVitest, type TestCase, type TestModule, type Vitest } from 'vitest/node'
import { merge, type Outcome } from './outcome.ts'

/** The parts of vitest's result that are counted. */
export type TestedModule = Pick<TestModule, 'errors' | 'relativeModuleId'> & {
  children: { allTests(): Iterable<Pick<TestCase, 'fullName' | 'result'>> }
}

/**
 * Counts tests; a file that could not be loaded, and an error outside any test, count as one failure each.
 * @param unhandled number of errors outside tests
 */
export function countModules(modules: readonly TestedModule[], unhandled: number): Outcome {
  const tests = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => ({
      name: `${module.relativeModuleId} ${test.fullName}`,
      result: test.result(),
    })),
  )
  const skipped = tests.flatMap(({ name, result }) =>
    result.state === 'skipped' ? [{ name, reason: result.note ?? 'no reason given' }] : [],
  )
  const passed = tests.filter(({ result }) => result.state === 'passed').length
  const brokenFiles = modules.filter((module) => module.errors().length > 0).length
  // What is neither passed nor skipped did not hold: failed, or never finished.
  return { passed, failed: tests.length - passed - skipped.length + brokenFiles + unhandled, skipped }
}

/**
 * @param projects names in `vitest.config.ts`
 * @param patterns parts of test files' paths
 */
export async function runVitest(projects: readonly string[], patterns: readonly string[]): Promise<Outcome> {
  let outcome: Outcome = { passed: 0, failed: 1, skipped: [] }
  const counter = {
    onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
      outcome = countModules(modules, unhandled.length)
    },
  }
  const vitest: Vitest = await createVitest('test', {
    project: [...projects],
    reporters: ['default', counter],
    passWithNoTests: true,
    watch: false,
  })
  try {
    await vitest.start([...patterns])
  } catch (error) {
    if ((error as { code?: string }).code === 'VITEST_FILES_NOT_FOUND') return merge([])
    // The global set-up failed, for one: no test ran, and that is a failure.
    console.error(error)
    outcome = { ...outcome, failed: Math.max(1, outcome.failed) }
  } finally {
    await vitest.close()
  }
  return outcome
}
