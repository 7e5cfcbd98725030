/** The look at an image's header, before anything is decoded: is it what it says, and is it within the limits? */
import sharp, { type Metadata } from 'sharp'
import { type ImageType, imageTypes } from '../../platform.ts'
import { PoisonError } from '../shared/errors.ts'
import { sniffImageType, sniffLength } from '../shared/sniff.ts'
import { type Colour, colourOf } from './colour.ts'
import { breaksOff } from './completeness.ts'
import type { ImageLimits } from './limits.ts'

export type Header = {
  readonly type: ImageType
  /** Pixels of one frame, orientation applied. */
  readonly width: number
  readonly height: number
  /** Frames of an animation, or pages. */
  readonly frames: number
  /** GIF or WebP with more than one frame. */
  readonly animated: boolean
  readonly hasAlpha: boolean
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number
  readonly colour: Colour
  /** libvips' interpretation: `srgb`, `b-w`, `rgb16`, `grey16`, `cmyk`, … */
  readonly space: string
  /** The embedded colour profile. */
  readonly icc?: Buffer
  /** EXIF's tags; a TIFF file is its own. */
  readonly exif?: Buffer
  readonly xmp?: string
}

/**
 * @param declared the content type under which the image was accepted
 * @throws PoisonError naming what is wrong; nothing has been decoded then
 */
export async function inspect(bytes: Uint8Array, declared: ImageType, limits: ImageLimits): Promise<Header> {
  const type = sniffImageType(bytes.subarray(0, sniffLength))
  if (!type) throw new PoisonError('not-an-image', `The file is none of ${Object.values(imageTypes).join(', ')}`)
  if (type !== declared) throw new PoisonError('type-mismatch', `Declared as ${declared}, but the bytes are ${type}`)

  const metadata = await readHeader(bytes, type)
  const { width, height } = metadata.autoOrient
  const frames = metadata.pages ?? 1
  checkLimits({ width, height, frames }, type, limits)
  return {
    type,
    width,
    height,
    frames,
    animated: frames > 1 && (type === 'image/gif' || type === 'image/webp'),
    hasAlpha: metadata.hasAlpha,
    orientation: metadata.orientation ?? 1,
    colour: colourOf(metadata.space, metadata.icc),
    space: metadata.space,
    ...(metadata.icc && { icc: metadata.icc }),
    ...exifOf(metadata, bytes, type),
    ...(metadata.xmpAsString && { xmp: metadata.xmpAsString }),
  }
}

const exifOf = ({ exif }: Metadata, bytes: Uint8Array, type: ImageType): Pick<Header, 'exif'> => {
  if (exif) return { exif }
  return type === 'image/tiff' ? { exif: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) } : {}
}

/** Why bytes of a known type cannot be decoded. */
export const undecodable = (bytes: Uint8Array, type: ImageType, cause: unknown): PoisonError =>
  breaksOff(bytes, type)
    ? new PoisonError('truncated', 'The file breaks off before its end; upload it again', { cause })
    : new PoisonError('undecodable', 'The file is damaged or uses a variant of its format that cannot be read', {
        cause,
      })

async function readHeader(bytes: Uint8Array, type: ImageType): Promise<Metadata> {
  const metadata = await sharp(bytes, { failOn: 'none', limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw undecodable(bytes, type, cause)
    })
  if (metadata.mediaType !== type) throw undecodable(bytes, type, new Error(`libvips reads ${metadata.mediaType}`))
  return metadata
}

function checkLimits(
  { width, height, frames }: { width: number; height: number; frames: number },
  type: ImageType,
  limits: ImageLimits,
) {
  if (frames > limits.frames) {
    throw new PoisonError('too-many-frames', `${frames} frames; ${limits.frames} are the limit`)
  }
  if (width > limits.side || height > limits.side) {
    throw new PoisonError('too-many-pixels', `${width} × ${height}; a side may have ${limits.side} pixels`)
  }
  // Only animations are read beyond their first frame.
  const read = type === 'image/gif' || type === 'image/webp' ? frames : 1
  const most = Math.min(limits.pixels, limits.pixelsOf?.[type] ?? limits.pixels)
  if (width * height * read > most) {
    const what = read > 1 ? `${read} frames of ${width} × ${height}` : `${width} × ${height}`
    throw new PoisonError('too-many-pixels', `${what} pixels; ${most} are the limit for ${type}`)
  }
}
