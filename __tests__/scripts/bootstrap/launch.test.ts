import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { identify } from '../../../scripts/bootstrap/lock.mjs'

const root = resolve(import.meta.dirname, '../../..')

/** The launcher with an entry that has said that it runs. */
async function launched() {
  const args = ['scripts/run.mjs', '__tests__/scripts/bootstrap/fixtures/waits.ts', '--now', 'a b']
  const launcher = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  launcher.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await vi.waitFor(() => expect(output).toContain('pid'), { timeout: 10_000 })
  return { launcher, output: () => output, pid: Number(/pid (\d+)/.exec(output)?.[1]) }
}

describe('the launcher', () => {
  it('runs the entry with the pinned Node and the arguments as they are', async () => {
    const { launcher, output } = await launched()
    expect(output()).toMatch(/node v24\..* args --now a b/)
    launcher.kill('SIGINT')
    await once(launcher, 'close')
  })

  it('passes a signal on once, although npm and the terminal both send it, and ends with the entry’s code', async () => {
    const { launcher, output } = await launched()
    launcher.kill('SIGINT')
    setTimeout(() => launcher.kill('SIGINT'), 100)
    const [code] = await once(launcher, 'close')
    expect(output()).toContain('signals 1')
    expect(code).toBe(7)
  })

  it('lets the entry notice when the launcher is killed outright', async () => {
    const { launcher, pid } = await launched()
    launcher.kill('SIGKILL')
    await vi.waitFor(() => expect(identify(pid)).toBeUndefined(), { timeout: 5_000 })
  })
})

it('no shell stands between npm and the launcher, where it would keep signals to itself', () => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const single = Object.values(scripts).filter((script) => !script.includes('&&'))
  expect(single.filter((script) => !script.startsWith('exec '))).toEqual([])
})
