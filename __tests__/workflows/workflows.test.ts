/** What GitHub runs: the same commands as a desk, with the same settings, and no key that lasts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cloudConfig, cloudVariables, localConfig } from '../../config.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.github/workflows')
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
const textOf = (name: string) => workflows.find((workflow) => workflow.name === name)?.text ?? ''
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts

/** Only for a stand-in of AWS, with made-up credentials. */
const neverSet = ['DARKROOM_AWS_ENDPOINT']

describe.each(['pull-request.yml', 'deploy.yml'])('%s', (name) => {
  const text = textOf(name)

  it('passes every variable that config.ts reads, and no other', () => {
    const passed = [...text.matchAll(/^ {6}(DARKROOM_\w+): \$\{\{ vars\.\1 \}\}$/gm)].map(([, variable]) => variable)
    expect(passed.toSorted()).toEqual(cloudVariables.filter((variable) => !neverSet.includes(variable)).toSorted())
    expect(text).toMatch(/^ {6}DARKROOM_ENV: /m)
  })

  it('signs in to AWS and Databricks by GitHub’s own token', () => {
    expect(text).toContain('id-token: write')
    expect(text).toContain('role-to-assume:')
    expect(text).toContain('DATABRICKS_AUTH_TYPE: github-oidc')
  })

  it('plans with the word that a plan is needed', () => {
    expect(text).toContain('npm run plan -- --required')
  })
})

it('a variable that is not set in the repository is as if it were not there', () => {
  const blank = Object.fromEntries(cloudVariables.map((variable) => [variable, '']))
  expect(cloudConfig('staging', blank)).toEqual(cloudConfig('staging', {}))
  expect(localConfig(blank)).toEqual(localConfig({}))
})

describe.each(workflows)('$name', ({ text }) => {
  it('pins every action to a commit, with its version beside it', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action)
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('knows no secret and no key', () => {
    expect(text).not.toMatch(/secrets\.|access-key|ACCESS_KEY|SECRET|PASSWORD/i)
  })

  it('runs nothing of ours that a desk does not have', () => {
    const commands = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script]) => script as string)
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) expect(scripts).toHaveProperty(command)
    for (const [, file] of text.matchAll(/node (scripts\/\S+)/g))
      expect(existsSync(join(root, file as string))).toBe(true)
  })

  it('gives nobody more than it says, and trusts nothing that strangers write', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m)
    expect(text).not.toMatch(/pull_request_target|write-all/)
    // Within a script a title or a branch's name would be a command; as a variable it is text.
    const runs = [...text.matchAll(/run: (\|\n(?: {10,}.*\n)+|.*\n)/g)].map(([, script]) => script as string)
    for (const script of runs) expect(script).not.toMatch(/\$\{\{\s*(github\.event|github\.head_ref|inputs)/)
  })

  it('does not keep the checkout’s credentials', () => {
    const checkouts = text.split('actions/checkout@').length - 1
    expect(text.split('persist-credentials: false').length - 1).toBe(checkouts)
  })
})

describe('a pull request', () => {
  const text = textOf('pull-request.yml')

  it('runs tests, stacks, review and plan', () => {
    for (const command of ['npm test', 'npm run synth', 'npm run plan', 'npm run --silent review']) {
      expect(text).toContain(command)
    }
  })

  it('has one comment, which is found by its mark and updated', () => {
    expect(text.match(/<!-- darkroom review -->/g)?.length).toBe(2)
    expect(text).toMatch(/--method PATCH/)
  })
})

it('a deployment asks for approval, reviews anew, and then deploys', () => {
  const text = textOf('deploy.yml')
  expect(text).toMatch(/^ {4}environment: /m)
  const steps = ['npm run plan', 'npm run review', 'npm run deploy'].map((step) => text.indexOf(step))
  expect(steps).toEqual(steps.toSorted((one, other) => one - other))
  expect(steps).not.toContain(-1)
})
