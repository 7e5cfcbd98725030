/** The most memory that one very large image takes in the processor's child process. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { createPool } from '../../functions/process/isolation/pool.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import type { ImageType } from '../../platform.ts'
import { summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'

/** 100 megapixels; the formats that cameras, phones and scanners write. */
const size = { width: 11_547, height: 8_660 }
const MB = 1e6
const formats: Partial<Record<ImageType, (image: Sharp) => Sharp>> = {
  'image/jpeg': (image) => image.jpeg(),
  'image/png': (image) => image.png({ compressionLevel: 1 }),
  'image/webp': (image) => image.webp({ effort: 0 }),
  'image/tiff': (image) => image.tiff({ compression: 'lzw' }),
}

export const measureMemory: Measure = async ({ progress }) => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  const figures: Figure[] = []
  try {
    for (const [type, write] of Object.entries(formats)) {
      progress(type)
      const file = join(folder, 'image')
      // A gradient with grain: smooth and noisy parts, as a photograph has them.
      const small = {
        create: {
          width: 1155,
          height: 866,
          channels: 3 as const,
          background: '#6a7f94',
          noise: { type: 'gaussian' as const, mean: 128, sigma: 25 },
        },
      }
      const enlarged = sharp(await sharp(small).png().toBuffer()).resize(size.width, size.height, { fit: 'fill' })
      await write(enlarged).toFile(file)
      const peakBytes = await peakOf(await readFile(file), type as ImageType)
      const what = `peak for ${type}, ${((size.width * size.height) / 1e6).toFixed(0)} megapixels`
      figures.push({
        what,
        value: summary([peakBytes / MB]),
        unit: 'MB',
        goal: { atMost: 512 },
      })
    }
    return figures
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** In a fresh child, as one that has done nothing before. @returns bytes */
async function peakOf(bytes: Uint8Array, type: ImageType): Promise<number> {
  let peak = 0
  const pool = createPool({
    size: 1,
    // Nobody waits here: time belongs to a busy machine, not to memory.
    limits: { ...imageLimits, seconds: 600 },
    onUsage: ({ peakResidentBytes }) => {
      peak = peakResidentBytes
    },
  })
  await pool.processImage(bytes, type).finally(pool.stop)
  return peak
}
