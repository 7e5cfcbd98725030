// From the system's Node to the pinned one: install if due, then run the entry as a child and pass signals on.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { SetupError } from './command.mjs'
import { ensurePackages } from './install.mjs'
import { createReport } from './progress.mjs'

export const root = resolve(import.meta.dirname, '../..')
export const pinnedNode = join(root, 'node_modules/.bin/node')

/** npm passes Ctrl-C on although the terminal has already delivered it: the second within this time is an echo. */
const echoMs = 500
const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * What to run: a TypeScript file of ours with the pinned Node, or a command that a package brings.
 * @param {string} entry
 * @returns {string[]}
 */
const commandOf = (entry) =>
  entry.endsWith('.ts') ? [pinnedNode, join(root, entry)] : [join(root, 'node_modules/.bin', entry)]

/**
 * Installs the packages if that is due, runs the entry, and ends as the entry ends.
 * @param {string} entry a `.ts` file's path below the repository's root, or the name of a package's command
 * @param {readonly string[]} args
 */
export async function launch(entry, args) {
  const exit = (/** @type {NodeJS.Signals} */ signal) => process.exit(128 + constants.signals[signal])
  for (const signal of forwarded) process.on(signal, exit)
  try {
    await ensurePackages(root, createReport())
    for (const signal of forwarded) process.off(signal, exit)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exitCode = 1
    return
  }
  const [command = '', ...before] = commandOf(entry)
  process.exitCode = await runEntry(command, [...before, ...args])
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code, 128 + n after signal n
 */
function runEntry(command, args) {
  // In a process group of its own, so that Ctrl-C reaches it once, through us, and it can stop its servers in order.
  // The channel carries nothing: it closes when we are killed outright, which the entry may take as a request to end.
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: true })
  for (const signal of forwarded) {
    let last = Number.NEGATIVE_INFINITY
    process.on(signal, () => {
      if (performance.now() - last < echoMs) return
      last = performance.now()
      child.kill(signal)
    })
  }
  return new Promise((settle, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => settle(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
