/** Tiny real processes in the place of Kafka and the rest, in a home of their own. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { poll } from '../../../local/supervisor/poll.ts'
import type { Service } from '../../../local/supervisor/service.ts'

// Starting a Node process takes a second where the whole of the tests runs beside it on two cores.
vi.setConfig({ testTimeout: 30_000 })

/** A folder that is gone after the test. */
export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'darkroom-test-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}

/** Says that it is ready, then stays until it is told to go. */
export const wellBehaved = `
  process.send({ type: 'ready' })
  process.on('disconnect', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
  setInterval(() => {}, 1000)`

/** @param script what the process does, as `node -e` takes it; @param given what a test wants to be different */
export const fakeService = (script: string, given: Partial<Service> = {}): Service => ({
  name: 'fake',
  ports: [],
  dataFolders: [],
  channel: true,
  startLimitMs: 20_000,
  stopLimitMs: 2_000,
  prepare: async () => ({ file: process.execPath, args: ['-e', script] }),
  ...given,
})

/** The pid that a service's pid file names; waits for the file. */
export const pidOf = (home: string, name = 'fake', not?: number, limitMs = 10_000): Promise<number> =>
  poll(
    () => {
      const pid = Number(readFileSync(join(home, 'pids', `${name}.pid`), 'utf8'))
      if (!pid || pid === not) throw new Error(`no new process of ${name}`)
      return pid
    },
    { limitMs },
  )

/** Collects what a supervisor says. */
export function listener() {
  const lines: string[] = []
  return {
    lines,
    say: (line: string) => void lines.push(line),
    /** Waits for a line that fits. */
    heard: (pattern: RegExp, limitMs = 15_000): Promise<string> =>
      poll(
        () => {
          const line = lines.find((one) => pattern.test(one))
          if (!line) throw new Error(`nothing like ${pattern} in:\n${lines.join('\n')}`)
          return line
        },
        { limitMs, everyMs: 20 },
      ),
  }
}
