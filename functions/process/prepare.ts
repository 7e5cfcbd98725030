/** Turns a recipe into what can be run for each image; the only part that knows all steps. For the init phase. */

import { layout } from '../../platform.ts'
import { restrictLoaders, withTrustedSvg } from './loaders.ts'
import type { Recipe, RenditionRecipe } from './recipes.ts'
import * as registered from './steps/index.ts'
import { type ApplyStep, type Step, StepError } from './steps/step.ts'

export type PreparedRendition = Omit<RenditionRecipe, 'steps'> & { readonly steps: readonly ApplyStep[] }
export type PreparedRecipe = readonly PreparedRendition[]

/** A recipe cannot be run: a name that is taken or no file name, no rendition, or a step that refuses its options. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError'
  readonly retriable = false
}

/**
 * Restricts this process's decoders and prepares all steps.
 * @param steps the registered ones; tests may add their own
 * @throws RecipeError naming the rendition
 */
export async function prepareRecipe(recipe: Recipe, steps: object = registered): Promise<PreparedRecipe> {
  restrictLoaders()
  const names = recipe.map(({ name }) => name)
  if (names.length === 0) throw new RecipeError('The recipe has no rendition')
  for (const name of names) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new RecipeError(`"${name}" is no name for a rendition`)
    if (name === layout.originalName) throw new RecipeError(`"${name}" is the original's own name`)
  }
  if (new Set(names).size < names.length) throw new RecipeError('Two renditions have the same name')
  return withTrustedSvg(() => Promise.all(recipe.map((rendition) => prepareRendition(rendition, steps))))
}

async function prepareRendition(rendition: RenditionRecipe, known: object): Promise<PreparedRendition> {
  const { steps = [], ...rest } = rendition
  const prepared = await Promise.all(
    steps.map(async ({ step, options }) => {
      const prepare = (known as Record<string, Step<unknown> | undefined>)[step]
      if (!prepare) throw new RecipeError(`${rendition.name}: there is no step "${step}"`)
      try {
        return await prepare(options)
      } catch (cause) {
        if (!(cause instanceof StepError)) throw cause
        throw new RecipeError(`${rendition.name}: step "${step}": ${cause.message}`, { cause })
      }
    }),
  )
  return { ...rest, steps: prepared }
}
