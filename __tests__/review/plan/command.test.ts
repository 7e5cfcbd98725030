/** `npm run review` as people and workflows run it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ResourceChange } from '../../../review/plan/plan.ts'
import { synthesize } from '../../stacks/synthesized.ts'
import { planJson, resource } from './plan-json.ts'

const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'darkroom-review-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

const dev = synthesize()
/** @param change to the text of each stack. @returns the folder of stacks */
function stacks(name: string, change: (text: string) => string = (text) => text): string {
  for (const stack of dev.stacks) {
    const target = join(folder, name, `darkroom-dev-${stack}`)
    mkdirSync(target, { recursive: true })
    writeFileSync(join(target, 'cdk.tf.json'), change(JSON.stringify(dev.stack(stack))))
  }
  return join(folder, name)
}
function plan(...changes: readonly ResourceChange[]): string {
  const file = join(folder, 'darkroom-dev-lake.json')
  writeFileSync(file, JSON.stringify(planJson(...changes)))
  return file
}
const review = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/review.ts'), '--no-checkov', ...args], { encoding: 'utf8' })

const asIs = stacks('as-is')
const lake = 'darkroom-dev-lake'

describe('npm run review', () => {
  it('ends with 0 where nothing is found, and says that checkov did not look', () => {
    const { status, stdout } = review('--synth', asIs)
    expect(stdout).toMatch(/no findings.*checkov skipped: as asked/)
    expect(status).toBe(0)
  })

  it('ends with 1 where something is planted, and says what, where and what to do', () => {
    const forever = stacks('forever', (text) => text.replaceAll('"retention_in_days":3', '"retention_in_days":0'))
    const { status, stdout } = review('--synth', forever)
    expect(status).toBe(1)
    expect(stdout).toMatch(/HIGH +[\w-]+\/[\w/-]+/)
    for (const words of ['ingest/upload-logs/group', 'never expires', 'do:', 'logs/group-expires']) {
      expect(stdout).toContain(words)
    }
    expect(review('--synth', forever, '--format', 'markdown').stdout).toContain('| high | ')
  })

  it('looks at one file in the place of the stack of its name, and at the others beside it', () => {
    const file = join(
      stacks('one', (text) => text.replaceAll('"kms_master_key_id"', '"no_key"')),
      lake,
      'cdk.tf.json',
    )
    const { status, stdout } = review('--synth', asIs, file)
    expect(stdout).toMatch(/^darkroom-dev-lake is looked at as .*cdk\.tf\.json has it\n/)
    expect(stdout).toContain('encryption/bucket')
    // Of its own stacks the file has only this one: references to the others still lead somewhere.
    expect(stdout).not.toContain('alarms/')
    expect(status).toBe(1)
  })

  it('takes a plan by its path, also one with changes only', () => {
    const file = join(folder, 'just-changes.json')
    const change = { actions: ['create', 'delete'], before: {}, after: {} }
    const address = 'module.store["a"].module.inner.aws_dynamodb_table.ledger'
    const changes = [{ address, mode: 'managed', type: 'aws_dynamodb_table', change }]
    writeFileSync(file, JSON.stringify({ format_version: '1.2', resource_changes: changes }))
    const { status, stdout } = review('--synth', asIs, file)
    expect(stdout.split('\n')[0]).toBe(`BLOCKED: just-changes/${address} would be replaced, and with it rows`)
    expect(status).toBe(1)
  })

  it('puts a plan that loses data first, and ends with 1 until it is allowed', () => {
    const file = plan(resource('aws_dynamodb_table.ledger', ['delete', 'create']))
    const blocked = review('--synth', asIs, '--plan', file)
    expect(blocked.stdout.split('\n')[0]).toMatch(
      /^BLOCKED: darkroom-dev-lake\/aws_dynamodb_table\.ledger would be replaced/,
    )
    expect(blocked.status).toBe(1)
    const label = ['--allow-data-loss', 'darkroom-dev-lake/aws_dynamodb_table.ledger']
    expect(review('--synth', asIs, '--plan', file, ...label).status).toBe(0)
  })

  it.each([
    ['a folder without stacks', ['--synth', '/nowhere'], 'npm run synth'],
    ['a plan that is none', ['--synth', asIs, '--plan', join(root, 'package.json')], 'format'],
    ['a format that it does not have', ['--format', 'html'], 'text or markdown'],
  ])('refuses %s in words', (_, args, words) => {
    const { status, stderr } = review(...args)
    expect(status).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('    at ')
  })
})
