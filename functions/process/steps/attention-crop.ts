/** Crops to a ratio around what draws the eye: skin tones, saturated colours and detail, as libvips weighs them. */
import sharp from 'sharp'
import { type Step, StepError } from './step.ts'

export type AttentionCropOptions = {
  /** Width divided by height, e.g. `16 / 9` or `1`. */
  readonly ratio: number
}

export const attentionCrop: Step<AttentionCropOptions> = ({ ratio }) => {
  if (!(ratio > 0 && Number.isFinite(ratio))) throw new StepError(`ratio must be a positive number, not ${ratio}`)
  return (image, { width, height }) =>
    image.resize({ ...largestBox(width, height, ratio), fit: 'cover', position: sharp.strategy.attention })
}

/** The largest box of a ratio that fits, in whole pixels. */
export const largestBox = (width: number, height: number, ratio: number) =>
  width / height > ratio
    ? { width: Math.max(1, Math.round(height * ratio)), height }
    : { width, height: Math.max(1, Math.round(width / ratio)) }
