/**
 * How things grow: acceptance with the size of a batch and of an image, processing with megapixels. Writes
 * `bench/results/growth.json` and, by `plot.py`, docs/pictures/growth.svg. Usage: node bench/growth.ts
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pMap from 'p-map'
import sharp from 'sharp'
import { original } from '../__tests__/support/corpus/originals.ts'
import type { Photo } from '../__tests__/support/corpus.ts'
import { localConfig } from '../config.ts'
import { imageLimits } from '../functions/process/limits.ts'
import { prepareRecipe } from '../functions/process/prepare.ts'
import { processImage } from '../functions/process/process-image.ts'
import { recipes } from '../functions/process/recipes.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { createReport } from '../scripts/bootstrap/progress.mjs'
import { bareBucket, uploader } from './clients.ts'
import { contest, named, ratio, summary } from './contest.ts'
import { startPlatform } from './platform.ts'
import { machine } from './report.ts'

const rounds = 3
const batchSizes = [1, 5, 20, 50, 100]
const megapixels = [1, 3, 6, 12, 24, 48]
const megabytes = [0.1, 0.5, 1, 2, 4]

/** A photograph of so many pixels: a real one, scaled, with a sensor's noise. */
async function photograph(pixels: number, quality = 88): Promise<Photo> {
  const [width, height] = [Math.round(Math.sqrt((pixels * 4) / 3)), Math.round(Math.sqrt((pixels * 3) / 4))]
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 24 }
  const grain = await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .png()
    .toBuffer()
  const bytes = await sharp(await original('coffee.png'))
    .resize(width, height, { fit: 'cover' })
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality })
    .toBuffer()
  return { name: 'photograph.jpg', contentType: 'image/jpeg', bytes, expect: 'processed' }
}

/** Cut or filled up to a size: the upload looks at the first bytes only. */
function ofSize(photo: Photo, bytes: number): Photo {
  const filled = Buffer.alloc(bytes)
  photo.bytes.copy(filled)
  return { ...photo, bytes: filled }
}

async function acceptance() {
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway'])
  try {
    const { batch } = uploader(platform.config.urls.gateway, platform.token)
    const { presigned, put } = bareBucket(platform.config)
    const base = await photograph(1e6)
    const byBatch = []
    for (const size of batchSizes) {
      console.error(`… batches of ${size}`)
      const images = Array.from({ length: 100 }, () => ofSize(base, 100_000))
      const parts = Array.from({ length: 100 / size }, (_, n) => images.slice(n * size, (n + 1) * size))
      const [result] = await contest({ batch: () => pMap(parts, (some) => batch(some, 4), { concurrency: 2 }) }, rounds)
      const each = summary(result?.rounds.map(({ wall }) => 100_000 / wall) ?? [])
      byBatch.push({ size, perSecond: each })
    }
    const bySize = []
    for (const size of megabytes) {
      console.error(`… images of ${size} MB`)
      const images = Array.from({ length: 50 }, () => ofSize(base, size * 1e6))
      const links = await presigned((rounds + 1) * images.length)
      const results = await contest(
        {
          batches: () => pMap([images.slice(0, 25), images.slice(25)], (some) => batch(some, 4), { concurrency: 2 }),
          puts: () => pMap(images, (image) => put(links.pop() ?? '', image), { concurrency: 8 }),
        },
        rounds,
      )
      bySize.push({ size, ratio: ratio(named(results, 'batches'), named(results, 'puts'), 'wall') })
    }
    return { byBatch, bySize }
  } finally {
    await platform.stop()
  }
}

async function processing() {
  const recipe = await prepareRecipe(recipes.standard)
  const byPixels = []
  for (const size of megapixels) {
    console.error(`… ${size} megapixels`)
    const { bytes } = await photograph(size * 1e6)
    const work = () => processImage(bytes, 'image/jpeg', { recipe, limits: { ...imageLimits, seconds: 600 } })
    const [result] = await contest({ work }, rounds)
    byPixels.push({ size, cpuMs: summary(result?.rounds.map(({ cpu }) => cpu) ?? []) })
  }
  return byPixels
}

const results = {
  at: new Date().toISOString(),
  machine: machine(),
  byPixels: await processing(),
  ...(await acceptance()),
}
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
const file = join(folder, 'growth.json')
writeFileSync(file, JSON.stringify(results, null, 2))
const requirements = join(import.meta.dirname, '../databricks/requirements.txt')
const { python } = await ensureVenv(localConfig(), createReport(), requirements)
const picture = join(import.meta.dirname, '../docs/pictures/growth.svg')
execFileSync(python, [join(import.meta.dirname, 'plot.py'), file, picture], { stdio: 'inherit' })
console.log(JSON.stringify(results, null, 1))
