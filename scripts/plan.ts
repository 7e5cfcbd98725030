/**
 * Asks Terraform what a deployment would change: plans every stack in the order of deployment, and writes each plan as JSON
 * for the review. Changes nothing. Usage: npm run plan -- --help
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentWith } from '../config.ts'
import { planOf } from '../review/plan/plan.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, 'cdktf.out')

const help = `Plans every stack, in the order of deployment; writes plans/<stack>.json for \`npm run review -- --plan\`.

  npm run plan -- [--out DIR] [--providers DIR] [--required]

  --out DIR        where the plans go (plans)
  --providers DIR  a folder of providers, as \`terraform providers mirror\` makes it, for machines without the registry
  --required       where nothing can be planned, end with 1 instead of saying so and ending with 0
  --help           this text

It needs terraform, the AWS provider, credentials that may read, and the zips (npm run build, npm run package).`

type Ended = {
  readonly status: number | null
  readonly missing: boolean
  readonly stdout: string
  readonly stderr: string
}

function terraform(folder: string, ...args: string[]): Ended {
  const { status, error, stdout, stderr } = spawnSync('terraform', args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: environmentWith({ CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }),
  })
  const missing = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
  return { status, missing, stdout: stdout ?? '', stderr: stderr ?? '' }
}

/** Terraform or a provider is not to be had here, so that there is nothing to plan with. */
class NothingToPlanWithError extends Error {
  override readonly name = 'NothingToPlanWithError'
  readonly retriable = false
}

class PlanFailedError extends Error {
  override readonly name = 'PlanFailedError'
  readonly retriable = true
}

type Stack = { readonly name: string; readonly workingDirectory: string; readonly dependencies: readonly string[] }

/** In the order in which they are deployed, as `main.ts` writes the manifest. */
function synthesize(): Stack[] {
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsx'), ['main.ts'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new PlanFailedError('The stacks cannot be synthesized')
  return Object.values(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).stacks)
}

/** @throws NothingToPlanWithError saying how to get what is missing */
function prepare(folder: string, providers: string | undefined): void {
  // Without its backend first: whether there is a provider is another question than whether there are credentials.
  const from = providers ? [`-plugin-dir=${resolve(providers)}`] : []
  const init = ['init', '-input=false', '-no-color', ...from]
  const { status, missing, stderr } = terraform(folder, ...init, '-backend=false')
  if (missing)
    throw new NothingToPlanWithError('no terraform. Get it from https://developer.hashicorp.com/terraform/install')
  if (status !== 0) {
    throw new NothingToPlanWithError(
      `no provider. Terraform needs its registry, or a folder from \`terraform providers mirror\`: --providers DIR\n${firstLines(stderr)}`,
    )
  }
  const { status: ready, stderr: reason } = terraform(folder, ...init)
  if (ready !== 0) throw new PlanFailedError(`Terraform cannot reach its state: ${firstLines(reason)}`)
}

const firstLines = (text: string) => text.trim().split('\n').slice(0, 12).join('\n')

/** @returns the plan as `terraform show -json` writes it */
function plan(folder: string): string {
  const file = 'darkroom.tfplan'
  try {
    // Planning writes no state, and a reviewer's credentials may not write its lock either.
    const planned = terraform(folder, 'plan', '-input=false', '-no-color', '-lock=false', `-out=${file}`)
    if (planned.status !== 0) throw new PlanFailedError(firstLines(planned.stderr))
    const shown = terraform(folder, 'show', '-json', '-no-color', file)
    if (shown.status !== 0) throw new PlanFailedError(firstLines(shown.stderr))
    return shown.stdout
  } finally {
    rmSync(join(folder, file), { force: true })
  }
}

function main(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string', default: join(root, 'plans') },
      providers: { type: 'string' },
      required: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return 0
  }
  const target = resolve(values.out)
  const stacks = synthesize()
  mkdirSync(target, { recursive: true })
  // An older plan beside a new one would be reviewed as if it were of today.
  for (const { name } of stacks) rmSync(join(target, `${name}.json`), { force: true })
  const undeployed = new Set<string>()
  let written = 0
  try {
    for (const { name, workingDirectory, dependencies } of stacks) {
      const missing = dependencies.find((dependency) => undeployed.has(dependency))
      if (missing) {
        undeployed.add(name)
        console.log(`${name}: not planned, it stands on ${missing}, which is not deployed yet`)
        continue
      }
      const folder = join(out, workingDirectory)
      prepare(folder, values.providers)
      const json = plan(folder)
      const { changes, resources } = planOf(JSON.parse(json), name)
      if (resources.every(({ change }) => change.before === null)) undeployed.add(name)
      writeFileSync(join(target, `${name}.json`), json)
      written += 1
      console.log(`${name}: ${changes.length} of ${resources.length} resources would change`)
    }
  } catch (error) {
    if (!(error instanceof NothingToPlanWithError)) throw error
    console.log(`plan skipped: ${error.message}`)
    return values.required ? 1 : 0
  }
  console.log(`${written} of ${stacks.length} stacks planned, in ${target}`)
  return 0
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
