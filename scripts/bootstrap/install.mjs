// Are the packages that package-lock.json names in node_modules? If not, `npm ci`, by one process at a time.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, SetupError } from './command.mjs'
import { withLock } from './lock.mjs'

/** The packages are there, and yet something is missing that the set-up needs. */
export class InstallError extends SetupError {
  /** @override */
  name = 'InstallError'
}

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules/.darkroom-stamp')

/**
 * What the stamp must say: the lock file's content, and the platform that native packages were chosen for.
 * @param {string} lockText
 */
export const stampOf = (lockText) =>
  `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}`

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Whether npm's own record of node_modules, which it writes last, agrees with the lock file. Optional packages may be
 * absent: they are for other platforms.
 * @param {string} lockText package-lock.json
 * @param {string | undefined} installedText node_modules/.package-lock.json
 */
export function matchesLock(lockText, installedText) {
  if (installedText === undefined) return false
  const installed = JSON.parse(installedText).packages
  const wanted = Object.entries(JSON.parse(lockText).packages).filter(([path]) => path !== '')
  return wanted.every(([path, { version, optional, link }]) => {
    if (installed[path] === undefined) return optional === true || link === true
    return installed[path].version === version
  })
}

/**
 * Whether `npm ci` is due.
 * @param {string} root
 */
export function packagesDue(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stamp = stampOf(lockText)
  if (!existsSync(join(root, 'node_modules/.bin/node'))) return true
  if (read(stampFile(root)) === stamp) return false
  // Somebody ran npm by hand: its own record tells, and the stamp saves reading it the next time.
  if (!matchesLock(lockText, read(join(root, 'node_modules/.package-lock.json')))) return true
  writeFileSync(stampFile(root), stamp)
  return false
}

/**
 * Makes node_modules what package-lock.json says. Interrupted, it starts again the next time.
 * @param {string} root the repository
 * @param {import('./progress.mjs').Report} report
 * @throws {import('./command.mjs').CommandError} when npm fails
 * @throws {InstallError} when npm was told not to run install scripts
 */
export async function ensurePackages(root, report) {
  if (!packagesDue(root)) return
  const onWait = (/** @type {number} */ pid) => report.line(`… packages: process ${pid} installs them, waiting for it`)
  await withLock(join(root, '.darkroom/install.lock'), () => install(root, report), { onWait })
}

/**
 * @param {string} root
 * @param {import('./progress.mjs').Report} report
 */
async function install(root, report) {
  if (!packagesDue(root)) return
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const total = countExpected(lockText)
  const step = report.step('packages from npm')
  const count = setInterval(() => {
    const there = countUnpacked(root)
    step.update(there < total ? `${there} of ${total}` : 'install scripts')
  }, 500)
  try {
    // Development packages are part of every command, also where NODE_ENV=production is set.
    const options = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['ci', ...options], { cwd: root })
    if (!existsSync(join(root, 'node_modules/.bin/node'))) {
      throw new InstallError(
        'npm did not run the install scripts that bring Node 24.\nRun: npm rebuild node esbuild --ignore-scripts=false',
      )
    }
    writeFileSync(stampFile(root), stampOf(lockText))
    step.done()
  } catch (error) {
    step.fail()
    throw error
  } finally {
    clearInterval(count)
  }
}

/**
 * Packages directly in node_modules once all is there, without the optional ones, which depend on the platform.
 * @param {string} lockText
 */
function countExpected(lockText) {
  const packages = Object.entries(JSON.parse(lockText).packages)
  return packages.filter(([path, { optional }]) => !optional && /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path)).length
}

/** @param {string} root */
function countUnpacked(root) {
  const modules = join(root, 'node_modules')
  try {
    const names = readdirSync(modules).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : name,
    )
    // npm makes all folders first and fills them as the downloads come.
    return names.filter((name) => existsSync(join(modules, name, 'package.json'))).length
  } catch {
    return 0
  }
}
