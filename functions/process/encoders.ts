/**
 * How renditions are encoded. Encoders, not decoding, set the cost of processing, so each setting here was chosen by
 * measured size, similarity (SSIM) and CPU time; docs/performance.md has the figures.
 */
import type { Sharp } from 'sharp'
import type { ImageType } from '../../platform.ts'

export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff'

export type EncodeOptions = {
  /** 1 to 100; lossless encoders ignore it. */
  readonly quality?: number | undefined
  /** Size of the image, where it may be large. */
  readonly pixels?: number
}

export type Encoder = {
  readonly extension: string
  readonly contentType: string
  readonly lossless: boolean
  /** Pixels that it encodes within `limits.imageMemoryBytes`, the decoder beside it; docs/performance.md has the figures. */
  readonly mostPixels: number
  /** What its format can say, or its library writes; pixels of width or height, of one frame. */
  readonly longestSide: number
  readonly encode: (image: Sharp, options?: EncodeOptions) => Sharp
}

/**
 * Optimised Huffman tables save 3 to 8 % of a photograph, but make libjpeg hold all coefficients: 590 MB for 96 megapixels, which
 * take 35 MB without. Above this size the memory is worth more.
 */
const optimisedPixels = 30_000_000

export const encoders: Record<OutputFormat, Encoder> = {
  jpeg: {
    extension: 'jpg',
    contentType: 'image/jpeg',
    lossless: false,
    mostPixels: Number.POSITIVE_INFINITY,
    // libjpeg's own limit.
    longestSide: 65_500,
    // Quantisation table 3 saves 7 % against the default at the same similarity, for no CPU time; mozjpeg's trellis
    // would save another 15 % for four times the CPU time.
    encode: (image, { quality = 80, pixels = 0 } = {}) =>
      image
        .flatten({ background: '#ffffff' })
        .jpeg({ quality, quantisationTable: 3, optimiseCoding: pixels <= optimisedPixels }),
  },
  png: {
    extension: 'png',
    contentType: 'image/png',
    lossless: true,
    mostPixels: Number.POSITIVE_INFINITY,
    longestSide: 2 ** 31 - 1,
    // Level 9 costs seven times as much as 6 and saves 4 %.
    encode: (image) => image.png({ compressionLevel: 6, adaptiveFiltering: true }),
  },
  webp: {
    extension: 'webp',
    contentType: 'image/webp',
    lossless: false,
    // Holds the whole image, at 6 bytes a pixel, 11 with alpha.
    mostPixels: 14_000_000,
    longestSide: 16_383,
    // Effort 4, sharp's default, costs twice as much as 2 and saves 3 %.
    encode: (image, { quality = 80 } = {}) => image.webp({ quality, effort: 2 }),
  },
  avif: {
    extension: 'avif',
    contentType: 'image/avif',
    lossless: false,
    // Holds the whole image several times, at some 20 bytes a pixel.
    mostPixels: 12_500_000,
    longestSide: 16_384,
    // Effort 2 costs four times as much as 0 and saves 8 %; tuned for SSIM it is smaller, better and no slower.
    encode: (image, { quality = 60 } = {}) =>
      image.avif({ quality, effort: 0, chromaSubsampling: '4:2:0', tune: 'ssim' }),
  },
  tiff: {
    extension: 'tiff',
    contentType: 'image/tiff',
    lossless: true,
    mostPixels: Number.POSITIVE_INFINITY,
    longestSide: 2 ** 31 - 1,
    encode: (image) => image.tiff({ compression: 'deflate', predictor: 'horizontal' }),
  },
}

/** A type's own format, but for GIF and HEIC. */
const ownFormat: Record<ImageType, OutputFormat> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  // Writing GIF costs three times as much and saves nothing, while WebP keeps the animation in a fifth of the bytes.
  'image/gif': 'webp',
  'image/avif': 'avif',
  // There is no free encoder.
  'image/heic': 'jpeg',
  'image/tiff': 'tiff',
}

export type Size = { readonly width: number; readonly height: number }

/**
 * The format in which an original is compressed again at full size: its own, as far as that has room for such a size, and
 * encodes it within the memory that an image may take. Otherwise JPEG, which is encoded row by row; it has no alpha, so an
 * image with alpha becomes WebP.
 */
export function compressedFormat(type: ImageType, size: Size, hasAlpha: boolean): OutputFormat {
  const own = ownFormat[type]
  if (type === 'image/jpeg' || (affordableScale(size, encoders[own]) === 1 && own !== 'jpeg')) return own
  return hasAlpha ? 'webp' : 'jpeg'
}

/** By how much an image must be scaled down for an encoder, 1 where it need not be. */
export const affordableScale = (
  { width, height }: Size,
  { mostPixels, longestSide }: Pick<Encoder, 'mostPixels' | 'longestSide'>,
): number => Math.min(1, Math.sqrt(mostPixels / (width * height)), longestSide / Math.max(width, height))

/** Luminance quantisation of Annex K of the JPEG standard, in zigzag order: quality 50 for most encoders. */
const annexK = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
  60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121,
  112, 100, 120, 92, 101, 103, 99,
]

/**
 * The quality at which a JPEG was saved, so that compressing it again never spends bits on detail that is no longer
 * there. Follows the scaling that libjpeg uses; other encoders come out near enough.
 * @returns 1 to 100, or undefined where the first table cannot be found
 */
export function jpegQuality(bytes: Uint8Array): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 2; at + 69 < buffer.length && buffer[at] === 0xff; at += 2 + buffer.readUInt16BE(at + 2)) {
    if (buffer[at + 1] === 0xda) return undefined
    // DQT: length, then precision (0: 8 bits) and table number (0: luminance) in one byte, then 64 values.
    if (buffer[at + 1] !== 0xdb || buffer[at + 4] !== 0) continue
    const table = buffer.subarray(at + 5, at + 69)
    const scale = (100 * table.reduce((sum, value) => sum + value, 0)) / annexK.reduce((sum, value) => sum + value, 0)
    const quality = scale <= 100 ? (200 - scale) / 2 : 5000 / scale
    return Math.min(100, Math.max(1, Math.round(quality)))
  }
  return undefined
}
