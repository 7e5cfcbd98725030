/**
 * Bundles every function with esbuild into `dist/functions/<name>/index.mjs`, and what it runs in processes of its own
 * beside it: the code that is deployed is the code
 * that runs locally. A bundle whose inputs have not changed is left alone.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build, version as esbuildVersion } from 'esbuild'
import { type CloudFunctionName, type FunctionName, functions } from '../platform.ts'

export type BundleName = FunctionName | CloudFunctionName
export type Bundle<Name extends BundleName = FunctionName> = {
  readonly name: Name
  /** Absolute path of the module that exports `handler`. */
  readonly file: string
  /** Size of the module in bytes, without its source map. */
  readonly bytes: number
  /** False where the inputs had not changed. */
  readonly built: boolean
}

/** What a bundle was made from: each input's size and time of change, and a digest over the options. */
type Stamp = { readonly options: string; readonly inputs: Readonly<Record<string, string>> }

/** What a function's package holds beside its handler: module → entry below the function's folder. */
const furtherEntries: { readonly [Name in BundleName]?: Readonly<Record<string, string>> } = {
  // The processor decodes images in child processes, and HEIC there in a thread.
  process: { child: 'isolation/entry.ts', heic: 'heic/thread.ts' },
}

/** Entries and names of what one function's bundle holds; whoever bundles says into which folder. */
export const entriesOf = (name: BundleName): Pick<BuildOptions, 'entryPoints' | 'outExtension'> => ({
  entryPoints: Object.fromEntries(
    Object.entries({ index: 'handler.ts', ...furtherEntries[name] }).map(([module, entry]) => [
      module,
      join('functions', name, entry),
    ]),
  ),
  outExtension: { '.js': '.mjs' },
})

const projectRoot = join(import.meta.dirname, '..')

/** Where a function's bundle lies, whether or not it has been made. */
export const bundleFile = (name: BundleName, root = projectRoot): string =>
  join(root, 'dist', 'functions', name, 'index.mjs')

/** How every function is bundled; fault runs bundle in the same way what they have changed. */
export const bundleOptions: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Half the size, and so less to read at a cold start; positions in stack traces come from the source map.
  minify: true,
  // Errors carry the name of their class.
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'silent',
  // Native code, which is put beside the bundle for the platform that runs it.
  external: ['sharp', '@img/*', 'aws-crt'],
  mainFields: ['module', 'main'],
  // CommonJS dependencies call `require`, which ES modules do not have.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
}
const optionsDigest = createHash('sha256')
  .update(JSON.stringify([esbuildVersion, bundleOptions]))
  .digest('hex')

/**
 * Bundles the functions whose `handler.ts` exists.
 * @param names those to bundle; by default all that run on one machine
 * @throws esbuild's BuildFailure, whose message names file and line
 */
export async function bundleFunctions<Name extends BundleName = FunctionName>(
  names: readonly Name[] = Object.keys(functions) as Name[],
  root: string = projectRoot,
): Promise<Bundle<Name>[]> {
  const present = names.filter((name) => existsSync(join(root, 'functions', name, 'handler.ts')))
  return Promise.all(present.map((name) => bundle(name, root)))
}

async function bundle<Name extends BundleName>(name: Name, root: string): Promise<Bundle<Name>> {
  const file = bundleFile(name, root)
  const stampFile = join(root, 'dist', 'functions', `${name}.inputs.json`)
  if (await isCurrent(file, stampFile, root)) return { name, file, bytes: (await stat(file)).size, built: false }

  const { outputFiles, metafile } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    ...entriesOf(name),
    outdir: relative(root, dirname(file)),
    metafile: true,
    write: false,
  })
  await mkdir(dirname(file), { recursive: true })
  // The stamp goes first and comes last, so that an interrupted build is never taken for a finished one.
  await rm(stampFile, { force: true })
  for (const output of outputFiles) await replaceFile(output.path, output.contents)
  const inputs = await stampsOf(Object.keys(metafile.inputs), root)
  await replaceFile(stampFile, JSON.stringify({ options: optionsDigest, inputs } satisfies Stamp))
  return { name, file, bytes: (await stat(file)).size, built: true }
}

async function isCurrent(file: string, stampFile: string, root: string): Promise<boolean> {
  if (!existsSync(file) || !existsSync(stampFile)) return false
  const stamp = JSON.parse(await readFile(stampFile, 'utf8')) as Stamp
  if (stamp.options !== optionsDigest) return false
  const now = await stampsOf(Object.keys(stamp.inputs), root)
  return Object.entries(stamp.inputs).every(([input, value]) => now[input] === value)
}

async function stampsOf(inputs: readonly string[], root: string): Promise<Record<string, string>> {
  const entries = inputs.map(async (input) => {
    const found = await stat(join(root, input)).catch(() => undefined)
    return [input, found ? `${found.size}:${found.mtimeMs}` : 'absent'] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Readers see the old file or the new one, never a part of it; two builds at once do not meet. */
async function replaceFile(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, contents)
  await rename(temporary, path)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, bytes, built } of await bundleFunctions()) {
    console.log(`${name}: ${(bytes / 1024).toFixed(0)} KiB${built ? '' : ', unchanged'}`)
  }
}
