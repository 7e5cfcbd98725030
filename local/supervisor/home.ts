/** The folder that holds all state: emptied on request, watched for space. */
import { existsSync } from 'node:fs'
import { mkdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from './errors.ts'

/** Below this Kafka and S3 are near to refusing writes. In bytes. */
const scarceBytes = 1024 ** 3

/** @throws StartError when the home cannot be written */
export async function prepareHome(home: string): Promise<void> {
  try {
    for (const folder of ['data', 'logs', 'pids', 'run']) await mkdir(join(home, folder), { recursive: true })
  } catch (cause) {
    const reason = (cause as Error).message
    throw new StartError(`${home} cannot be used (${reason}). Set DARKROOM_HOME to a folder of yours.`, { cause })
  }
}

/** A warning when the disk is nearly full, otherwise undefined. */
export async function warnIfScarce(home: string, readSpace = statfs): Promise<string | undefined> {
  const { bavail, bsize } = await readSpace(home)
  const free = bavail * bsize
  if (free >= scarceBytes) return undefined
  return `Only ${Math.floor(free / 1024 ** 2)} MB are free where ${home} lies: uploads will be refused when it is full.`
}

/**
 * Removes the services' data, and nothing else: the home may have been set to a folder that holds more.
 * @returns the folders that were removed
 */
export async function resetData(folders: readonly string[]): Promise<string[]> {
  const present = folders.filter((folder) => existsSync(folder))
  for (const folder of present) await rm(folder, { recursive: true, force: true })
  return present
}
