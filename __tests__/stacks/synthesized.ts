/** The Terraform that the stacks make, as plain JSON, for tests that hold it against `platform.ts`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'cdktf'
import { type CloudConfig, cloudConfig, type EnvironmentName } from '../../config.ts'
import { addDatabricks } from '../../stacks/databricks.ts'
import { FoundationStack } from '../../stacks/foundation.ts'
import { LakeStack } from '../../stacks/lake.ts'
import { NetworkStack } from '../../stacks/network.ts'
import { addPlatform } from '../../stacks/platform.ts'

// biome-ignore lint/suspicious/noExplicitAny: arguments of any resource of any provider
export type Arguments = Record<string, any>
export type Resource = { readonly stack: string; readonly id: string; readonly type: string } & Arguments
export type Policy = {
  readonly Statement: readonly {
    readonly Sid?: string
    readonly Effect: 'Allow' | 'Deny'
    readonly Principal?: unknown
    readonly Action: readonly string[]
    readonly Resource: readonly string[]
    readonly Condition?: Record<string, Record<string, string>>
  }[]
}

export type Synthesized = {
  /** Short names of the stacks. */
  readonly stacks: readonly string[]
  /** One stack's whole file. */
  stack(name: string): Arguments
  /** All resources of a type, over all stacks. */
  all(type: string): Resource[]
  /** The only resource of a type whose arguments fit. */
  one(type: string, fits?: Arguments): Resource
}

type Variables = Record<string, string>

/** The platform in AWS. The analysts' stacks are left out where nobody asks for them: they have tests of their own. */
export const synthesize = (environment: EnvironmentName = 'dev', variables: Variables = {}): Synthesized =>
  synthesized(environment, { DARKROOM_DATABRICKS: 'none', ...variables }, addPlatform)

/** The analysts' stacks, and those that they stand on. */
export const synthesizeDatabricks = (environment: EnvironmentName = 'dev', variables: Variables = {}): Synthesized =>
  synthesized(environment, variables, (app, config) => {
    const foundation = new FoundationStack(app, config)
    const network = new NetworkStack(app, { foundation })
    const lake = new LakeStack(app, { foundation })
    addDatabricks(app, { foundation, network, lake })
  })

function synthesized(
  environment: EnvironmentName,
  variables: Variables,
  add: (app: App, config: CloudConfig) => void,
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'darkroom-synth-'))
  try {
    const app = new App({ outdir, stackTraces: false })
    add(app, cloudConfig(environment, variables))
    app.synth()
    return readStacks(join(outdir, 'stacks'), `darkroom-${environment}-`)
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

function readStacks(folder: string, prefix: string): Synthesized {
  const files = new Map<string, Arguments>(
    readdirSync(folder).map((name) => [
      name.slice(prefix.length),
      JSON.parse(readFileSync(join(folder, name, 'cdk.tf.json'), 'utf8')),
    ]),
  )
  const all = (type: string): Resource[] =>
    [...files].flatMap(([stack, { resource }]) =>
      Object.entries<Arguments>(resource?.[type] ?? {}).map(([id, found]) => ({ ...found, stack, id, type })),
    )
  return {
    stacks: [...files.keys()],
    stack: (name) => files.get(name) ?? {},
    all,
    one(type, fits = {}) {
      const found = all(type).filter((resource) =>
        Object.entries(fits).every(([name, value]) => resource[name] === value),
      )
      if (found.length !== 1) throw new Error(`${found.length} resources are ${type} ${JSON.stringify(fits)}`)
      return found[0] as Resource
    },
  }
}

export const policyOf = (document: string): Policy => JSON.parse(document)

/** The inline policy of a function, by its short name. */
export const functionPolicy = ({ all }: Synthesized, name: string): Policy => {
  const [policy] = all('aws_iam_role_policy').filter(({ id }) => id.startsWith(`${name}-function_`))
  if (!policy) throw new Error(`The function ${name} has no policy`)
  return policyOf(policy.policy)
}

/** The function, by its short name. */
export const functionOf = ({ one }: Synthesized, name: string): Resource =>
  one('aws_lambda_function', { function_name: `darkroom-dev-${name}` })
