/**
 * Recipes: which renditions are made of each image. Data, not code; what data cannot say is a step
 * (`steps/`, docs/processing.md).
 */
import type { OutputFormat } from './encoders.ts'
import type * as steps from './steps/index.ts'

type Steps = typeof steps

/** A step by its name, with the options that it takes. */
export type StepUse = {
  readonly [Name in keyof Steps]: { readonly step: Name; readonly options: Parameters<Steps[Name]>[0] }
}[keyof Steps]

export type RenditionRecipe = {
  /** Names the file in the lake: lower case, digits and hyphens. `original` is taken. */
  readonly name: string
  /** Longest side in pixels; a smaller image keeps its size. Left out: full size. */
  readonly side?: number
  /** `same`: the original's own format (GIF becomes WebP). */
  readonly format: OutputFormat | 'same'
  /** 1 to 100; left out, the encoder's choice. */
  readonly quality?: number
  /** Whether an animation stays one. Only WebP carries it on, and steps see the first frame only. */
  readonly animated?: boolean
  /** Run in this order after scaling. */
  readonly steps?: readonly StepUse[]
}

export type Recipe = readonly RenditionRecipe[]

const standard: Recipe = [
  { name: 'thumb', side: 256, format: 'webp' },
  { name: 'preview', side: 1024, format: 'webp', animated: true },
  { name: 'preview-avif', side: 1024, format: 'avif' },
  { name: 'compressed', format: 'same', animated: true },
]

/** The aperture of the project's sign, drawn as paths so that no font is needed. */
const sign = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><g fill="none" stroke="#fff" stroke-width="6">
  <circle cx="48" cy="48" r="42"/><path d="M48 6 68 48M84.4 27 58 65.3M84.4 69 38 65.3M48 90 28 48M11.6 69 38 30.7M11.6 27 58 30.7"/>
  </g></svg>`

export const recipes = {
  standard,
  /** Previews carry the sign, for showing images before they are paid for. */
  watermarked: [
    { name: 'thumb', side: 256, format: 'webp' },
    {
      name: 'preview',
      side: 1024,
      format: 'webp',
      steps: [{ step: 'watermark', options: { mark: { svg: sign }, opacity: 0.6, gravity: 'southeast', width: 0.15 } }],
    },
    { name: 'compressed', format: 'same', animated: true },
  ],
  /** A square tile and a wide banner around what draws the eye. */
  social: [
    { name: 'thumb', side: 256, format: 'webp' },
    { name: 'square', side: 1024, format: 'webp', steps: [{ step: 'attentionCrop', options: { ratio: 1 } }] },
    { name: 'banner', side: 2048, format: 'jpeg', steps: [{ step: 'attentionCrop', options: { ratio: 1200 / 630 } }] },
    { name: 'compressed', format: 'same', animated: true },
  ],
} as const satisfies Record<string, Recipe>

export type RecipeName = keyof typeof recipes

/** The recipe that every image goes through. */
export const recipeInUse: RecipeName = 'standard'
