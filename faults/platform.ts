/** A platform to break: `npm start`'s own entry with a home and ports of its own, proxies between its parts, and preloads. */
import { renameSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environmentWith, type LocalConfig, localConfig } from '../config.ts'
import { freePorts, startOwnPlatform, temporaryHome, tokenFor } from '../local/own-platform.ts'
import { invokeScheduled } from '../local/schedule/client.ts'
import type { ScheduledName } from '../local/schedule/control.ts'
import { type InjectSettings, type Rule, rulesFile, settingsFile } from './inject/settings.ts'
import { type Link, type LinkProxy, links, startProxy } from './proxies.ts'

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
  /** Stops everything. The home is removed unless it is to be kept. */
  stop(options: { keep: boolean }): Promise<void>
}

export type PlatformOptions = Pick<InjectSettings, 'bundles' | 'patches'> & { readonly home?: string | undefined }

/** @throws Error with what it said, where it does not become ready */
export async function startPlatform({ bundles, patches, home: given }: PlatformOptions): Promise<FaultPlatform> {
  const home = given ?? (await temporaryHome('fault'))
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
  const own = await startOwnPlatform(variables, {
    arguments: ['--restart-at-once'],
    environment: { NODE_OPTIONS: `--import ${preload.href}` },
  })
  return {
    config,
    folder,
    // Good for the longest run: what happens when a token ends is no matter of this.
    token: await tokenFor(variables, 'uploaders', 24 * 3600),
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
    async stop(options) {
      await own.stop(options)
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()))
    },
  }
}
