/**
 * Makes an image's renditions. A larger JPEG is read twice: once streamed straight into the full-size encoder, once reduced
 * by libjpeg itself to what all smaller renditions share; that costs less CPU time and a tenth of the memory of
 * keeping all its pixels. Other formats cannot be read at a reduced size, so they are decoded once.
 */
import type { Sharp } from 'sharp'
import {
  affordableScale,
  compressedFormat,
  type EncodeOptions,
  type Encoder,
  encoders,
  jpegQuality,
  type Size,
} from './encoders.ts'
import type { Header } from './inspect.ts'
import type { ImageLimits } from './limits.ts'
import { openImage, openPixels, type Pixels, toPixels } from './loaders.ts'
import type { PreparedRecipe, PreparedRendition } from './prepare.ts'
import { hasForeignProfile } from './profile.ts'

export type MadeRendition = {
  readonly name: string
  readonly extension: string
  readonly contentType: string
  readonly width: number
  readonly height: number
  readonly bytes: Buffer
}

/** An animated preview has at most so many pixels over all frames: a longer animation becomes smaller, not shorter. */
const animatedPixels = 24_000_000
/**
 * Up to this size (48 MB of pixels) an image that cannot be read reduced is kept in memory once decoded, and renditions
 * are made side by side. Above it they are made one after the other: many decoders hold the whole image, interlaced PNG
 * and progressive JPEG among them.
 */
const sharedPixels = 16_000_000
/**
 * Up to this size a JPEG is read once as well: scaling its pixels then takes less CPU time than reading it again. It would up to
 * 8 megapixels, but a child that has held the pixels of 6 keeps more than it may and is replaced (docs/performance.md).
 */
const sharedJpegPixels = 3_000_000
/** libwebp decodes whole images, at 8 bytes a pixel in libvips, but scales while it decodes: larger ones come smaller. */
const webpPixels = 36_000_000

export type Original = { readonly bytes: Uint8Array; readonly header: Header; readonly limits: ImageLimits }

/**
 * @returns the renditions in the recipe's order, and the pixels (sRGB, at the largest reduced size) they came from
 * @throws Error from sharp where the image cannot be decoded
 */
export async function makeRenditions(original: Original, recipe: PreparedRecipe) {
  const side = Math.max(256, ...recipe.map((rendition) => rendition.side ?? 0))
  const isShared = isShareable(original.header, side)
  const all = isShared ? await toPixels(openOriginal(original)) : undefined
  const fullSize = () => (all ? openPixels(all) : openOriginal(original))

  const makeFull = (rendition: PreparedRendition) =>
    rendition.animated && original.header.animated
      ? animatedRendition(original, rendition)
      : rendition.side === undefined
        ? fullRendition(original, fullSize(), rendition)
        : undefined
  const early: (Promise<MadeRendition> | undefined)[] = []
  for (const rendition of recipe) {
    const made = makeFull(rendition)
    // A failure shows when it is awaited below; until then it must not count as unhandled.
    made?.catch(() => {})
    if (isLarge(original.header)) await made
    early.push(made)
  }

  const base = all && fits(all, side) ? all : await toPixels(reduce(fullSize(), side))
  const renditions = await Promise.all(
    recipe.map((rendition, n) => early[n] ?? reducedRendition(original.header, base, rendition)),
  )
  return { base, renditions }
}

const openOriginal = ({ bytes, header, limits }: Original, options: { animated?: boolean } = {}): Sharp =>
  openImage(bytes, limits, { ...options, ignoreIcc: header.colour.needsNoProfile })

const isLarge = ({ width, height, frames, animated }: Header) => width * height * (animated ? frames : 1) > sharedPixels

const fits = ({ width, height }: Size, side: number) => width <= side && height <= side

/** Whether all renditions can be made of the same 8-bit sRGB pixels, and keeping those costs less than decoding again. */
function isShareable(header: Header, side: number): boolean {
  if (header.colour.wideGamut || header.animated) return false
  // Its encoder writes 8-bit sRGB, whatever the JPEG held; setting up the conversion from CMYK alone takes 30 ms.
  if (header.type === 'image/jpeg') return fits(header, side) || header.width * header.height <= sharedJpegPixels
  return header.space === 'srgb' && !isLarge(header)
}

const reduce = (image: Sharp, side: number): Sharp =>
  image.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })

