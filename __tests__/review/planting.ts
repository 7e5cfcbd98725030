/** A copy of what the stacks really make, into which somebody has put a mistake. */
import { type Arguments, infrastructureOf, type StackJson } from '../../review/infrastructure.ts'
import { findingsOf } from '../../review/rule.ts'
import { rules } from '../../review/rules/index.ts'
import { synthesize } from '../stacks/synthesized.ts'

export type Stacks = Record<string, StackJson>

export const stacksOf = (environment: 'dev' | 'prod', variables = {}): Stacks => {
  const made = synthesize(environment, variables)
  return Object.fromEntries(made.stacks.map((name) => [`darkroom-${environment}-${name}`, made.stack(name)]))
}
export const dev = stacksOf('dev')
export const found = (stacks: Stacks) => findingsOf(rules, infrastructureOf(stacks))
const asIs = found(dev).map(({ rule, resource }) => `${rule} ${resource}`)

/** Rules that find something new in what somebody has made of the stacks, and where. */
export const newIn = (stacks: Stacks): string[] =>
  found(stacks)
    .map(({ rule, resource }) => `${rule} ${resource}`)
    .filter((finding) => !asIs.includes(finding))

type All = Record<string, Arguments>

/** Changes one resource, by its type and the beginning of its id. */
export function changed(
  type: string,
  id: RegExp,
  change: (args: Arguments, all: All) => void,
  stacks: Stacks = structuredClone(dev),
): Stacks {
  const places = Object.values(stacks).flatMap(({ resource }) => {
    const all = (resource?.[type] ?? {}) as All
    return Object.entries(all).flatMap(([name, args]) => (id.test(name) ? [{ all, args }] : []))
  })
  const [place] = places
  if (!place) throw new Error(`No ${type} is called ${id}`)
  change(place.args, place.all)
  return stacks
}

/** Rules that find something new, and where, once somebody has changed one resource. */
export const planted = (type: string, id: RegExp, change: (args: Arguments, all: All) => void): string[] =>
  newIn(changed(type, id, change))

export const remove = (args: Arguments, all: All) => {
  for (const [name, found] of Object.entries(all)) if (found === args) delete all[name]
}

/** Adds to a stack what stands in its `cdk.tf.json`, beside what is there. */
export function added(stack: string, parts: Readonly<Record<string, Record<string, Record<string, unknown>>>>): Stacks {
  const stacks: Stacks = structuredClone(dev)
  const json = stacks[`darkroom-dev-${stack}`] as Record<string, Record<string, Record<string, unknown>>>
  for (const [part, types] of Object.entries(parts)) {
    const there = json[part] ?? {}
    json[part] = there
    for (const [type, resources] of Object.entries(types)) there[type] = { ...there[type], ...resources }
  }
  return stacks
}

/** How, what it makes of the stacks, and the rule that has to find it. */
export type Variant = readonly [how: string, planted: () => Stacks, rule: string]

export const rulesThatFind = (stacks: Stacks): string[] =>
  newIn(stacks).map((finding) => finding.split(' ')[0] as string)

export const set = (values: object) => (args: Arguments) => void Object.assign(args, values)
export const without = (name: string) => (args: Arguments) => void delete args[name]

/** A new resource in a stack, beside ours. */
export const beside = (stack: string, type: string, args: object) =>
  added(stack, { resource: { [type]: { planted: args as Record<string, unknown> } } })

export const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })

const lakeId = Object.keys(dev['darkroom-dev-lake']?.resource?.aws_s3_bucket ?? {}).find((id) => id.startsWith('lake_'))
export const lakeBucket = `\${aws_s3_bucket.${lakeId}.id}`
export const lakeArn = `\${aws_s3_bucket.${lakeId}.arn}`
export const purgeRole = Object.keys(dev['darkroom-dev-retention']?.resource?.aws_iam_role ?? {})[0]
