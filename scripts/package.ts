/**
 * Makes `dist/packages/<function>.zip` from the bundles, which the stacks deploy: the same bytes from the same source,
 * and none larger than its budget. Usage: npm run package
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { localConfig } from '../config.ts'
import { cloudFunctions, functions } from '../platform.ts'
import { createReport, type Report } from './bootstrap/progress.mjs'
import { type BundleName, bundleFunctions } from './bundle.ts'
import { type Architecture, sharpFiles } from './packages/native.ts'
import { type Files, filesBelow, zip } from './packages/zip.ts'

const MB = 1_000_000

/** Bytes of a zip at most: what is larger starts cold more slowly. The processor carries sharp and libheif. */
export const budgetOf = (name: BundleName): number => (name === 'process' ? 15 * MB : 1.5 * MB)

export const deployedNames = [...Object.keys(functions), ...Object.keys(cloudFunctions)] as BundleName[]

export type Package = { readonly name: BundleName; readonly file: string; readonly bytes: number }

/** A zip exceeds its budget. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError'
  readonly retriable = false
}

/** No `handler.ts` to make a zip from. */
export class MissingHandlerError extends Error {
  override readonly name = 'MissingHandlerError'
  readonly retriable = false
}

export type PackageOptions = {
  readonly root: string
  /** Folder of the zips. */
  readonly target: string
  readonly architecture: Architecture
  /** Where sharp's installations are kept. */
  readonly cache: string
  readonly report: Report
}

/**
 * Bundles and zips functions, one after the other.
 * @throws MissingHandlerError, BudgetError naming the function and its size
 */
export async function packageFunctions(names: readonly BundleName[], options: PackageOptions): Promise<Package[]> {
  const bundles = await bundleFunctions(names, options.root)
  const packages: Package[] = []
  for (const name of names) {
    const bundle = bundles.find((made) => made.name === name)
    if (!bundle) throw new MissingHandlerError(`functions/${name} has no handler.ts`)
    const bytes = zip(new Map([...(await bundleFiles(bundle.file)), ...(await besideBundle(name, options))]))
    if (bytes.length > budgetOf(name)) {
      throw new BudgetError(`${name}.zip has ${bytes.length} bytes, its budget is ${budgetOf(name)}`)
    }
    const file = join(options.target, `${name}.zip`)
    await replaceFile(file, bytes)
    packages.push({ name, file, bytes: bytes.length })
  }
  return packages
}

/** The modules and their source maps, whose paths are relative. */
const bundleFiles = (file: string): Promise<Files> =>
  filesBelow(dirname(file), (path) => /^[a-z]+\.mjs(\.map)?$/.test(path))

const besideBundle = async (name: BundleName, options: PackageOptions): Promise<Files> =>
  name === 'process'
    ? new Map([...(await sharpFiles(options.architecture, options)), ...(await libheifFiles(options.root))])
    : new Map()

/** Beside the bundle and not in it: libheif's licence (LGPL) wants it to be exchangeable. */
const libheifFiles = (root: string): Promise<Files> =>
  filesBelow(
    join(root, 'node_modules', 'libheif-js'),
    (path) => /^(package\.json|LICENSE|libheif-wasm\/(libheif\.(js|wasm)|LICENSE))$/.test(path),
    'node_modules/libheif-js/',
  )

/** A file that has not changed keeps its time; nobody sees half of a new one. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => undefined)
  if (present?.equals(bytes)) return
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}.tmp`
  await writeFile(partial, bytes)
  await rename(partial, path)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = join(import.meta.dirname, '..')
  const packages = await packageFunctions(deployedNames, {
    root,
    target: join(root, 'dist', 'packages'),
    // As the stacks ask Lambda for.
    architecture: 'arm64',
    cache: localConfig().cache,
    report: createReport(),
  })
  for (const { name, bytes } of packages) {
    console.log(`${name}.zip: ${(bytes / 1000).toFixed(0)} kB of ${budgetOf(name) / 1000} kB`)
  }
}
