/** Processes one image and prints the most memory that this process has taken. Arguments: file, content type. */
import { readFile } from 'node:fs/promises'
import { imageLimits } from '../functions/process/limits.ts'
import { prepareRecipe } from '../functions/process/prepare.ts'
import { processImage } from '../functions/process/process-image.ts'
import { recipes } from '../functions/process/recipes.ts'
import type { ImageType } from '../platform.ts'

const [file = '', type = ''] = process.argv.slice(2)
const recipe = await prepareRecipe(recipes.standard)
// Nobody waits here: the wall clock belongs to a busy machine, not to memory.
await processImage(await readFile(file), type as ImageType, { recipe, limits: { ...imageLimits, seconds: 600 } })
console.log(JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 }))
