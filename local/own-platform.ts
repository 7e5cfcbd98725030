/**
 * A platform of one's own, for tests, measurements and fault runs: `npm start`'s own entry as a child, with a home and
 * ports that nobody else has.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentWith, type LocalConfig, localConfig, portVariables } from '../config.ts'
import type { Group } from '../platform.ts'
import { signToken } from '../scripts/token/sign.ts'

const root = join(import.meta.dirname, '..')
const minute = 60_000
/** Longer than the supervisor itself gives its children. */
const stopWithinMs = minute

/** Variables that make `localConfig`, and every `npm run` command, mean this platform. */
export type Variables = Readonly<Record<string, string>>

export type OwnPlatform = {
  readonly config: LocalConfig
  /** The supervisor's process. */
  readonly process: ChildProcess
  /** Everything that it has printed since this start. */
  said(): string
  /** Ctrl-C, then waits until everything has ended. The home is removed unless it is to be kept. */
  stop(options: { readonly keep: boolean }): Promise<void>
}

export type OwnPlatformOptions = {
  /** For `local/start.ts`. */
  readonly arguments?: readonly string[]
  /** Variables for the processes alone, which are no part of the configuration. */
  readonly environment?: Variables
  readonly readyWithinMs?: number
}

/**
 * Waits until an upload would succeed.
 * @param variables with `DARKROOM_HOME`, and the ports
 * @throws Error with its last lines where it ends, or is not ready in time; its home is kept then
 */
export async function startOwnPlatform(
  variables: Variables & { readonly DARKROOM_HOME: string },
  { arguments: given = [], environment = {}, readyWithinMs = 8 * minute }: OwnPlatformOptions = {},
): Promise<OwnPlatform> {
  const home = variables.DARKROOM_HOME
  const config = localConfig(environmentWith(variables))
  const log = join(home, 'start.log')
  const output = openSync(log, 'a')
  const offset = readFileSync(log, 'utf8').length
  const child = spawn(process.execPath, ['local/start.ts', ...given], {
    cwd: root,
    env: environmentWith({ ...variables, ...environment }) as NodeJS.ProcessEnv,
    stdio: ['ignore', output, output],
    // Ctrl-C in the terminal is for whoever runs this; the platform is stopped when they are through with it.
    detached: true,
  })
  closeSync(output)
  const said = () => readFileSync(log, 'utf8').slice(offset)
  const stopLate = () => child.kill('SIGTERM')
  process.once('exit', stopLate)
  const stop = async ({ keep }: { readonly keep: boolean }) => {
    await stopProcess(child)
    process.off('exit', stopLate)
    if (!keep) await rm(home, { recursive: true, force: true })
  }
  try {
    await untilReady(child, said, readyWithinMs)
  } catch (cause) {
    await stop({ keep: true })
    const lines = said().split('\n').slice(-30).join('\n')
    const { message } = cause as Error
    throw new Error(`The platform did not start (${message}); its logs are kept in ${home}:\n${lines}`, { cause })
  }
  return { config, process: child, said, stop }
}

/** The line names the gateway, or, where a platform has none, the parts that it has. */
async function untilReady(child: ChildProcess, said: () => string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!/^ready .*\n/m.test(said())) {
    const ended = child.exitCode ?? child.signalCode
    if (ended !== null) throw new Error(`it ended with ${ended}`)
    if (performance.now() > deadline) throw new Error(`it was not ready after ${withinMs / minute} minutes`)
    await pause(50)
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exited
  clearTimeout(late)
}

/** A bearer token for the demo person of a group, as `npm run token` prints it. @param expiresIn seconds */
export const tokenFor = (variables: Variables, group: Group, expiresIn?: number): Promise<string> =>
  signToken(group, expiresIn, localConfig(environmentWith(variables)))

/** Homes that nobody removed, because something had failed, are kept this long. */
const keepHomesMs = 24 * 60 * minute

/**
 * Makes an empty home. In the cache and not in /tmp, which may be in memory: versitygw needs extended attributes, and
 * Kafka real space.
 * @param kind whose homes: each kind has a folder, and what is left there from days before is removed
 */
export async function temporaryHome(kind: 'bench' | 'fault' | 'test'): Promise<string> {
  const homes = join(localConfig().cache, `${kind}-homes`)
  await mkdir(homes, { recursive: true })
  for (const name of await readdir(homes)) {
    const old = join(homes, name)
    const madeAt = (await stat(old).catch(() => undefined))?.mtimeMs ?? Date.now()
    if (Date.now() - madeAt > keepHomesMs) await rm(old, { recursive: true, force: true })
  }
  return mkdtemp(join(homes, 'home-'))
}

/** Below Linux's range for outgoing connections (32768 and up), so that nobody is given one of them meanwhile. */
const portRange = { first: 20_000, last: 32_000 }

/** A free port for each of the platform's, as variables. */
export async function freePorts(): Promise<Record<string, string>> {
  const names = Object.values(portVariables)
  const taken = new Set<number>()
  while (taken.size < names.length) {
    const port = portRange.first + Math.floor(Math.random() * (portRange.last - portRange.first))
    if (!taken.has(port) && (await isFree(port))) taken.add(port)
  }
  return Object.fromEntries([...taken].map((port, n) => [names[n] ?? '', String(port)]))
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer().once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
