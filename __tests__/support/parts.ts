/** Some of the platform's parts with a home of their own, for tests that kill them or their supervisor. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { environmentWith, type LocalConfig, localConfig } from '../../config.ts'
import { freePorts, temporaryHome } from '../../local/own-platform.ts'
import { poll } from '../../local/supervisor/poll.ts'
import type { ServiceName } from '../../local/supervisor/service.ts'

const root = resolve(import.meta.dirname, '../..')
const startWithinMs = 180_000

/** A home and ports; `local/start.ts` may be run in it as often as a test wants. */
export type Place = {
  readonly home: string
  readonly config: LocalConfig
  readonly variables: Readonly<Record<string, string>>
  readonly remove: () => Promise<void>
}

export async function createPlace(): Promise<Place> {
  const home = await temporaryHome('test')
  const variables = { ...(await freePorts()), DARKROOM_HOME: home }
  return {
    home,
    variables,
    config: localConfig(environmentWith(variables)),
    remove: () => rm(home, { recursive: true, force: true }),
  }
}

export type Run = {
  readonly process: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits for the `ready` line. @throws Error with what was said when it ends before */
  readonly ready: () => Promise<void>
  /** Waits for a line on standard error. */
  readonly said: (pattern: RegExp, limitMs?: number) => Promise<void>
  /** Sends a signal and waits for the end; returns the exit code, or the signal that ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | string | null>
  /** The end, without asking for it. */
  readonly ended: () => Promise<number | string | null>
}

/** Runs `local/start.ts` in a place, with some parts only. */
export function run(place: Place, only: readonly ServiceName[], args: readonly string[] = []): Run {
  const child = spawn(process.execPath, ['local/start.ts', '--only', only.join(','), ...args], {
    cwd: root,
    env: environmentWith(place.variables),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  const exit = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string | null)
  const has = (what: () => string, pattern: RegExp, limitMs: number) =>
    poll(
      () => {
        if (!pattern.test(what())) throw new Error(`nothing like ${pattern} in:\n${output}${errors}`)
      },
      { limitMs },
    )
  const ended = () => exit
  return {
    process: child,
    stdout: () => output,
    stderr: () => errors,
    ready: () => {
      const early = exit.then((how) => Promise.reject(new Error(`ended with ${how}:\n${output}${errors}`)))
      return Promise.race([has(() => output, /^ready .*$/m, startWithinMs), early])
    },
    said: (pattern, limitMs = 60_000) => has(() => errors, pattern, limitMs),
    ended,
    end(signal) {
      child.kill(signal)
      return exit
    },
  }
}

/** The pid of a part, from its pid file. */
export const pidOf = async ({ home }: Place, name: ServiceName): Promise<number> =>
  Number(await readFile(join(home, 'pids', `${name}.pid`), 'utf8'))
