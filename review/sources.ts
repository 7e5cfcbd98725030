/** Where the stacks to be reviewed come from: a folder, and files that stand in for some of its stacks. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { NoStacksError, readStacks, type StackJson } from './infrastructure.ts'

export type Stacks = Readonly<Record<string, StackJson>>

/** What a path on the command line is. */
export type Given =
  | { readonly kind: 'plan'; readonly file: string }
  | { readonly kind: 'stack'; readonly file: string; readonly name: string; readonly stack: StackJson }
  | { readonly kind: 'stacks'; readonly folder: string }

/**
 * @param path of a synthesized stack, a plan as JSON, or a folder of stacks (cdktf.out, or what holds `<stack>/cdk.tf.json`)
 * @throws NoStacksError saying what it is not
 */
export function givenAt(path: string): Given {
  const file = resolve(path)
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new NoStacksError(`There is nothing at ${path}. Write the stacks first: npm run synth`)
  if (found.isDirectory()) return inFolder(file)
  const json = parsed(file)
  if ('format_version' in json && !('resource' in json)) return { kind: 'plan', file }
  if (['resource', 'module', 'terraform', 'data', 'output'].some((name) => name in json)) {
    const metadata = json['//'] as { metadata?: { stackName?: string } } | undefined
    return { kind: 'stack', file, name: metadata?.metadata?.stackName ?? nameOf(file), stack: json as StackJson }
  }
  throw new NoStacksError(`${path} is neither a stack (cdk.tf.json) nor a plan (terraform show -json)`)
}

/** By the folder where the file has the name that all have. */
const nameOf = (file: string) =>
  basename(file) === 'cdk.tf.json' ? basename(dirname(file)) : basename(file, '.json').replace(/\.tf$/, '')

function inFolder(folder: string): Given {
  const names = readdirSync(folder)
  if (names.includes('stacks')) return { kind: 'stacks', folder: join(folder, 'stacks') }
  if (names.includes('cdk.tf.json')) return givenAt(join(folder, 'cdk.tf.json'))
  return { kind: 'stacks', folder }
}

function parsed(file: string): Record<string, unknown> {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof json === 'object' && json !== null) return json
  } catch (cause) {
    throw new NoStacksError(`${file} is no JSON: ${(cause as Error).message}`, { cause })
  }
  throw new NoStacksError(`${file} is neither a stack (cdk.tf.json) nor a plan (terraform show -json)`)
}

/**
 * Stacks that somebody has changed by hand since they were synthesized: `npm run synth` writes the manifest last.
 * @param out `cdktf.out`
 */
export function editedSince(out: string): Extract<Given, { kind: 'stack' }>[] {
  const manifest = statSync(join(out, 'manifest.json'), { throwIfNoEntry: false })
  if (!manifest) return []
  return readdirSync(join(out, 'stacks')).flatMap((name) => {
    const file = join(out, 'stacks', name, 'cdk.tf.json')
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changed <= manifest.mtimeMs) return []
    const given = givenAt(file)
    return given.kind === 'stack' ? [given] : []
  })
}

/** The stacks of a folder, with the files in the place of those that have their names. */
export const withFiles = (folder: string, files: readonly Extract<Given, { kind: 'stack' }>[]): Stacks => ({
  ...readStacks(folder),
  ...Object.fromEntries(files.map(({ name, stack }) => [name, stack])),
})
