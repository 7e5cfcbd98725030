/** Writes the Terraform of one environment's stacks into `cdktf.out`: `DARKROOM_ENV=prod npm run synth`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { App, TerraformStack } from 'cdktf'
import { ConfigError, chosenEnvironment, cloudConfig } from './config.ts'
import { addPlatform } from './stacks/platform.ts'

try {
  // Where in the code each resource comes from would be in the output, with the paths of whoever ran this.
  const app = new App({ stackTraces: false })
  addPlatform(app, cloudConfig(chosenEnvironment()))
  app.synth()
  say(listInOrder(app), app.outdir)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** `cdktf list` shows the manifest as it is, which cdktf sorts by name: here it is in the order of deployment. */
function listInOrder({ node, outdir }: App): string[] {
  const file = join(outdir, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const names = node.children.filter(TerraformStack.isStack).map((stack) => stack.node.id)
  const stacks = Object.fromEntries(names.map((name) => [name, manifest.stacks[name]]))
  writeFileSync(file, JSON.stringify({ ...manifest, stacks }, null, 2))
  return names
}

function say(names: readonly string[], folder: string): void {
  console.error(`${names.length} stacks in ${relative(process.cwd(), folder)}, in ${performance.now().toFixed(0)} ms:`)
  for (const name of names) console.error(`  ${name}`)
}
