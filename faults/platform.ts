/** A platform to break: `npm start`'s own entry with a home and ports of its own, proxies between its parts, and preloads. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentWith, type LocalConfig, localConfig, portVariables } from '../config.ts'
import { invokeScheduled } from '../local/schedule/client.ts'
import type { ScheduledName } from '../local/schedule/control.ts'
import { run } from '../scripts/bootstrap/command.mjs'
import { type InjectSettings, type Rule, rulesFile, settingsFile } from './inject/settings.ts'
import { type Link, type LinkProxy, links, startProxy } from './proxies.ts'

const root = join(import.meta.dirname, '..')
const minute = 60_000
const readyWithinMs = 8 * minute
const stopWithinMs = minute

export type FaultPlatform = {
  readonly config: LocalConfig
  /** `<home>/faults` */
  readonly folder: string
  readonly token: string
  readonly proxies: Readonly<Record<Link, LinkProxy>>
  /** The gateway as clients reach it, through its proxy. */
  readonly url: string
  setRules(rules: readonly Rule[]): void
  /** Of a part, or of a function's process (`function-upload-1`); undefined while there is none. */
  pidOf(name: string): Promise<number | undefined>
  /** Calls a scheduled function as of a moment, epoch milliseconds. @throws where it failed or did not answer */
  invoke(name: ScheduledName, now: number): Promise<unknown>
  /** @returns the last lines that the supervisor said */
  said(): Promise<string>
  /** Stops everything. The home is removed unless it is to be kept. */
  stop(options: { keep: boolean }): Promise<void>
}

export type PlatformOptions = Pick<InjectSettings, 'bundles' | 'patches'> & { readonly home?: string | undefined }

/** @throws Error with what it said, where it does not become ready */
export async function startPlatform({ bundles, patches, home: given }: PlatformOptions): Promise<FaultPlatform> {
  const home = given ?? (await temporaryHome())
  const folder = join(home, 'faults')
  for (const name of ['claims', 'calls']) await mkdir(join(folder, name), { recursive: true })
  const variables = { ...(await freePorts()), DARKROOM_HOME: home, DARKROOM_LOG_LEVEL: 'INFO' }
  const config = localConfig(environmentWith(variables))
  const { ports } = config
  const opened = await Promise.all(links.map(async (link) => [link, await startProxy(ports[link])] as const))
  const proxies = Object.fromEntries(opened) as Record<Link, LinkProxy>
  const redirect = Object.fromEntries(
    (['s3', 'dynamodb', 'kafka'] as const).map((link) => [ports[link], proxies[link].port]),
  )
  const settings: InjectSettings = { folder, redirect, ports, bundles, patches }
  await writeFile(settingsFile(folder), JSON.stringify(settings))

  const preload = new URL('inject/host.ts', import.meta.url)
  preload.searchParams.set('settings', settingsFile(folder))
  const log = join(home, 'start.log')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, ['local/start.ts', '--restart-at-once'], {
    cwd: root,
    env: environmentWith({ ...variables, NODE_OPTIONS: `--import ${preload.href}` }) as NodeJS.ProcessEnv,
    stdio: ['ignore', output, output],
    detached: true,
  })
  closeSync(output)
  const said = async () => (await readFile(log, 'utf8')).split('\n').slice(-30).join('\n')
  const stopLate = () => child.kill('SIGTERM')
  process.once('exit', stopLate)

  const platform: FaultPlatform = {
    config,
    folder,
    token: '',
    proxies,
    url: `http://127.0.0.1:${proxies.gateway.port}`,
    setRules(rules) {
      // A reader sees the old rules or the new ones, never half of them.
      const draft = `${rulesFile(folder)}.draft`
      writeFileSync(draft, JSON.stringify(rules))
      renameSync(draft, rulesFile(folder))
    },
    async pidOf(name) {
      const text = await readFile(join(home, 'pids', `${name}.pid`), 'utf8').catch(() => '')
      return Number(text) || undefined
    },
    invoke: (name, now) => invokeScheduled(config, name, new Date(now).toISOString()),
    said,
    async stop({ keep }) {
      await stopProcess(child)
      process.off('exit', stopLate)
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()))
      if (!keep) await rm(home, { recursive: true, force: true })
    },
  }
  try {
    await ready(child, log, config.urls.gateway)
    return { ...platform, token: await tokenFor(variables) }
  } catch (error) {
    await platform.stop({ keep: true })
    throw new Error(`The platform did not start (${(error as Error).message}); ${home} is kept:\n${await said()}`)
  }
}

async function ready(child: ChildProcess, log: string, url: string): Promise<void> {
  const deadline = performance.now() + readyWithinMs
  while (!(await readFile(log, 'utf8')).split('\n').includes(`ready ${url}`)) {
    const ended = child.exitCode ?? child.signalCode
    if (ended !== null) throw new Error(`ended with ${ended}`)
    if (performance.now() > deadline) throw new Error(`not ready after ${readyWithinMs / minute} minutes`)
    await pause(100)
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

/** Good for the longest run: what happens when a token ends is no matter of this. */
async function tokenFor(variables: Record<string, string>): Promise<string> {
  const assignments = Object.entries(variables).map((pair) => pair.join('='))
  const command = [process.execPath, join(root, 'scripts', 'token.ts'), '--group', 'uploaders']
  return (await run('env', [...assignments, ...command, '--expires-in', String(24 * 3600)])).trim()
}

/** Folders of runs that found something are kept this long. */
const keepHomesMs = 24 * 60 * minute

/** In the cache and not in /tmp, which may be in memory: versitygw needs extended attributes, and Kafka real space. */
async function temporaryHome(): Promise<string> {
  const homes = join(localConfig().cache, 'fault-homes')
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

async function freePorts(): Promise<Record<string, string>> {
  const taken = new Set<number>()
  const names = Object.values(portVariables)
  while (taken.size < names.length) {
    const port = portRange.first + Math.floor(Math.random() * (portRange.last - portRange.first))
    if (await isFree(port)) taken.add(port)
  }
  return Object.fromEntries([...taken].map((port, n) => [names[n] ?? '', String(port)]))
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer().once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
