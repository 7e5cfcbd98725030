/**
 * Child that decodes with bare sharp: what it reads to the end is a valid image, and refusing it would be a mistake.
 * What our own look at the first bytes knows nothing about may be of any type.
 */
import sharp from 'sharp'
import { serve } from '../functions/process/isolation/serve.ts'
import { restrictLoaders } from '../functions/process/loaders.ts'
import type { ProcessedImage } from '../functions/process/process-image.ts'
import { sniffImageType, sniffLength } from '../functions/shared/sniff.ts'

restrictLoaders()
serve(async (bytes, declared, limits) => {
  const { mediaType } = await sharp(bytes, { limitInputPixels: limits.pixels }).metadata()
  const isKnown = sniffImageType(bytes.subarray(0, sniffLength)) !== undefined
  if (isKnown && mediaType !== declared) throw new Error(`It is ${mediaType}`)
  const animated = mediaType === 'image/gif' || mediaType === 'image/webp'
  await sharp(bytes, { failOn: 'error', limitInputPixels: limits.pixels, animated }).raw().toBuffer()
  return { metadata: {} as ProcessedImage['metadata'], renditions: [] }
})
