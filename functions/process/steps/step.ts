/**
 * A step is custom image logic that a recipe names. It lives in one file of this folder and is registered by being
 * exported from `index.ts`; docs/processing.md shows how to add one.
 */
import type { Sharp } from 'sharp'

/** The pixels that a step is given: 8-bit sRGB, upright, three channels or four with alpha. */
export type StepInput = { readonly width: number; readonly height: number; readonly channels: 3 | 4 }

/** Changes one image. The result may have another size; metadata, encoding and storing are not its business. */
export type ApplyStep = (image: Sharp, input: StepInput) => Sharp | Promise<Sharp>

/**
 * Prepares a step for its options, once, in the function's init phase; the project's own SVG can be read only there.
 * @throws StepError when the options cannot work, so that a deployment fails and no image does
 */
export type Step<Options> = (options: Options) => ApplyStep | Promise<ApplyStep>

/** A recipe names a step with options that cannot work. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly retriable = false
}
