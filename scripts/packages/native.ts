/**
 * sharp for the processor that Lambda has, whatever this machine is: installed by npm into the cache, in exactly the
 * versions of our lock file.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedFolder } from '../../local/setup/cached.ts'
import { run } from '../bootstrap/command.mjs'
import type { Report } from '../bootstrap/progress.mjs'
import { type Files, filesBelow } from './zip.ts'

export type Architecture = 'arm64' | 'x64'

type LockedPackage = { readonly version: string; readonly dependencies?: Readonly<Record<string, string>> }
type LockFile = { readonly packages: Readonly<Record<string, LockedPackage>> }

/** What npm puts beside the code: declarations, sources and notes. Licences stay. */
const superfluous = /(^|\/)(\.package-lock\.json|README\.md|src|install|binding\.gyp)(\/|$)|\.(d\.[cm]?ts|map|cc|h)$/

/**
 * @param options.cache folder for installations, which are kept
 * @returns the files of `node_modules/` that the processor needs beside its bundle
 */
export async function sharpFiles(
  architecture: Architecture,
  { root, cache, report }: { readonly root: string; readonly cache: string; readonly report: Report },
): Promise<Files> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile
  const manifest = JSON.stringify({ private: true, dependencies: lockedClosure(lock, 'sharp') })
  const digest = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  const folder = await cachedFolder(
    {
      title: `sharp for linux-${architecture}`,
      folder: join(cache, `sharp-linux-${architecture}-${digest}`),
      make: async (target, step) => {
        await writeFile(join(target, 'package.json'), manifest)
        const platform = ['--os=linux', `--cpu=${architecture}`, '--libc=glibc']
        const quiet = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
        await run('npm', ['install', ...platform, ...quiet], { cwd: target, onLine: (line) => step.update(line) })
      },
    },
    report,
  )
  return filesBelow(join(folder, 'node_modules'), (path) => !superfluous.test(path), 'node_modules/')
}

/**
 * A package and all it depends on, in the versions of the lock file. What is optional, npm chooses by platform, and
 * sharp names those versions exactly.
 */
export function lockedClosure({ packages }: LockFile, name: string): Record<string, string> {
  const versions: Record<string, string> = {}
  const add = (wanted: string, parent: string): void => {
    const nested = `${parent}/node_modules/${wanted}`
    const place = packages[nested] ? nested : `node_modules/${wanted}`
    const found = packages[place]
    if (!found) throw new Error(`package-lock.json has no ${wanted}, which ${parent || 'the processor'} needs`)
    versions[wanted] = found.version
    for (const dependency of Object.keys(found.dependencies ?? {})) add(dependency, place)
  }
  add(name, '')
  return Object.fromEntries(Object.entries(versions).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
