/** checkov's answers read as ours; and, once, checkov itself. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { localConfig } from '../../config.ts'
import { ensureVenv } from '../../local/setup/python.ts'
import { CheckovError, findingsIn, runCheckov } from '../../review/checkov.ts'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { bucket } from './fixtures/fixture.ts'

const minute = 60_000
const folder = mkdtempSync(join(tmpdir(), 'darkroom-checkov-'))
afterAll(() => rmSync(folder, { recursive: true }))
const stacks = { kind: 'stacks', folder } as const

const failed = {
  check_id: 'CKV_AWS_338',
  check_name: 'Ensure CloudWatch log groups retains logs for at least 1 year',
  resource: 'resource.upload-logs_group_C5C0E983',
  file_path: '/darkroom-dev-ingest/cdk.tf.json',
}
const summary = { passed: 1, failed: 1, parsing_errors: 0 }

describe('what checkov answers', () => {
  it.each([
    ['one report', { results: { failed_checks: [failed] }, summary }],
    ['a list of reports', [{ results: { failed_checks: [failed] }, summary }]],
  ])('as %s names stack, resource and check', (_, output) => {
    expect(findingsIn(output, stacks)).toMatchObject([
      { rule: 'CKV_AWS_338', stack: 'darkroom-dev-ingest', id: 'upload-logs_group_C5C0E983' },
    ])
  })

  it('of a plan names the stack by the plan’s file', () => {
    const ofPlan = { ...failed, resource: 'aws_s3_bucket.lake_bucket_7B773D1A', file_path: '/darkroom-dev-lake.json' }
    const target = { kind: 'plan', file: '/plans/darkroom-dev-lake.json' } as const
    expect(findingsIn({ results: { failed_checks: [ofPlan] }, summary }, target)).toMatchObject([
      { stack: 'darkroom-dev-lake', id: 'lake_bucket_7B773D1A' },
    ])
  })

  it('when it could read nothing is an error, and not a clean bill', () => {
    expect(() => findingsIn({ passed: 0, failed: 0, parsing_errors: 0 }, stacks)).toThrow(CheckovError)
    expect(() =>
      findingsIn({ summary: { ...summary, parsing_errors: 1 }, results: { failed_checks: [] } }, stacks),
    ).toThrow(CheckovError)
  })
})

describe('checkov', () => {
  it('finds a bucket that is open, in the pinned version', { timeout: 10 * minute }, async ({ skip }) => {
    const requirements = join(import.meta.dirname, '../../review/requirements.txt')
    const made = await ensureVenv(localConfig(), createReport(), requirements).catch((error: Error) => error)
    if (made instanceof Error) return skip(`checkov cannot be installed: ${made.message}`)
    mkdirSync(join(folder, 'darkroom-dev-lake'))
    writeFileSync(join(folder, 'darkroom-dev-lake/cdk.tf.json'), JSON.stringify({ resource: bucket() }))
    const found = await runCheckov(made.python, stacks)
    expect(found.map(({ rule }) => rule)).toContain('CKV2_AWS_6')
    expect(found.every(({ stack, id }) => stack === 'darkroom-dev-lake' && id === 'lake')).toBe(true)
    const version = execFileSync(made.python, ['-m', 'checkov.main', '--version'], { encoding: 'utf8' }).trim()
    expect(readFileSync(requirements, 'utf8')).toContain(`checkov==${version}`)
    expect(existsSync(folder)).toBe(true)
  })

  it('that is not there is an error', async () => {
    await expect(runCheckov('/nowhere/python', stacks)).rejects.toThrow(CheckovError)
  })
})
