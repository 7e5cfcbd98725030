/**
 * What Terraform itself says of the stacks. Reading needs no provider; `validate` does: a folder of providers (as
 * `terraform providers mirror` makes it) can be named in DARKROOM_TERRAFORM_PROVIDERS, and without one it is skipped.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { synthesize } from './synthesized.ts'

const minute = 60_000
const providers = process.env.DARKROOM_TERRAFORM_PROVIDERS
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
const dev = synthesize()

/** A stack without its backend, which would have to be set up first. @returns its folder */
function write(name: string): string {
  const { backend: _, ...settings } = dev.stack(name).terraform
  const target = join(folder, name)
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'cdk.tf.json'), JSON.stringify({ ...dev.stack(name), terraform: settings }))
  return target
}

describe('Terraform', () => {
  it.for(dev.stacks.map((name) => ({ name })))(
    'reads the stack $name, with all its expressions',
    { timeout: minute },
    ({ name }, { skip }) => {
      skip(!present, 'no terraform')
      const { status, output } = terraform(write(name), 'providers')
      expect(status, output).toBe(0)
      expect(output).toContain('hashicorp/aws')
    },
  )

  it.for(dev.stacks.map((name) => ({ name })))(
    'finds the stack $name valid',
    { timeout: 5 * minute },
    ({ name }, { skip }) => {
      skip(!present || !providers, 'no provider')
      const target = write(name)
      const made = terraform(target, 'init', '-backend=false', '-input=false', `-plugin-dir=${providers}`)
      expect(made.status, made.output).toBe(0)
      const { status, output } = terraform(target, 'validate')
      expect(status, output).toBe(0)
    },
  )
})
