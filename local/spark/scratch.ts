/**
 * What Spark writes while it works: rows that it spills and shuffles, and tables that a session makes. They tell of
 * images, so each process that runs Spark has a folder of its own here, which goes with it. Where it was killed, whoever
 * looks next removes it: the gateway, every few seconds.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '../../scripts/bootstrap/lock.mjs'

export const scratchFolder = (home: string): string => join(home, 'spark')

/** A process may be as good as its number only where the system does not tell when it started. */
const nameOf = (pid: number): string | undefined => identify(pid)?.replaceAll(' ', '-')

/** A folder with all that is in it, also while somebody who is being stopped still writes there. */
export const removal = { recursive: true, force: true, maxRetries: 5 } as const

/** Makes this process's folder, which is removed when the process ends. @returns its absolute path */
export function openScratch(home: string): string {
  const folder = join(scratchFolder(home), nameOf(process.pid) ?? String(process.pid))
  mkdirSync(folder, { recursive: true })
  process.once('exit', () => rmSync(folder, removal))
  return folder
}

/** Removes the folders of processes that have ended without doing so. */
export async function sweepScratch(home: string): Promise<void> {
  const names = await readdir(scratchFolder(home)).catch(() => [])
  for (const name of names) {
    if (nameOf(Number.parseInt(name, 10)) !== name) await rm(join(scratchFolder(home), name), removal)
  }
}
