/** What is made up for stacks that nobody has deployed is there for every reference, and Terraform reads it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { StackJson } from '../../../review/infrastructure.ts'
import { filesOf, outOf, setOut } from '../../../review/stand-in/desk.ts'
import { madeUpAccount, madeUpState } from '../../../review/stand-in/states.ts'
import { stacksOf } from '../planting.ts'

const made = { region: 'us-east-1', account: madeUpAccount }
const folder = mkdtempSync(join(tmpdir(), 'darkroom-states-'))
afterAll(() => rmSync(folder, { recursive: true }))

type State = { readonly outputs: Record<string, { readonly value: string }> }
const stateOf = (stack: StackJson | undefined) => madeUpState(stack ?? {}, made) as State
/** `<stack>` and `<output>` of everything that a stack reads from others. */
const read = (stack: StackJson) =>
  [
    ...JSON.stringify(stack).matchAll(
      /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+)\.outputs\.([\w-]+)/g,
    ),
  ].map(([, from, output]) => [from, output] as [string, string])

describe.each([
  ['dev', {}],
  ['prod', { DARKROOM_STREAM: 'serverless' }],
  ['dev', { DARKROOM_STREAM: 'express', DARKROOM_DATABRICKS: 'create', DARKROOM_LAKE_ACCESS: 'mount' }],
  ['dev', { DARKROOM_DATABRICKS: 'create' }],
  ['dev', { DARKROOM_GATEWAY_ID: 'abcdef1234', DARKROOM_GATEWAY_ROOT: 'root123' }],
] as const)('made-up states of %s with %j', (environment, variables) => {
  const stacks = stacksOf(environment, variables)

  it('have every output that a stack reads from another', () => {
    const references = Object.values(stacks).flatMap(read)
    expect(references.length).toBeGreaterThan(30)
    for (const [from, output] of references) expect(stateOf(stacks[from]).outputs[output]?.value).toMatch(/^\S+$/)
  })

  it('have ARNs and ids of the form that AWS gives them', () => {
    for (const [name, { value }] of Object.values(stacks).flatMap((stack) => Object.entries(stateOf(stack).outputs))) {
      expect(value).not.toContain('${')
      if (/arn$/.test(name)) expect(value).toMatch(/^arn:aws:[a-z0-9]+:([a-z0-9-]*):(\d{12}|lambda)?:\S+$/)
      if (/(subnet|vpcvpc|security_group).*id$/.test(name)) expect(value).toMatch(/^(subnet|vpc|sg)-[0-9a-f]{17}$/)
    }
  })

  it('lie where the stacks look for them, beside the files that they name', () => {
    const desk = mkdtempSync(join(folder, 'desk-'))
    setOut(desk, join(import.meta.dirname, '../../..'), stacks, made)
    for (const [name, stack] of Object.entries(stacks)) {
      const working = join(outOf(desk), 'stacks', name)
      for (const file of filesOf(stack)) expect(existsSync(join(working, '../../..', file)), file).toBe(true)
      for (const { config } of Object.values(stack.data?.terraform_remote_state ?? {})) {
        expect(existsSync(join(working, config.path)), config.path).toBe(true)
      }
    }
  })
})

it('an output for which nothing is made up is an error that names it', () => {
  const output = { it: { value: `\${aws_lb.it.dns_name}` } }
  expect(() => madeUpState({ output }, made)).toThrow(/aws_lb\.it\.dns_name/)
})

describe('Terraform itself', () => {
  const terraform = (cwd: string, ...args: string[]) =>
    spawnSync('terraform', args, {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
    })
  const present = terraform(folder, 'version').error === undefined

  it('reads every made-up output, as the stacks do', { timeout: 120_000 }, ({ skip }) => {
    skip(!present, 'no terraform')
    const stacks = stacksOf('dev', { DARKROOM_DATABRICKS: 'create' })
    const desk = mkdtempSync(join(folder, 'terraform-'))
    setOut(desk, join(import.meta.dirname, '../../..'), stacks, made)
    const working = join(outOf(desk), 'stacks', 'reader')
    mkdirSync(working, { recursive: true })
    // Terraform brings this one provider itself, so that no registry is asked.
    const remote = Object.assign({}, ...Object.values(stacks).map(({ data }) => data?.terraform_remote_state))
    const references = [
      ...new Set(
        Object.values(stacks)
          .flatMap(read)
          .map((pair) => pair.join('.outputs.')),
      ),
    ]
    const output = Object.fromEntries(
      references.map((reference, index) => [
        `o${index}`,
        { sensitive: true, value: `\${data.terraform_remote_state.cross-stack-reference-input-${reference}}` },
      ]),
    )
    writeFileSync(join(working, 'main.tf.json'), JSON.stringify({ data: { terraform_remote_state: remote }, output }))
    const init = terraform(working, 'init', '-input=false')
    expect(init.status, init.stderr).toBe(0)
    const { status, stdout, stderr } = terraform(working, 'plan', '-input=false', '-no-color')
    expect(status, stderr).toBe(0)
    expect(stdout.match(/^ {2}\+ o\d+ /gm)).toHaveLength(references.length)
  })
})
