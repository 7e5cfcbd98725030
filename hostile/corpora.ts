/** Public collections of real, odd and broken images, fetched once by version and hash, and kept in the cache. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { originalsFolder } from '../__tests__/support/corpus/originals.ts'
import { localConfig } from '../config.ts'
import { cachedFolder } from '../local/setup/cached.ts'
import { createReport, type Report, type Step } from '../scripts/bootstrap/progress.mjs'
import { fetchGoModule } from './corpora/go-module.ts'
import { fetchSourceDistribution } from './corpora/source-distribution.ts'

type Collection = {
  readonly title: string
  readonly version: string
  readonly fetch: (target: string, step: Step, version: string) => Promise<void>
  /** By its path, whether a file is whole, where a collection says so; of the others bare sharp must tell. */
  readonly whole?: RegExp
}

const collections = {
  pillow: {
    title: "Pillow's test images (47 MB)",
    version: '12.0.0',
    fetch: (target, step) => fetchSourceDistribution({ package: 'pillow', pictures: 'Tests/images' }, target, step),
  },
  'pillow-heif': {
    title: 'HEIC photographs for tests (17 MB)',
    version: '1.8.1',
    fetch: (target, step) =>
      fetchSourceDistribution({ package: 'pillow-heif', pictures: 'tests/images' }, target, step),
    // The others there are broken, or odd on purpose.
    whole: /^heif(_other)?\/[^/]+\.(heic|heif|hif)$/,
  },
  'go-image': {
    title: "Test images of Go's decoders (5 MB)",
    version: 'v0.47.0',
    fetch: (target, step, version) =>
      fetchGoModule(
        {
          module: 'golang.org/x/image',
          version,
          sum: 'h1:za/8gVz++PPZqmZJBNSISICN5Rrj5zixP/8K++fgmqo=',
          pictures: ['testdata', 'tiff/testdata', 'ccitt/testdata'],
        },
        target,
        step,
        localConfig(),
      ),
    whole: /^testdata\/(?!invalid).*\.(webp|png|jpeg|tiff)$/,
  },
  goexif: {
    // Most of them are cut off behind the EXIF that they were collected for.
    title: 'Beginnings of photographs from many cameras (3 MB)',
    version: 'v0.0.0-20190401172101-9e8deecbddbd',
    fetch: (target, step, version) =>
      fetchGoModule(
        {
          module: 'github.com/rwcarlsen/goexif',
          version,
          sum: 'h1:CmH9+J6ZSsIjUK3dcGsnCnO41eRBOnY12zwkn5qVwgc=',
          pictures: ['exif'],
        },
        target,
        step,
        localConfig(),
      ),
  },
} as const satisfies Record<string, Collection>

/** The photographs that other tests use as well. */
const photographs = 'scikit-image'
/** Samples of 64-bit floating point in separate planes, which libvips does not read. */
const unread = 'multipage_rgb.tif'
export type CorpusName = keyof typeof collections | typeof photographs
export const corpusNames = [...Object.keys(collections), photographs] as readonly CorpusName[]

/** @returns the folder with a collection's pictures */
export async function corpusFolder(name: CorpusName, report: Report = createReport()): Promise<string> {
  if (name === photographs) return originalsFolder()
  const { title, version, fetch } = collections[name]
  const { cache } = localConfig()
  await mkdir(cache, { recursive: true })
  const make = (target: string, step: Step) => fetch(target, step, version)
  return cachedFolder({ title, folder: join(cache, `corpus-${name}-${version}`), make }, report)
}

/** One picture, by its path in the collection. */
export const fromCorpus = async (name: CorpusName, path: string): Promise<Buffer> =>
  readFile(join(await corpusFolder(name), path))

/** Whether a collection's file is known to be whole, by its path there. */
export function isKnownWhole(name: CorpusName, path: string): boolean {
  if (name === photographs) return /\.(png|jpg|gif|tif)$/.test(path) && path !== unread
  const { whole }: Collection = collections[name]
  return whole?.test(path) ?? false
}
