/** Entry of the child process in which images are decoded and encoded; `child.mjs` in the function's package. */
import { prepareRecipe } from '../prepare.ts'
import { processImage } from '../process-image.ts'
import { recipeInUse, recipes } from '../recipes.ts'
import { serve } from './serve.ts'

const recipe = await prepareRecipe(recipes[recipeInUse])
serve((bytes, declared, limits) => processImage(bytes, declared, { recipe, limits }))
