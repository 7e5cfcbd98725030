/** Zips whose bytes follow from their files alone: sorted, without clocks, users or umasks. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Zippable, zipSync } from 'fflate'

/** Path in the zip, with `/` → bytes. */
export type Files = ReadonlyMap<string, Uint8Array>

/** The earliest that the format knows. fflate writes it as it is here, whatever the time zone. */
const epoch = () => new Date(1980, 0, 1)
const unix = 3
/** A regular file that everybody may read, as Lambda's user must. */
const readable = (0o100644 << 16) >>> 0

export function zip(files: Files): Uint8Array {
  const mtime = epoch()
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const entries: Zippable = Object.fromEntries(
    sorted.map(([path, bytes]) => [path, [bytes, { level: 9, mtime, os: unix, attrs: readable }]]),
  )
  return zipSync(entries)
}

/**
 * All files below a folder.
 * @param keep says of a path relative to the folder whether it belongs into the zip
 * @param prefix put before each path
 */
export async function filesBelow(folder: string, keep: (path: string) => boolean, prefix = ''): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(keep)
  return new Map(
    await Promise.all(paths.map(async (path) => [prefix + path, await readFile(join(folder, path))] as const)),
  )
}
