/** Puts a bug into the code that runs: into bundles of their own, or into a module of `local/` as it is loaded. */
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { FunctionName } from '../../platform.ts'
import { bundleOptions, entriesOf } from '../../scripts/bundle.ts'
import { applyPatch, type InjectSettings, type SourcePatch } from '../inject/settings.ts'
import type { PlantedBug } from './bug.ts'

const root = join(import.meta.dirname, '..', '..')

/**
 * Bundles the functions that the bug is in, below `dist/planted`, where they find the same packages as the real ones.
 * @throws Error where the text to be replaced is not there, or a function does not hold the file at all
 */
export async function plant(bug: PlantedBug): Promise<Pick<InjectSettings, 'bundles' | 'patches'>> {
  if (bug.functions.length === 0) {
    applyPatch(await readFile(join(root, bug.patch.file), 'utf8'), bug.patch)
    return { bundles: {}, patches: [bug.patch] }
  }
  const bundles = await Promise.all(bug.functions.map(async (name) => [name, await bundle(bug, name)] as const))
  return { bundles: Object.fromEntries(bundles), patches: [] }
}

async function bundle({ name: bug, patch }: PlantedBug, name: FunctionName): Promise<string> {
  const folder = join(root, 'dist', 'planted', bug, name)
  let planted = false
  const plugin = patching(patch, () => {
    planted = true
  })
  await build({
    ...bundleOptions,
    absWorkingDir: root,
    ...entriesOf(name),
    outdir: relative(root, folder),
    plugins: [plugin],
  })
  if (!planted) throw new Error(`${bug}: the function ${name} does not hold ${patch.file}`)
  return join(folder, 'index.mjs')
}

function patching(patch: SourcePatch, onPlanted: () => void): Plugin {
  const path = join(root, patch.file)
  return {
    name: 'planted-bug',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async (found) => {
        if (found.path !== path) return undefined
        const contents = applyPatch(await readFile(path, 'utf8'), patch)
        onPlanted()
        return { contents, loader: 'ts' as const }
      })
    },
  }
}
