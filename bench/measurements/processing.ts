/** How much processing costs beside the bare encoders that it cannot do without. */
import { availableParallelism } from 'node:os'
import pMap from 'p-map'
import sharp, { type Sharp } from 'sharp'
import { type Photo, photos } from '../../__tests__/support/corpus.ts'
import { compressedFormat, encoders } from '../../functions/process/encoders.ts'
import { createPool } from '../../functions/process/isolation/pool.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import { prepareRecipe } from '../../functions/process/prepare.ts'
import { processImage } from '../../functions/process/process-image.ts'
import { recipes } from '../../functions/process/recipes.ts'
import { contest, named, ratio } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'

const names = {
  ours: 'processImage() in child processes',
  inside: 'processImage() in this process',
  clones: 'bare sharp, clone() for each rendition',
  reduced: 'bare sharp, reduced once for the small ones',
} as const

const recipe = recipes.standard

/**
 * Photographs in the corpus's mix of formats. No animations, deep or wide-gamut images: they have no bare counterpart
 * that does the same work.
 */
export async function benchImages(count: number): Promise<Photo[]> {
  const all = await Array.fromAsync(photos(Math.ceil(count / 40) * 50, 1))
  const plain = all.filter(({ name, expect }) => expect === 'processed' && !/animation|p3|deep/.test(name))
  return Array.from({ length: count }, (_, n) => plain[Math.floor((n * plain.length) / count)] as Photo)
}

/** The same renditions with the same encoder settings from the same images, as many at once as there are cores. */
export const measureProcessing: Measure = async ({ images: count, rounds, progress }) => {
  const images = await benchImages(count)
  const prepared = await prepareRecipe(recipe)
  const cpuOf = new Map<number | undefined, number>()
  const size = availableParallelism()
  const pool = createPool({ size, onUsage: ({ cpuMs }, pid) => cpuOf.set(pid, cpuMs) })
  await pool.ready
  const each = (work: (image: Photo) => Promise<unknown>) => () => pMap(images, work, { concurrency: size })
  const results = await contest(
    {
      [names.ours]: each(({ bytes, contentType }) => pool.processImage(bytes, contentType)),
      [names.inside]: each(({ bytes, contentType }) =>
        processImage(bytes, contentType, { recipe: prepared, limits: imageLimits }),
      ),
      [names.clones]: each((image) => bare(image, sharp(image.bytes).autoOrient())),
      [names.reduced]: each(async (image) => bare(image, await reduced(image))),
    },
    rounds,
    (round) => progress(`round ${round}`),
    () => [...cpuOf.values()].reduce((sum, milliseconds) => sum + milliseconds, 0),
  ).finally(pool.stop)
  return [names.ours, names.inside].flatMap((way) =>
    [names.clones, names.reduced].flatMap((peer): Figure[] => {
      const what = `${way} against ${peer}`
      const [ours, theirs] = [named(results, way), named(results, peer)]
      return [
        { what: `${what}, by time`, value: ratio(ours, theirs, 'wall'), unit: '×', goal: { atLeast: 0.9 } },
        { what: `${what}, by CPU time`, value: ratio(ours, theirs, 'cpu'), unit: '×' },
      ]
    }),
  )
}

/** The plain way of sharp's manual: one pipeline, a clone for each output. */
function bare({ bytes, contentType }: Photo, source: Sharp): Promise<Buffer[]> {
  return Promise.all(
    recipe.map((rendition) => {
      const { side, format }: { side?: number; format: string } = rendition
      const encoder =
        encoders[
          format === 'same'
            ? compressedFormat(contentType, { width: 1, height: 1 }, false)
            : (format as keyof typeof encoders)
        ]
      const image = side === undefined ? sharp(bytes).autoOrient() : source.clone().resize({ ...box(side) })
      return encoder.encode(image).toBuffer()
    }),
  )
}

const box = (side: number) => ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const

/** A less plain way: the smaller renditions share pixels that were reduced while decoding. */
async function reduced({ bytes }: Photo): Promise<Sharp> {
  const { data, info } = await sharp(bytes).autoOrient().resize(box(1024)).raw().toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
}
