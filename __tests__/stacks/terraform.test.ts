/**
 * What Terraform itself says of the stacks. Reading needs no provider; `validate` and `plan` do: a folder of providers (as
 * `terraform providers mirror` makes it) can be named in DARKROOM_TERRAFORM_PROVIDERS, or DARKROOM_TERRAFORM_REGISTRY=1 says
 * that Terraform may ask its registry. Without either they are skipped.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Synthesized, synthesize, synthesizeDatabricks } from './synthesized.ts'

const minute = 60_000
const root = join(import.meta.dirname, '../..')
const providers = process.env.DARKROOM_TERRAFORM_PROVIDERS
const from = providers ? [`-plugin-dir=${providers}`] : []
const obtainable = Boolean(providers) || process.env.DARKROOM_TERRAFORM_REGISTRY === '1'
const why = 'no provider: set DARKROOM_TERRAFORM_PROVIDERS to a mirror, or DARKROOM_TERRAFORM_REGISTRY=1'
const folder = mkdtempSync(join(tmpdir(), 'darkroom-terraform-'))
afterAll(() => rmSync(folder, { recursive: true }))

function terraform(cwd: string, ...args: string[]) {
  const { error, status, stdout, stderr } = spawnSync('terraform', args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
  })
  return { present: error === undefined, status, output: `${stdout}${stderr}` }
}

const { present } = terraform(folder, 'version')

/** Every stack, and those of the analysts in both ways of seeing the lake. */
const stacks = [
  ...named('', synthesize()),
  ...named('', synthesizeDatabricks('dev', { DARKROOM_LAKE_ACCESS: 'volume' }), 'databricks-'),
  ...named(' (mount)', synthesizeDatabricks('dev', { DARKROOM_LAKE_ACCESS: 'mount' }), 'databricks-'),
]

function named(variant: string, made: Synthesized, prefix = '') {
  const names = made.stacks.filter((name) => name.startsWith(prefix))
  return names.map((name) => ({ name: `${name}${variant}`, content: made.stack(name) }))
}

/** A stack without its backend, which would have to be set up first. @returns its folder */
function write({ name, content }: (typeof stacks)[number]): string {
  const { backend: _, ...settings } = content.terraform
  const target = join(folder, name)
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'cdk.tf.json'), JSON.stringify({ ...content, terraform: settings }))
  return target
}

describe('Terraform', () => {
  it.for(stacks)('reads the stack $name, with all its expressions', { timeout: minute }, (stack, { skip }) => {
    skip(!present, 'no terraform')
    const { status, output } = terraform(write(stack), 'providers')
    expect(status, output).toBe(0)
    expect(output).toContain('hashicorp/aws')
    if (stack.name.startsWith('databricks-')) expect(output).toContain('databricks/databricks')
  })

  it.for(stacks)('finds the stack $name valid', { timeout: 5 * minute }, (stack, { skip }) => {
    skip(!present || !obtainable, present ? why : 'no terraform')
    const target = write(stack)
    const made = terraform(target, 'init', '-backend=false', '-input=false', ...from)
    expect(made.status, made.output).toBe(0)
    const { status, output } = terraform(target, 'validate')
    expect(status, output).toBe(0)
  })
  it('plans every stack of AWS against a stand-in, without an account', { timeout: 30 * minute }, ({ skip }) => {
    skip(!present || !obtainable, present ? why : 'no terraform')
    const plans = join(folder, 'plans')
    const given = providers ? ['--providers', providers] : []
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'scripts/plan.ts'), '--without-account', '--required', '--out', plans, ...given],
      { encoding: 'utf8', env: { ...process.env, DARKROOM_ENV: 'dev' } },
    )
    expect(status, `${stdout}\n${stderr}`).toBe(0)
    const planned = synthesize().stacks.map((name) => `darkroom-dev-${name}.json`)
    expect(readdirSync(plans).toSorted()).toEqual(planned.toSorted())
  })
})
