/**
 * Asks Terraform what a deployment would change: plans every stack in the order of deployment, and writes each plan as JSON
 * for the review. Changes nothing. Usage: npm run plan -- --help
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chosenEnvironment, cloudConfig, environmentWith, localConfig } from '../config.ts'
import { readStacks } from '../review/infrastructure.ts'
import { type Plan, planOf } from '../review/plan/plan.ts'
import { outOf, setOut } from '../review/stand-in/desk.ts'
import { startStandIn } from '../review/stand-in/server.ts'
import { madeUpAccount } from '../review/stand-in/states.ts'
import { createReport } from './bootstrap/progress.mjs'

const root = join(import.meta.dirname, '..')
const out = join(root, 'cdktf.out')

const help = `Plans every stack, in the order of deployment; writes plans/<stack>.json for \`npm run review -- --plan\`.

  npm run plan -- [--out DIR] [--providers DIR] [--required] [--without-account]

  --out DIR          where the plans go (plans)
  --providers DIR    a folder of providers, as \`terraform providers mirror\` makes it, for machines without the registry
  --required         where nothing can be planned, end with 1 instead of saying so and ending with 0
  --without-account  against a stand-in for AWS on this machine, with made-up credentials and made-up states of the stacks
                     before each; validates every stack, plans those of AWS, and touches nothing of the project
  --help             this text

It needs terraform and the AWS provider; with an account also credentials that may read, and the zips (npm run build,
npm run package).`

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
function synthesize(folder: string, variables: Readonly<Record<string, string>> = {}): Stack[] {
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsx'), ['main.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: environmentWith({ ...variables, CDKTF_OUTDIR: folder }),
  })
  if (status !== 0) throw new PlanFailedError('The stacks cannot be synthesized')
  return Object.values(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).stacks)
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

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string', default: join(root, 'plans') },
      providers: { type: 'string' },
      required: { type: 'boolean', default: false },
      'without-account': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return 0
  }
  const target = resolve(values.out)
  mkdirSync(target, { recursive: true })
  const options: PlanOptions = { target, providers: values.providers }
  try {
    return values['without-account'] ? await planWithoutAccount(options) : planDeployed(options)
  } catch (error) {
    if (!(error instanceof NothingToPlanWithError)) throw error
    console.log(`plan skipped: ${error.message}`)
    return values.required ? 1 : 0
  }
}

type PlanOptions = { readonly target: string; readonly providers: string | undefined }

/** An older plan beside a new one would be reviewed as if it were of today. */
const removePlans = (target: string, stacks: readonly Stack[]) => {
  for (const { name } of stacks) rmSync(join(target, `${name}.json`), { force: true })
}

function planDeployed({ target, providers }: PlanOptions): number {
  const stacks = synthesize(out)
  removePlans(target, stacks)
  const undeployed = new Set<string>()
  let written = 0
  for (const { name, workingDirectory, dependencies } of stacks) {
    const missing = dependencies.find((dependency) => undeployed.has(dependency))
    if (missing) {
      undeployed.add(name)
      console.log(`${name}: not planned, it stands on ${missing}, which is not deployed yet`)
      continue
    }
    const folder = join(out, workingDirectory)
    prepare(folder, providers)
    const { resources } = writePlan(folder, name, target)
    if (resources.every(({ change }) => change.before === null)) undeployed.add(name)
    written += 1
  }
  console.log(`${written} of ${stacks.length} stacks planned, in ${target}`)
  return 0
}

function writePlan(folder: string, name: string, target: string): Plan {
  const json = plan(folder)
  const made = planOf(JSON.parse(json), name)
  writeFileSync(join(target, `${name}.json`), json)
  console.log(`${name}: ${made.changes.length} of ${made.resources.length} resources would change`)
  return made
}

async function planWithoutAccount({ target, providers }: PlanOptions): Promise<number> {
  const desk = mkdtempSync(join(tmpdir(), 'darkroom-plan-'))
  const standIn = await startStandIn(localConfig(), createReport())
  try {
    const variables = {
      DARKROOM_AWS_ENDPOINT: standIn.url,
      DARKROOM_AWS_ACCOUNT: madeUpAccount,
      // Local files, of the folder above the stacks.
      DARKROOM_STATE_BUCKET: '',
      DARKROOM_DATABRICKS_ACCOUNT: '00000000-0000-4000-8000-000000000000',
    }
    const stacks = synthesize(outOf(desk), variables)
    removePlans(target, stacks)
    const { region } = cloudConfig(chosenEnvironment(), environmentWith(variables))
    setOut(desk, root, readStacks(join(outOf(desk), 'stacks')), { region, account: madeUpAccount })
    let written = 0
    for (const { name, workingDirectory } of stacks) {
      const folder = join(outOf(desk), workingDirectory)
      prepare(folder, providers)
      const { status, stdout, stderr } = terraform(folder, 'validate', '-no-color')
      if (status !== 0) throw new PlanFailedError(`${name} is not valid: ${firstLines(stderr || stdout)}`)
      if (name.includes('-databricks-')) {
        console.log(`${name}: valid; not planned, for want of a Databricks account to ask`)
        continue
      }
      writePlan(folder, name, target)
      written += 1
    }
    console.log(`${stacks.length} stacks valid, ${written} planned against a stand-in for AWS, in ${target}`)
    return 0
  } finally {
    await standIn.stop()
    rmSync(desk, { recursive: true, force: true })
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
