/** Real photographs, fetched once from a Python package by version and hash, and kept in the cache. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { unzipSync } from 'fflate'
import { localConfig } from '../../../config.ts'
import { cachedFolder } from '../../../local/setup/cached.ts'
import { run } from '../../../scripts/bootstrap/command.mjs'
import { createReport } from '../../../scripts/bootstrap/progress.mjs'

/** Colour photographs of the package, by file name: portrait, table, cat, street, retina, rocket, galaxies. */
export const photographs = [
  'astronaut.png',
  'chelsea.png',
  'coffee.png',
  'motorcycle_left.png',
  'retina.jpg',
  'rocket.jpg',
  'hubble_deep_field.jpg',
] as const
/** Greyscale photographs. */
export const greyPhotographs = ['camera.png', 'coins.png', 'moon.png', 'page.png'] as const
export type OriginalName = (typeof photographs)[number] | (typeof greyPhotographs)[number]

const folderName = 'corpus-scikit-image-0.25.2'
// The wheel's platform does not matter, because only its pictures are used; naming it makes its hash the same everywhere.
const wheel = [
  ...['--only-binary', ':all:', '--platform', 'manylinux2014_x86_64', '--python-version', '3.11'],
  ...['--no-deps', '--require-hashes', '-r', join(import.meta.dirname, 'requirements.txt')],
]

/** The folder with the package's pictures. */
export function originalsFolder(): Promise<string> {
  const { cache } = localConfig()
  return mkdir(cache, { recursive: true }).then(() =>
    cachedFolder(
      {
        title: 'Photographs for tests (15 MB)',
        folder: join(cache, folderName),
        async make(folder, step) {
          const target = ['--disable-pip-version-check', '--progress-bar', 'off', '--dest', folder]
          await run('python3', ['-m', 'pip', 'download', ...target, ...wheel], { onLine: step.update })
          const [file] = (await readdir(folder)).filter((name) => name.endsWith('.whl'))
          if (!file) throw new Error('pip downloaded no wheel')
          await unpack(join(folder, file), folder)
        },
      },
      createReport(),
    ),
  )
}

async function unpack(wheelFile: string, folder: string) {
  const isPicture = (name: string) => /^skimage\/data\/[^/]+\.(png|jpg|gif|tif)$/.test(name)
  const files = unzipSync(await readFile(wheelFile), { filter: ({ name }) => isPicture(name) })
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, basename(name)), bytes)
  if (!existsSync(join(folder, photographs[0]))) throw new Error('The wheel holds no photographs')
}

export const original = async (name: OriginalName): Promise<Buffer> => readFile(join(await originalsFolder(), name))
