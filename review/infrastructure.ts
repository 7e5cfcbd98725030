/** What the stacks say, read from the synthesized Terraform, with references between stacks followed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentOf } from './documents.ts'
import { literalOf } from './expression.ts'
import { saidElsewhere, withDynamicBlocks } from './older-forms.ts'

// biome-ignore lint/suspicious/noExplicitAny: arguments of any resource of any provider
export type Arguments = Record<string, any>

export type Resource = {
  /** The stack's whole name, `darkroom-dev-lake`. */
  readonly stack: string
  readonly type: string
  /** The name within the stack, with cdktf's hash. */
  readonly id: string
  /** Where it stands in our constructs, without the environment: `lake/ledger/table`. */
  readonly path: string
  /** As Terraform takes them. A reference reads `${<stack>/<type>.<id>.<attribute>}`, in whichever stack it is made. */
  readonly args: Arguments
}

/** The part of a `cdk.tf.json` that a review reads. */
export type StackJson = {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Arguments>>>>
  readonly output?: Readonly<Record<string, { readonly value?: unknown }>>
  readonly module?: Readonly<Record<string, Arguments>>
  readonly data?: Readonly<Record<string, Readonly<Record<string, Arguments>>>>
  readonly variable?: Readonly<Record<string, Arguments>>
  readonly locals?: Readonly<Record<string, unknown>>
}

/** There is nothing to review where the review was sent. */
export class NoStacksError extends Error {
  override readonly name = 'NoStacksError'
  readonly retriable = false
}

export class Infrastructure {
  readonly resources: readonly Resource[]
  readonly #byType: ReadonlyMap<string, readonly Resource[]>

  constructor(resources: readonly Resource[]) {
    this.resources = resources
    this.#byType = Map.groupBy(resources, ({ type }) => type)
  }

  /** @param types `*` stands for every type */
  all(...types: readonly string[]): readonly Resource[] {
    if (types.includes('*')) return this.resources
    return types.flatMap((type) => this.#byType.get(type) ?? [])
  }

  /** Resources of a type that name another one anywhere in one of their arguments. */
  naming(type: string, argument: string, named: Resource): readonly Resource[] {
    return this.all(type).filter(({ args }) => refersTo(args[argument], named))
  }
}

/** Whether a value names the resource, by a reference in any part of it. */
export const refersTo = (value: unknown, { stack, type, id }: Resource): boolean => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
  const reference = `${stack}/${type}.${id}`
  const at = text.indexOf(reference)
  return at >= 0 && !/[\w-]/.test(text[at + reference.length] ?? '')
}

/** A nested block is an object, a list of them, or not there. */
export const blocks = (value: unknown): readonly Arguments[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value as Arguments]

export const block = (value: unknown): Arguments => blocks(value)[0] ?? {}

/** What is neither a resource of its own nor anything else that rules know, but stands for some. */
export const moduleType = 'module'

/**
 * @param stacks by name, as synthesized
 */
export function infrastructureOf(stacks: Readonly<Record<string, StackJson>>): Infrastructure {
  const follow = (text: string, stack: string, depth = 0): string =>
    text
      .replaceAll(
        /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+)\.outputs\.([\w-]+)/g,
        (whole, from: string, output: string) => {
          const value = stacks[from]?.output?.[output]?.value
          // A reference to a stack that is not reviewed stays as it is.
          if (typeof value !== 'string' || depth > 9) return whole
          return follow(value, from, depth + 1).replace(/^\$\{(.*)\}$/s, '$1')
        },
      )
      .replaceAll(/(?<![\w./-])((?:aws|databricks)_\w+)\.([A-Za-z][\w-]*)(?=[.[])/g, `${stack}/$1.$2`)

  const followAll = (value: unknown, stack: string): unknown => {
    if (typeof value === 'string') {
      const meant = meaningOf(value, stacks[stack] ?? {})
      return typeof meant === 'string' && meant.includes('${') ? follow(meant, stack) : meant
    }
    if (Array.isArray(value)) return value.map((part) => followAll(part, stack))
    if (typeof value !== 'object' || value === null) return value
    const parts = withDynamicBlocks(value)
    return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, followAll(part, stack)]))
  }

  return new Infrastructure(
    Object.entries(stacks).flatMap(([stack, { resource = {}, module = {} }]) =>
      Object.entries({ [moduleType]: module, ...resource }).flatMap(([type, found]) =>
        Object.entries(found).flatMap(([id, written]) => {
          // In a module's place, or with `for_each`, Terraform takes a list of one too.
          const { '//': comment, ...args } = block(written)
          const path = pathOf(comment?.metadata?.path ?? `${stack}/${type}.${id}`)
          return [{ type, args }, ...saidElsewhere(type, id, args)].map((said) => ({
            stack,
            type: said.type,
            id,
            path,
            args: followAll(said.args, stack) as Arguments,
          }))
        }),
      ),
    ),
  )
}

/** What a string comes to: the default of a variable, a local value, a document; or itself. */
function meaningOf(text: string, { variable, locals, data }: StackJson): unknown {
  const [, kind, name] = /^\$\{\s*(var|local)\.([\w-]+)\s*\}$/.exec(text) ?? []
  const meant = kind === 'var' ? variable?.[name as string]?.default : kind && locals?.[name as string]
  if (typeof meant === 'string') return literalOf(documentOf(meant, data))
  if (meant !== undefined) return meant
  // Terraform takes the words for the values.
  if (/^(\$\{\s*)?(true|false)(\s*\})?$/.test(text)) return text.includes('true')
  return literalOf(documentOf(text, data))
}

/** Environments have the same constructs, and a waiver for one of them is one for all. */
const pathOf = (constructPath: string) => constructPath.replace(/^darkroom-(dev|staging|prod)-/, '')

/**
 * @param folder that holds `<stack>/cdk.tf.json`: `cdktf.out/stacks`, or a copy
 * @throws NoStacksError
 */
export function readStacks(folder: string): Record<string, StackJson> {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    throw new NoStacksError(`There are no stacks in ${folder}. Write them first: npm run synth`, { cause })
  }
  const stacks = Object.fromEntries(
    names.toSorted().flatMap((name) => {
      try {
        return [[name, JSON.parse(readFileSync(join(folder, name, 'cdk.tf.json'), 'utf8')) as StackJson]]
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw new NoStacksError(`${join(folder, name, 'cdk.tf.json')} is no JSON`, { cause })
      }
    }),
  )
  if (Object.keys(stacks).length === 0) throw new NoStacksError(`There are no stacks in ${folder}: npm run synth`)
  return stacks
}
