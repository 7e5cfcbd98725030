/** Child that decodes with bare sharp: what it reads to the end is a valid image, and refusing it would be a mistake. */
import sharp from 'sharp'
import { serve } from '../functions/process/isolation/serve.ts'
import { restrictLoaders } from '../functions/process/loaders.ts'
import type { ProcessedImage } from '../functions/process/process-image.ts'

restrictLoaders()
serve(async (bytes, declared, limits) => {
  const { mediaType } = await sharp(bytes, { limitInputPixels: limits.pixels }).metadata()
  if (mediaType !== declared) throw new Error(`It is ${mediaType}`)
  const animated = declared === 'image/gif' || declared === 'image/webp'
  await sharp(bytes, { failOn: 'error', limitInputPixels: limits.pixels, animated }).raw().toBuffer()
  return { metadata: {} as ProcessedImage['metadata'], renditions: [] }
})
