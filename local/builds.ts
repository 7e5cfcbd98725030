/** What must be built before the platform can serve it: the functions' bundles and the web application. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { run } from '../scripts/bootstrap/command.mjs'
import { withLock } from '../scripts/bootstrap/lock.mjs'
import type { Report } from '../scripts/bootstrap/progress.mjs'
import { bundleFunctions } from '../scripts/bundle.ts'
import { swapIn } from './swap-in.ts'

const root = join(import.meta.dirname, '..')
/** All that the web application is made from. */
const webSources = ['web', 'contract', 'functions/shared', 'platform', 'platform.ts', 'config.ts', 'package-lock.json']
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const webEntry = 'index.html'
const webServed = join(root, 'dist', 'web')
/** Vite empties its output before it writes; a running platform must not see that. */
const webBuilt = join(root, 'dist', 'web.next')
const webStamp = join(root, 'dist', 'web.inputs')

/** Bundles the functions whose sources have changed. */
export async function buildFunctions(report: Report): Promise<void> {
  const step = report.step('functions')
  try {
    const bundles = await bundleFunctions()
    step.done(`${bundles.filter(({ built }) => built).length} of ${bundles.length} bundled anew`)
  } catch (error) {
    step.fail()
    throw error
  }
}

/** Builds the web application if a source has changed since the last whole build. Of several processes one builds. */
export async function buildWeb(report: Report): Promise<void> {
  const inputs = await digestOf(webSources.map((source) => join(root, source)))
  const isCurrent = async () =>
    existsSync(join(webServed, webEntry)) && (await readFile(webStamp, 'utf8').catch(() => '')) === inputs
  if (await isCurrent()) return
  await withLock(`${webStamp}.lock`, async () => {
    if (await isCurrent()) return
    const step = report.step('web application')
    try {
      await rm(webStamp, { force: true })
      const output = ['--outDir', webBuilt, '--emptyOutDir']
      await run(process.execPath, [vite, 'build', 'web', ...output], { cwd: root, onLine: step.update })
      await swapIn(webBuilt, webServed, webEntry)
      // Last, so that an interrupted build is never taken for a finished one.
      await writeFile(webStamp, inputs)
      step.done()
    } catch (error) {
      step.fail()
      throw error
    }
  })
}

/** Changes whenever one of the files, or of the files below one of the folders, changes its size or its time. */
async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    for (const file of await filesBelow(path)) {
      const { size, mtimeMs } = await stat(file)
      hash.update(`${relative(root, file)}\0${size}\0${mtimeMs}\0`)
    }
  }
  return hash.digest('hex')
}

async function filesBelow(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return []
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
