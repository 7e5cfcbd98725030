/** What is worth knowing about an image, and nothing that tells who or where. */
import { rgbaToThumbHash } from 'thumbhash'
import type { ImageMetadata } from '../shared/image.ts'
import { readExif } from './exif.ts'
import type { Header } from './inspect.ts'
import { openPixels, type Pixels } from './loaders.ts'

/** ThumbHash takes at most 100 × 100 pixels. */
const sampleSide = 100

/** @param base the image's pixels at any size */
export async function describe(header: Header, base: Pixels): Promise<ImageMetadata> {
  const sample = await sampleOf(base)
  return {
    format: header.type.slice('image/'.length),
    width: header.width,
    height: header.height,
    frames: header.frames,
    hasAlpha: header.hasAlpha,
    orientation: header.orientation,
    colorSpace: header.colour.name,
    dominantColor: dominantColour(sample.data),
    thumbhash: Buffer.from(rgbaToThumbHash(sample.width, sample.height, sample.data)).toString('base64'),
    ...readExif(header.exif, header.xmp),
  }
}

async function sampleOf(base: Pixels): Promise<Pixels> {
  const { data, info } = await openPixels(base)
    .resize({ width: sampleSide, height: sampleSide, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 4 }
}

/**
 * The mean of the fullest of 4,096 colour bins, over pixels that can be seen.
 * @param rgba four bytes a pixel
 * @returns `#rrggbb`; `#000000` where nothing can be seen
 */
export function dominantColour(rgba: Uint8Array): string {
  const bins = new Map<number, { count: number; red: number; green: number; blue: number }>()
  let fullest = { count: 0, red: 0, green: 0, blue: 0 }
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    if (alpha < 128) continue
    const key = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4)
    const bin = bins.get(key) ?? { count: 0, red: 0, green: 0, blue: 0 }
    bins.set(key, bin)
    bin.count += 1
    bin.red += red
    bin.green += green
    bin.blue += blue
    if (bin.count > fullest.count) fullest = bin
  }
  const hex = (sum: number) =>
    Math.round(sum / Math.max(fullest.count, 1))
      .toString(16)
      .padStart(2, '0')
  return `#${hex(fullest.red)}${hex(fullest.green)}${hex(fullest.blue)}`
}
