/**
 * The allow-list of decoders. libvips would also open SVG, its own `.v` files and raw formats; here only the types
 * that may be uploaded reach native code, whatever the bytes pretend to be.
 */
import sharp, { type Sharp } from 'sharp'
import { type ImageLimits, wallFactor } from './limits.ts'

/** libvips' class names; each covers its file, buffer and source variants. */
const allowedLoaders = [
  'VipsForeignLoadJpeg',
  'VipsForeignLoadPng',
  'VipsForeignLoadWebp',
  'VipsForeignLoadNsgif',
  'VipsForeignLoadHeif',
  'VipsForeignLoadTiff',
]
const svgLoader = ['VipsForeignLoadSvg']

/** Sets sharp up for this process: nothing cached between images, decoders on the allow-list only. */
export function restrictLoaders(): void {
  sharp.cache(false)
  // One libvips thread an image and several images at once made more images a second than the other way round
  // (docs/performance.md).
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: allowedLoaders })
}

/**
 * Lets `work` read SVG that this project wrote itself (a watermark), and nothing else.
 * For a function's init phase only, before any image from outside is opened.
 */
export async function withTrustedSvg<T>(work: () => Promise<T>): Promise<T> {
  sharp.unblock({ operation: svgLoader })
  try {
    return await work()
  } finally {
    sharp.block({ operation: svgLoader })
  }
}

/** 8-bit sRGB pixels, three channels or four with alpha. */
export type Pixels = {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

/**
 * Opens an image's bytes. Damage that libvips calls truncation or an error stops it; warnings do not, because cameras
 * and editors write files that earn them.
 * @param options.ignoreIcc takes pixels as sRGB, whatever profile is embedded
 */
export const openImage = (
  bytes: Uint8Array,
  limits: ImageLimits,
  options: { animated?: boolean; ignoreIcc?: boolean } = {},
): Sharp =>
  sharp(bytes, {
    failOn: 'error',
    limitInputPixels: limits.pixels,
    autoOrient: true,
    animated: options.animated ?? false,
    ignoreIcc: options.ignoreIcc ?? false,
  }).timeout({ seconds: Math.ceil(limits.seconds * wallFactor) })

export const openPixels = ({ data, width, height, channels }: Pixels): Sharp =>
  sharp(data, { raw: { width, height, channels }, limitInputPixels: false })

/** Runs a pipeline to 8-bit sRGB pixels. */
export async function toPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 }
}
