// A lock between processes: whoever creates the lock file holds it, and a holder that died leaves a stale one behind.
// Plain JavaScript, because it guards `npm ci` as well, before any package is there.
import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const pollMs = 200

/**
 * Who a process is, beyond its id, which the system uses again: on Linux with the moment at which it started.
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process
 */
export function identify(pid) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return undefined
  }
  try {
    // The name (second field) may hold spaces and brackets; the start time is the 20th field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; its parent has only not asked yet.
    return fields[0] === 'Z' ? undefined : `${pid} ${fields[19]}`
  } catch {
    return `${pid}`
  }
}

/** @param {string} file */
function readHolder(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/**
 * Takes the lock if it is free or stale.
 * @param {string} file
 * @returns {boolean}
 */
function tryLock(file) {
  const own = `${file}.${randomUUID()}`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(own, `${identify(process.pid)}\n`)
  try {
    // link() is atomic, and the file appears with its content: nobody ever reads an empty lock.
    linkSync(own, file)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  } finally {
    rmSync(own, { force: true })
  }
  const holder = readHolder(file)
  if (holder !== undefined && identify(Number.parseInt(holder, 10)) !== holder) removeStale(file, holder)
  return false
}

/**
 * Renames the stale lock away before deleting it, and gives it back when somebody else was quicker.
 * @param {string} file
 * @param {string} holder
 */
function removeStale(file, holder) {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
    if (readHolder(aside) !== holder) linkSync(aside, file)
  } catch {
    // Another process has just done the same.
  }
  rmSync(aside, { force: true })
}

/**
 * Runs `work` while no other process holds the lock. A lock whose holder has died is taken over.
 * @template T
 * @param {string} file absolute path of the lock file; its folder is made
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (holder: number) => void }} [options] `onWait` is told once who holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait } = {}) {
  let told = false
  while (!tryLock(file)) {
    const holder = readHolder(file)
    if (holder !== undefined && !told) {
      told = true
      onWait?.(Number.parseInt(holder, 10))
    }
    await pause(pollMs)
  }
  const mine = `${identify(process.pid)}`
  try {
    return await work()
  } finally {
    if (readHolder(file) === mine) rmSync(file, { force: true })
  }
}
