/** The most memory that one very large image takes, in a process that does nothing else. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import type { ImageType } from '../../platform.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'

/** 100 megapixels; the formats that cameras, phones and scanners write. */
const size = { width: 11_547, height: 8_660 }
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
      const said = await run(process.execPath, [join(import.meta.dirname, '../memory-child.ts'), file, type])
      const { peakBytes } = JSON.parse(said) as { peakBytes: number }
      const what = `peak for ${type}, ${((size.width * size.height) / 1e6).toFixed(0)} megapixels`
      figures.push({ what, value: summary([peakBytes / 2 ** 20]), unit: 'MB', goal: { atMost: 512 } })
    }
    return figures
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
