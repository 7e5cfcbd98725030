/** Runs the Python tests with pytest, in the environment of `databricks/requirements.txt`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../bootstrap/command.mjs'
import { check, merge, type Outcome } from './outcome.ts'

const root = join(import.meta.dirname, '../..')
export const requirementsFile = join(root, 'databricks/requirements.txt')

/** pytest's own name for "no test matched". */
const nothingCollected = 5

/** Whether there is anything for pytest to run. */
export const hasPythonTests = () =>
  existsSync(requirementsFile) && globSync('databricks/**/test_*.py', { cwd: root }).length > 0

/**
 * @param python of the environment
 * @param patterns parts of test files' paths
 */
export async function runPytest(python: string, patterns: readonly string[]): Promise<Outcome> {
  const files = globSync('databricks/**/test_*.py', { cwd: root })
  const chosen =
    patterns.length > 0 ? files.filter((file) => patterns.some((part) => file.includes(part))) : ['databricks']
  if (chosen.length === 0) return merge([])
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-pytest-'))
  try {
    const report = join(folder, 'junit.xml')
    const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${report}`, ...chosen]
    const child = spawn(python, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    const [code] = await once(child, 'exit')
    if (code === nothingCollected) return merge([])
    if (!existsSync(report)) return check(false)
    const counted: Outcome = JSON.parse(await run(python, [join(import.meta.dirname, 'junit.py'), report]))
    // pytest knows of failures outside any test, such as a conftest that does not load.
    return code === 0 || counted.failed > 0 ? counted : merge([counted, check(false)])
  } finally {
    await rm(folder, { recursive: true })
  }
}
