/** `npm run build`: the functions' bundles and the web application, into `dist/`. `npm run build:web`: the latter alone. */
import { buildFunctions, buildWeb } from '../local/builds.ts'
import { SetupError } from './bootstrap/command.mjs'
import { createReport } from './bootstrap/progress.mjs'

try {
  const report = createReport()
  const webAlone = process.argv.includes('--web')
  await Promise.all([webAlone ? undefined : buildFunctions(report), buildWeb(report)])
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
