import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

function npmTest(...args: string[]): Promise<{ code: number; lines: string[] }> {
  return new Promise((settle) =>
    execFile(process.execPath, ['scripts/run.mjs', 'scripts/test.ts', ...args], { cwd: root }, (error, stdout) =>
      settle({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split('\n') }),
    ),
  )
}

describe('npm test', () => {
  it('closes with its counts, in one plain line', { timeout: 30_000 }, async () => {
    const { code, lines } = await npmTest('--only', 'unit', 'scripts/test/outcome.test.ts')
    expect(code).toBe(0)
    expect(lines.at(-1)).toMatch(/^3 passed, 0 failed, 0 skipped$/)
  })
  it('fails where nothing matches', { timeout: 30_000 }, async () => {
    const { code, lines } = await npmTest('--only', 'unit', 'there-is-no-such-file')
    expect(code).toBe(1)
    expect(lines.slice(-2)).toEqual(['No test matches there-is-no-such-file', '0 passed, 0 failed, 0 skipped'])
  })
  it('refuses an unknown option', async () => {
    expect((await npmTest('--fast')).code).toBe(2)
  })
})
