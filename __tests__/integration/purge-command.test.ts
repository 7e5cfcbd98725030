import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { environmentWith } from '../../config.ts'
import { sharedPlatform } from '../support/platform.ts'

const platform = sharedPlatform()
const root = resolve(import.meta.dirname, '../..')

/** `npm run purge -- …` as npm runs it. Never as of the future here: other tests' images are on this platform. */
function purge(args: readonly string[], variables = platform.variables) {
  const { promise, resolve: settle } = Promise.withResolvers<{ code: number; output: string }>()
  const env = environmentWith(variables)
  execFile(process.execPath, ['scripts/purge.ts', ...args], { cwd: root, env }, (error, stdout, stderr) =>
    settle({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
  )
  return promise
}

describe('npm run purge', () => {
  it.each([[[]], [['--now']]])('runs the purge on the running platform and says that all is gone: %j', async (args) => {
    const { code, output } = await purge(args)
    expect(output).toMatch(/^Everything that was due at .* is gone \(1 run\)\.$/m)
    expect(output).toMatch(/deletions that failed +0/)
    expect(code).toBe(0)
  })

  it.each(['yesterday', '2026-02-30T00:00:00Z'])('does nothing as of %s, and says what it takes', async (moment) => {
    const { code, output } = await purge(['--now', moment])
    expect(code).toBe(2)
    expect(output).toContain(`--now ${moment} is no moment`)
    expect(output).not.toContain('run 1')
  })

  it('does nothing where the platform does not run, and says how to start it', async () => {
    const { code, output } = await purge([], { ...platform.variables, DARKROOM_HOME: `${platform.home}-elsewhere` })
    expect(code).toBe(2)
    expect(output).toContain('npm start')
  })

  it('refuses an option that it does not know', async () => {
    expect(await purge(['--force'])).toMatchObject({ code: 2 })
  })
})
