import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { environmentWith } from '../../config.ts'
import { notebookNames } from '../../local/notebooks/execute.ts'

const script = join(resolve(import.meta.dirname, '../..'), 'scripts/notebooks.ts')

/** Nothing listens on port 1. */
const env = environmentWith({ DARKROOM_S3_PORT: '1', DARKROOM_HOME: '/nonexistent' })
const notebooks = (...args: string[]) =>
  promisify(execFile)(process.execPath, [script, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  )

describe('npm run notebooks', () => {
  it.each([
    [['--open', 'nothing'], 'No notebook is named nothing', notebookNames().join(', ')],
    [['--only', 't'], 'Several notebooks are named t', notebookNames().join(', ')],
    [['--root', '/mnt/other'], '--root must be /mnt/images or /Volumes/darkroom_local/lake/images', '"/mnt/other"'],
    [['--now', 'tomorrow'], '--now must be an ISO 8601 time', '"tomorrow"'],
    [['--every'], "Unknown option '--every'", '--only NAME'],
    [[], 'The local platform does not run', 'npm start'],
  ])('with %j says what is wrong, and what would be right', async (args, wrong, right) => {
    const { code, stderr } = await notebooks(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(wrong)
    expect(stderr).toContain(right)
  })
})
