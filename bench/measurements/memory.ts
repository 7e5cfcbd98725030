/** The most memory that one very large image takes in the processor's child process. */
import sharp, { type Sharp } from 'sharp'
import { createPool } from '../../functions/process/isolation/pool.ts'
import { peakResidentBytes } from '../../functions/process/isolation/proc.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import { type ImageType, limits } from '../../platform.ts'
import { summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'

/** 100 megapixels; the formats that cameras, phones and scanners write. */
const size = { width: 11_547, height: 8_660 }
const MB = 1e6
const formats: Partial<Record<ImageType, (image: Sharp) => Sharp>> = {
  'image/jpeg': (image) => image.jpeg(),
  'image/png': (image) => image.png(),
  'image/webp': (image) => image.webp({ effort: 0 }),
  'image/tiff': (image) => image.tiff({ compression: 'lzw', predictor: 'horizontal' }),
}

/** Grain, enlarged. A PNG of it stays just below what may be uploaded, which is the most that a file can bring along. */
const grain = {
  create: {
    width: 1155,
    height: 866,
    channels: 3,
    background: '#6a7f94',
    noise: { type: 'gaussian', mean: 128, sigma: 3 },
  },
} as const

export const measureMemory: Measure = async ({ progress }) => {
  const figures: Figure[] = []
  const picture = await sharp(grain).png().toBuffer()
  for (const [type, write] of Object.entries(formats)) {
    progress(type)
    const enlarged = sharp(picture).resize(size.width, size.height, { fit: 'fill' })
    const bytes = await write(enlarged).toBuffer()
    if (bytes.length > limits.presignedUploadBytes)
      throw new Error(`A ${type} of ${bytes.length} bytes is not taken in`)
    const peak = await peakOf(bytes, type as ImageType)
    const what = `peak for ${type}, ${Math.round((size.width * size.height) / 1e6)} megapixels, ${Math.round(bytes.length / MB)} MB`
    figures.push({ what, value: summary([peak / MB]), unit: 'MB', goal: { atMost: 512 } })
  }
  return figures
}

/** In a fresh child, as one that has done nothing before. @returns bytes */
async function peakOf(bytes: Uint8Array, type: ImageType): Promise<number> {
  let peak = 0
  const pool = createPool({
    size: 1,
    // Nobody waits here: time belongs to a busy machine, not to memory.
    limits: { ...imageLimits, seconds: 600 },
    onUsage: (_usage, pid) => {
      peak = peakResidentBytes(pid)
    },
  })
  await pool.processImage(bytes, type).finally(pool.stop)
  return peak
}
