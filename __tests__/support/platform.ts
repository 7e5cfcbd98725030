/**
 * The local platform under test: `npm start`'s own entry as a child, with a home and ports of its own. As vitest's
 * global set-up it starts one that integration and browser tests share; a test that kills or fills things starts its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { environmentWith, type LocalConfig, localConfig, portVariables } from '../../config.ts'
import type { Group } from '../../platform.ts'

const root = resolve(import.meta.dirname, '../..')
const minute = 60_000
const readyWithinMs = 3 * minute
/** Longer than the supervisor itself gives its children. */
const stopWithinMs = minute

/** What tests need to know about a running platform; plain data, because vitest hands it to its workers. */
export type PlatformAddress = {
  /** `http://127.0.0.1:<port>`, the gateway and the page. */
  readonly url: string
  readonly home: string
  readonly config: LocalConfig
  /** The variables that make `localConfig`, and every `npm run` command, mean this platform. */
  readonly variables: Readonly<Record<string, string>>
}

export type Platform = PlatformAddress & {
  /** The supervisor's process. */
  readonly process: ChildProcess
  /** Ctrl-C, then waits until everything has ended. Removes the home unless `keep` is set. */
  readonly stop: (options?: { keep?: boolean }) => Promise<void>
  readonly token: (group: Group) => Promise<string>
}

declare module 'vitest' {
  export interface ProvidedContext {
    platform: PlatformAddress
  }
}

/** The platform that integration and browser tests share. Only for tests in those two folders. */
export function sharedPlatform(): PlatformAddress & { readonly token: (group: Group) => Promise<string> } {
  const address = inject('platform')
  return { ...address, token: (group) => tokenFor(address, group) }
}

/**
 * Starts a platform of the test's own and waits until an upload would succeed.
 * @param variables environment variables for it, e.g. `DARKROOM_HOME` to start an earlier one's home again
 * @throws Error with its last lines when it ends, or is not ready within three minutes
 */
export async function startPlatform(variables: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const all = { ...(await freePorts()), ...variables }
  const home = all.DARKROOM_HOME ?? (await temporaryHome())
  const set = { ...all, DARKROOM_HOME: home }
  const config = localConfig(environmentWith(set))
  const address = { url: config.urls.gateway, home, config, variables: set }

  const log = join(home, 'start.log')
  const output = openSync(log, 'a')
  const offset = readFileSync(log, 'utf8').length
  const child = spawn(process.execPath, ['local/start.ts'], {
    cwd: root,
    env: environmentWith(set),
    stdio: ['ignore', output, output],
    // Ctrl-C in the terminal is for the tests; they stop the platform when they are through with it.
    detached: true,
  })
  closeSync(output)
  const stopLate = () => child.kill('SIGTERM')
  process.once('exit', stopLate)
  const stop = async ({ keep = false } = {}) => {
    await stopProcess(child)
    process.off('exit', stopLate)
    if (!keep) await rm(home, { recursive: true, force: true })
  }
  const printed = () => readFileSync(log, 'utf8').slice(offset)
  try {
    await waitUntilReady(child, printed, address.url)
  } catch (error) {
    await stop({ keep: true })
    throw new Error(`The platform did not start; its logs are kept in ${home}`, { cause: error })
  }
  return { ...address, process: child, stop, token: (group) => tokenFor(address, group) }
}

async function waitUntilReady(child: ChildProcess, printed: () => string, url: string) {
  const line = `ready ${url}`
  const deadline = performance.now() + readyWithinMs
  while (!printed().split('\n').includes(line)) {
    const ended = child.exitCode ?? child.signalCode
    if (ended !== null) throw new Error(`local/start.ts ended with ${ended} before it was ready:\n${printed()}`)
    if (performance.now() > deadline) throw new Error(`local/start.ts did not print "${line}" in time:\n${printed()}`)
    await pause(50)
  }
}

async function stopProcess(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exited
  clearTimeout(late)
}

/** Logs of failed runs are kept this long. */
const keepHomesMs = 24 * 60 * minute

/** In the cache and not in /tmp, which may be in memory: versitygw needs extended attributes, and Kafka real space. */
export async function temporaryHome(): Promise<string> {
  const homes = join(localConfig().cache, 'test-homes')
  await mkdir(homes, { recursive: true })
  for (const name of await readdir(homes)) {
    const home = join(homes, name)
    const madeAt = (await stat(home).catch(() => undefined))?.mtimeMs ?? Date.now()
    if (Date.now() - madeAt > keepHomesMs) await rm(home, { recursive: true, force: true })
  }
  return mkdtemp(join(homes, 'home-'))
}

/** Below Linux's range for outgoing connections (32768 and up), so that nobody is given one of them meanwhile. */
const portRange = { first: 20_000, last: 32_000 }

/** A free port for each of the platform's, as variables. */
export async function freePorts(): Promise<Record<string, string>> {
  const names = Object.values(portVariables)
  const taken = new Map<string, string>()
  while (taken.size < names.length) {
    const port = portRange.first + Math.floor(Math.random() * (portRange.last - portRange.first))
    const name = names[taken.size]
    const distinct = ![...taken.values()].includes(String(port))
    if (name && distinct && (await isFree(port))) taken.set(name, String(port))
  }
  return Object.fromEntries(taken)
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve: settle } = Promise.withResolvers<boolean>()
  const server = createServer().once('error', () => settle(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => settle(true)))
  return promise
}

/** A bearer token for the demo person of a group, as `npm run token` prints it. */
async function tokenFor(address: PlatformAddress, group: Group): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/token.ts', '--group', group], {
    cwd: root,
    env: environmentWith(address.variables),
  })
  return stdout.trim()
}

/** Both projects name this file as their global set-up, and vitest loads it for each: they meet on `globalThis`. */
const shared = globalThis as { darkroomPlatform?: { users: number; started: Promise<Platform> } }

/** Vitest's global set-up: called for each project that has tests to run. */
export default async function setup(project: TestProject) {
  shared.darkroomPlatform ??= { users: 0, started: startPlatform() }
  shared.darkroomPlatform.users += 1
  const { url, home, config, variables } = await shared.darkroomPlatform.started
  project.provide('platform', { url, home, config, variables })
  return async () => {
    if (!shared.darkroomPlatform || --shared.darkroomPlatform.users > 0) return
    const platform = await shared.darkroomPlatform.started
    const keep = project.vitest.state.getCountOfFailedTests() > 0
    await platform.stop({ keep })
    if (keep) console.error(`The platform's logs are kept in ${join(home, 'logs')}`)
  }
}
