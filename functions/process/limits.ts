/** What one image may cost. The numbers are the platform's; tests pass smaller ones. */
import { type ImageType, limits } from '../../platform.ts'

export type ImageLimits = {
  /** Width × height over all frames. */
  readonly pixels: number
  /** Less than `pixels` for some types. */
  readonly pixelsOf?: Partial<Record<ImageType, number>>
  readonly frames: number
  readonly side: number
  /** CPU time for decoding and encoding; wall clock is bounded by `wallFactor` times as much. */
  readonly seconds: number
}

/** Wall clock that an image may take on a busy machine, as a multiple of its CPU time. */
export const wallFactor = 3

export const imageLimits: ImageLimits = {
  pixels: limits.imagePixels,
  pixelsOf: limits.imagePixelsOf,
  frames: limits.imageFrames,
  side: limits.imageSide,
  seconds: limits.imageSeconds,
}
