/** Putting a new build in the place of the one that is being served. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/**
 * Moves the files of a build over those of the last one, so that a server never finds half of it: what pages ask for
 * comes first, the entry that names it last, and only then goes what the new build does not have. Both folders are on
 * one file system.
 * @param built folder of the new build; it is gone afterwards
 * @param served folder that is being served, or that does not exist yet
 * @param entry the file that names the others, below both
 */
export async function swapIn(built: string, served: string, entry: string): Promise<void> {
  const [fresh, old] = await Promise.all([filesIn(built), filesIn(served)])
  if (!fresh.includes(entry)) throw new Error(`The build has no ${entry}`)
  for (const file of [...fresh.filter((name) => name !== entry), entry]) {
    await mkdir(dirname(join(served, file)), { recursive: true })
    await rename(join(built, file), join(served, file))
  }
  const kept = new Set(fresh)
  for (const file of old) if (!kept.has(file)) await rm(join(served, file), { force: true })
  await rm(built, { recursive: true, force: true })
}

/** Files below a folder by their path in it; none where there is no such folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}
