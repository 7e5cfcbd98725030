/** What one image may cost. The numbers are the platform's; tests pass smaller ones. */
import { type ImageType, limits } from '../../platform.ts'

export type ImageLimits = {
  /** Width × height over all frames. */
  readonly pixels: number
  /** Less than `pixels` for some types. */
  readonly pixelsOf?: Partial<Record<ImageType, number>>
  readonly frames: number
  readonly side: number
  /** Wall clock from the first look at the bytes to the last rendition. */
  readonly seconds: number
}

export const imageLimits: ImageLimits = {
  pixels: limits.imagePixels,
  pixelsOf: limits.imagePixelsOf,
  frames: limits.imageFrames,
  side: limits.imageSide,
  seconds: limits.imageSeconds,
}
