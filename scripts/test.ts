/** `npm test`: sets up what the chosen tests need, runs them, and closes with one line of counts. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { localConfig } from '../config.ts'
import { buildFunctions, buildWeb } from '../local/builds.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { ensureSystem } from '../local/setup/system.ts'
import { ensureTools } from '../local/setup/tools.ts'
import { SetupError } from './bootstrap/command.mjs'
import { createReport, type Report } from './bootstrap/progress.mjs'
import { help, type Kind, readOptions, type TestOptions, UsageError } from './test/options.ts'
import { closingLine, exitCodeOf, merge, type Outcome, skippedLines } from './test/outcome.ts'
import { hasPythonTests, requirementsFile, runPytest } from './test/python.ts'
import { runStatic } from './test/static.ts'
import { runVitest } from './test/vitest.ts'

const root = join(import.meta.dirname, '..')
/** The kinds of test that need the running platform; each has a folder and a vitest project of its name. */
const platformKinds = ['integration', 'e2e'] as const satisfies readonly Kind[]

/** Whether there are any that the patterns choose. */
const hasTests = (kind: (typeof platformKinds)[number], patterns: readonly string[]) =>
  globSync(`__tests__/${kind}/**/*.test.ts`, { cwd: root }).some(
    (file) => patterns.length === 0 || patterns.some((part) => file.includes(part)),
  )

/** What the chosen tests need; @returns the Python to run pytest with, where there is something to run. */
async function setUp({ kinds, patterns }: TestOptions, report: Report): Promise<string | undefined> {
  const config = localConfig()
  const browser = kinds.includes('e2e') && hasTests('e2e', patterns)
  if (browser) await ensureSystem(['chromium'], report)
  if (browser || (kinds.includes('integration') && hasTests('integration', patterns))) {
    await ensureTools(config, report)
    await Promise.all([buildFunctions(report), buildWeb(report)])
  }
  if (!kinds.includes('python') || !hasPythonTests()) return undefined
  const { python } = await ensureVenv(config, report, requirementsFile)
  return python
}

async function runTests({ kinds, patterns, long }: TestOptions, python: string | undefined): Promise<Outcome> {
  const outcomes: Outcome[] = []
  if (kinds.includes('lint')) outcomes.push(await runStatic('lint'))
  if (kinds.includes('types')) outcomes.push(await runStatic('types'))
  if (kinds.includes('unit')) outcomes.push(await runVitest(['unit'], patterns))
  // On its own, because vitest starts the platform before the first test of a run, and it would slow the unit tests.
  const live = platformKinds.filter((kind) => kinds.includes(kind) && hasTests(kind, patterns))
  const projects = long ? live.flatMap((kind) => [kind, `${kind}-long`]) : live
  if (projects.length > 0) outcomes.push(await runVitest(projects, patterns))
  if (python) outcomes.push(await runPytest(python, patterns))
  return merge(outcomes)
}

// Ctrl-C ends the tests at once; whatever they started ends with this process, in its own order.
const interrupt = () => process.exit(130)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
// The launcher may be killed outright; its channel tells, and must not keep us alive.
process.once('disconnect', interrupt)
process.channel?.unref()

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    console.log(help)
  } else {
    const outcome = await runTests(options, await setUp(options, createReport()))
    for (const line of skippedLines(outcome)) console.log(line)
    if (outcome.passed + outcome.failed === 0) console.log(`No test matches ${options.patterns.join(' ')}`)
    console.log(closingLine(outcome))
    process.exitCode = exitCodeOf(outcome)
  }
} catch (error) {
  if (!(error instanceof SetupError || error instanceof UsageError)) throw error
  console.error(error instanceof UsageError ? `${error.message}\n\n${help}` : error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
