/** Images of a given number of pixels, or of bytes. */
import sharp from 'sharp'
import { type OriginalName, original } from '../__tests__/support/corpus/originals.ts'
import type { Photo } from '../__tests__/support/corpus.ts'

/** A sensor's noise makes a photograph that has been scaled up as large as one that a camera took. */
const noise = { type: 'gaussian', mean: 128, sigma: 24 } as const

/** A photograph of so many pixels: a real one, scaled, with a sensor's noise. */
export async function photograph(pixels: number, name: OriginalName = 'coffee.png'): Promise<Photo> {
  const [width, height] = [Math.round(Math.sqrt((pixels * 4) / 3)), Math.round(Math.sqrt((pixels * 3) / 4))]
  const { data, info } = await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const bytes = await sharp(await original(name))
    .resize(width, height, { fit: 'cover' })
    .composite([{ input: data, raw: info, blend: 'soft-light' }])
    .jpeg({ quality: 88 })
    .toBuffer()
  return { name: `${name}.jpg`, contentType: 'image/jpeg', bytes, expect: 'processed' }
}

/** Cut or filled up to a size: the upload looks at the first bytes only. */
export function ofSize(photo: Photo, bytes: number): Photo {
  const filled = Buffer.alloc(bytes)
  photo.bytes.copy(filled)
  return { ...photo, bytes: filled }
}
