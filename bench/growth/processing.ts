/** How processing grows with an image's pixels. */
import { imageLimits } from '../../functions/process/limits.ts'
import { prepareRecipe } from '../../functions/process/prepare.ts'
import { processImage } from '../../functions/process/process-image.ts'
import { recipes } from '../../functions/process/recipes.ts'
import { contest, summary } from '../contest.ts'
import { photograph } from '../images.ts'
import { type Grow, rounds } from './panel.ts'

const megapixels = [1, 3, 6, 12, 24, 48]

export const growProcessing: Grow = async (progress) => {
  const recipe = await prepareRecipe(recipes.standard)
  const points = []
  for (const x of megapixels) {
    progress(`${x} megapixels`)
    const { bytes } = await photograph(x * 1e6)
    const work = () => processImage(bytes, 'image/jpeg', { recipe, limits: { ...imageLimits, seconds: 600 } })
    const [result] = await contest({ work }, rounds)
    points.push({ x, value: summary(result?.rounds.map(({ cpu }) => cpu / 1000) ?? []) })
  }
  return [{ of: 'megapixels of a JPEG', what: 'processing, CPU seconds', points }]
}
