/**
 * How many uploads a second are accepted, beside putting the same bytes straight into the same S3. All send with the
 * same client; an upload is done when it is acknowledged: authenticated, checked, stored, in the ledger, published.
 */
import pMap from 'p-map'
import PQueue from 'p-queue'
import { photographs } from '../../__tests__/support/corpus/originals.ts'
import type { Photo } from '../../__tests__/support/corpus.ts'
import { chunks } from '../../functions/shared/chunks.ts'
import { bareBucket, uploader } from '../clients.ts'
import { contest, named, ratio, summary } from '../contest.ts'
import { photograph } from '../images.ts'
import type { Figure, Measure } from '../measurement.ts'
import { startPlatform } from '../platform.ts'
import { benchImages } from './processing.ts'

const names = { batches: 'batches', single: 'POST /images', puts: 'bare PUTs' } as const

/** As the page has it (web/src/upload/send-batches.ts): batches of so many, and so many of them under way. */
const batchSize = 20
const batchesAtOnce = 3
/** Rounds of less than a second tell little. */
const imagesForOne = 4

/** Photographs of 12 megapixels as cameras and phones take them, some 3 MB, one of each that we have, again and again. */
async function cameraImages(count: number): Promise<Photo[]> {
  const taken = await pMap(photographs, (name) => photograph(12e6, name), { concurrency: 2 })
  return Array.from({ length: count }, (_, n) => taken[n % taken.length] as Photo)
}

export const measureUploads: Measure = async ({ images: count, rounds, concurrency, progress }) => {
  progress('making images')
  const sets = {
    'of cameras': { images: await cameraImages(count * imagesForOne), goal: { atLeast: 0.7 } },
    'of the web': { images: await benchImages(count * imagesForOne), goal: undefined },
  }
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway'])
  try {
    const figures: Figure[] = []
    for (const [kind, { images, goal }] of Object.entries(sets)) {
      const results = await contest(await contenders(platform, images, { concurrency, rounds }), rounds, (round) =>
        progress(`images ${kind}, round ${round}`),
      )
      const puts = named(results, names.puts)
      const size = `${(images.reduce((sum, { bytes }) => sum + bytes.length, 0) / images.length / 1e6).toFixed(1)} MB`
      for (const { name, rounds: measured } of results) {
        const value = summary(measured.map(({ wall }) => (images.length * 1000) / wall))
        figures.push({ what: `${name}, images ${kind} (${size})`, value, unit: 'a second' })
      }
      for (const name of [names.batches, names.single] as const) {
        // The goal is for the way that is meant for many.
        const held = name === names.batches && goal ? { goal } : {}
        const value = ratio(named(results, name), puts, 'wall')
        figures.push({ what: `${name} against bare PUTs, images ${kind} (${size})`, value, unit: '×', ...held })
      }
    }
    return figures
  } finally {
    await platform.stop()
  }
}

async function contenders(
  { config, token }: Awaited<ReturnType<typeof startPlatform>>,
  images: readonly Photo[],
  { concurrency, rounds }: { concurrency: number; rounds: number },
) {
  const { single, batch } = uploader(config.urls.gateway, token)
  const { presigned, put } = bareBucket(config)
  const links = await presigned((rounds + 1) * images.length)
  // Large ones go the way that their size allows: POST /images takes 4 MiB.
  const fits = images.filter(({ bytes }) => bytes.length <= 4 * 2 ** 20)
  if (fits.length < images.length) throw new Error('Not every image is small enough for POST /images')
  return {
    // Several at a time, so that files of one are sent while others are announced or completed.
    [names.batches]: () => {
      const bodies = new PQueue({ concurrency })
      return pMap(chunks(images, batchSize), (some) => batch(some, bodies), { concurrency: batchesAtOnce })
    },
    [names.single]: () => pMap(images, single, { concurrency }),
    [names.puts]: () => pMap(images, (image) => put(links.pop() ?? '', image), { concurrency }),
  }
}