/** @param size of the rendition at most */
const encoderFor = ({ type, hasAlpha }: Header, { format }: PreparedRendition, size: Size): Encoder =>
  encoders[format === 'same' ? compressedFormat(type, size, hasAlpha) : format]

async function reducedRendition(header: Header, base: Pixels, rendition: PreparedRendition): Promise<MadeRendition> {
  const image = reduce(openPixels(base), rendition.side ?? Math.max(base.width, base.height))
  const encoder = encoderFor(header, rendition, base)
  return encoded(await applySteps(image, rendition), rendition, encoder)
}

async function fullRendition(original: Original, image: Sharp, rendition: PreparedRendition): Promise<MadeRendition> {
  const { header } = original
  const pixels = header.width * header.height
  const encoder = encoderFor(header, rendition, header)
  const decoded = header.type === 'image/webp' ? webpPixels : Number.POSITIVE_INFINITY
  const { longestSide } = encoder
  const affordable = scaledFor(image, header, { longestSide, mostPixels: Math.min(encoder.mostPixels, decoded) })
  if (rendition.steps.length > 0) return encoded(await applySteps(affordable, rendition), rendition, encoder)
  const options = { quality: qualityFor(original, rendition), pixels }
  const plain = affordable.clone()
  const made = await encoded(inOwnColours(affordable, header, encoder), rendition, encoder, options)
  if (!header.colour.wideGamut || !(await hasForeignProfile(made.bytes))) return made
  const narrow = { ...header, colour: { ...header.colour, wideGamut: false } }
  return encoded(inOwnColours(plain, narrow, encoder), rendition, encoder, options)
}

/** Scaled down where decoder or encoder could not hold it in the memory that an image may take, or its format has no room. */
function scaledFor(image: Sharp, size: Size, most: Pick<Encoder, 'mostPixels' | 'longestSide'>): Sharp {
  const scale = affordableScale(size, most)
  return scale === 1 ? image : reduce(image, Math.max(1, Math.floor(Math.max(size.width, size.height) * scale)))
}

function animatedRendition(original: Original, rendition: PreparedRendition): Promise<MadeRendition> {
  const { header } = original
  const image = openOriginal(original, { animated: true })
  if (rendition.side === undefined) {
    const most = { ...encoders.webp, mostPixels: Number.POSITIVE_INFINITY }
    return encoded(scaledFor(image, header, most), rendition, encoders.webp)
  }
  const { width, height, frames } = header
  const affordable = Math.sqrt(animatedPixels / frames / (width * height)) * Math.max(width, height)
  return encoded(reduce(image, Math.max(1, Math.min(rendition.side, Math.floor(affordable)))), rendition, encoders.webp)
}

/** Each step sees pixels, not a pipeline, so that steps work in any order. */
async function applySteps(image: Sharp, { steps }: PreparedRendition): Promise<Sharp> {
  let current = image
  for (const apply of steps) {
    const pixels = await toPixels(current)
    current = await apply(openPixels(pixels), pixels)
  }
  return current
}

/**
 * At full size, colours stay what they are as far as the format goes: wide-gamut images become Display P3 (by way of
 * 16 bits, so that nothing is clipped to sRGB on the way), and lossless formats keep greyscale and 16 bits a channel.
 * Everything else is converted to sRGB, which every program shows rightly.
 */
function inOwnColours(image: Sharp, { colour, space }: Header, { lossless }: Encoder): Sharp {
  const deep = space === 'rgb16' || space === 'grey16'
  const kept = lossless && (deep || space === 'b-w') ? image.toColourspace(space) : image
  return colour.wideGamut ? kept.pipelineColourspace('rgb16').withIccProfile('p3') : kept
}

/** A JPEG is never encoded at a higher quality than it came with. */
function qualityFor({ bytes, header }: Original, { quality, format }: PreparedRendition): number | undefined {
  if (header.type !== 'image/jpeg' || format !== 'same') return quality
  return Math.min(quality ?? 80, jpegQuality(bytes) ?? 100)
}

async function encoded(
  image: Sharp,
  { name, quality }: PreparedRendition,
  encoder: Encoder,
  options: EncodeOptions = { quality },
): Promise<MadeRendition> {
  const { data, info } = await encoder.encode(image, options).toBuffer({ resolveWithObject: true })
  return {
    name,
    extension: encoder.extension,
    contentType: encoder.contentType,
    width: info.width,
    height: info.pageHeight ?? info.height,
    bytes: data,
  }
}
