/** Folders in the cache: made beside their place, then renamed, so that a folder that exists is whole. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from '../../scripts/bootstrap/lock.mjs'
import type { Report, Step } from '../../scripts/bootstrap/progress.mjs'

/** The words of a set-up step that gives its folder. */
export type Recipe = {
  /** What people see while it is made, e.g. `Apache Kafka 4.1.2`. */
  readonly title: string
  /** Absolute path of the finished folder. */
  readonly folder: string
  /** Fills an empty folder, telling the step how far it is. */
  readonly make: (folder: string, step: Step) => Promise<void>
}

/**
 * The recipe's folder, made if it is not there. Safe to interrupt; of several processes one makes it and the rest wait.
 * @returns the folder's absolute path
 * @throws what `make` throws; nothing half-made stays
 */
export async function cachedFolder({ title, folder, make }: Recipe, report: Report): Promise<string> {
  if (existsSync(folder)) return folder
  const onWait = (pid: number) => report.line(`… ${title}: process ${pid} is at it already, waiting for it`)
  return withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) return folder
      await removePartial(folder)
      const partial = `${folder}.partial-${process.pid}`
      await mkdir(partial, { recursive: true })
      const step = report.step(title)
      try {
        await make(partial, step)
        await rename(partial, folder)
        step.done()
        return folder
      } catch (error) {
        step.fail()
        await rm(partial, { recursive: true, force: true })
        throw error
      }
    },
    { onWait },
  )
}

/** What an interrupted process left; only the holder of the lock may call this. */
async function removePartial(folder: string) {
  const parent = dirname(folder)
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(folder)}.partial-`)) await rm(join(parent, name), { recursive: true, force: true })
  }
}
