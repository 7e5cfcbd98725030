/** Pictures out of a Go module, which Go fetches, and which is held against its hash. Nothing of it is built or run. */
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { ensureGo } from '../../local/setup/python.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { createReport, type Step } from '../../scripts/bootstrap/progress.mjs'

export type GoModule = {
  readonly module: string
  readonly version: string
  /** As Go writes it into `go.sum`. */
  readonly sum: string
  /** Folders in the module. */
  readonly pictures: readonly string[]
}

/** The bytes that came are not those that were meant. */
export class GoModuleError extends Error {
  override readonly name = 'GoModuleError'
  readonly retriable = false
}

/** Fills an empty folder. */
export async function fetchGoModule(
  { module, version, sum, pictures }: GoModule,
  target: string,
  step: Step,
  config: Pick<LocalConfig, 'cache'>,
): Promise<void> {
  const go = await ensureGo(config, createReport())
  const modules = join(target, 'modules')
  // Our own sum takes the place of the public database of sums. Folders that may be written to can be removed.
  const variables = [`GOMODCACHE=${modules}`, 'GOFLAGS=-modcacherw', 'GOSUMDB=off', 'GO111MODULE=on']
  step.update(`${module} ${version}`)
  await run('env', ['-C', target, ...variables, go, 'mod', 'download', `${module}@${version}`])
  const hash = join(modules, 'cache/download', module, '@v', `${version}.ziphash`)
  const found = (await readFile(hash, 'utf8')).trim()
  if (found !== sum) throw new GoModuleError(`${module} ${version} has the sum ${found} instead of ${sum}`)
  for (const folder of pictures) {
    await cp(join(modules, `${module}@${version}`, folder), join(target, folder), { recursive: true })
  }
  await rm(modules, { recursive: true })
}
