/**
 * Preload of the local platform's own processes in a fault run (by NODE_OPTIONS of the supervisor). It gives each
 * function's process its preload, and the planted bundle where there is one; sends the trigger's connections through
 * the proxies; and plants bugs in `local/` when a module is loaded.
 */
import childProcess, { type SpawnOptions } from 'node:child_process'
import { registerHooks, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { redirectConnections } from './redirect.ts'
import { applyPatch, readSettings } from './settings.ts'

const root = join(import.meta.dirname, '..', '..')
const runtime = join(root, 'local', 'lambda', 'runtime.ts')
const main = (name: string) => join(root, 'local', name, 'main.ts')
const script = process.argv[1]

if (script && [main('gateway'), main('triggers'), main('schedule')].includes(script)) inject()

function inject(): void {
  const settings = readSettings(import.meta.url)
  // The gateway's own questions after the stores' health are no part of what is tested.
  if (script === main('triggers')) redirectConnections(settings.redirect)

  const patched = new Map(settings.patches.map((patch) => [pathToFileURL(join(root, patch.file)).href, patch]))
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const patch = patched.get(url)
      return patch ? { ...loaded, source: applyPatch(String(loaded.source), patch) } : loaded
    },
  })

  const spawn = childProcess.spawn as (file: string, args: readonly string[], options: SpawnOptions) => unknown
  const withPreload = (file: string, args: readonly string[], options: SpawnOptions) => {
    const at = args.indexOf(runtime)
    if (at < 0) return spawn(file, args, options)
    const name = String(options.env?.POWERTOOLS_SERVICE_NAME)
    const preload = new URL('function.ts', import.meta.url)
    preload.search = new URL(import.meta.url).search
    preload.searchParams.set('name', name)
    const bundle = settings.bundles[name] ?? args[at + 1] ?? ''
    return spawn(file, [...args.slice(0, at), '--import', preload.href, runtime, bundle], options)
  }
  childProcess.spawn = withPreload as typeof childProcess.spawn
  syncBuiltinESMExports()
}
