/**
 * The local platform under test: `npm start`'s own entry as a child, with a home and ports of its own. As vitest's
 * global set-up it starts one that integration and browser tests share; a test that kills or fills things starts its own.
 */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import type { LocalConfig } from '../../config.ts'
import { freePorts, startOwnPlatform, temporaryHome, tokenFor } from '../../local/own-platform.ts'
import type { Group } from '../../platform.ts'

const readyWithinMs = 3 * 60_000

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
  return { ...address, token: (group) => tokenFor(address.variables, group) }
}

/**
 * Starts a platform of the test's own and waits until an upload would succeed.
 * @param variables environment variables for it, e.g. `DARKROOM_HOME` to start an earlier one's home again
 * @throws Error with its last lines when it ends, or is not ready within three minutes
 */
export async function startPlatform(variables: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const all = { ...(await freePorts()), ...variables }
  const set = { ...all, DARKROOM_HOME: variables.DARKROOM_HOME ?? (await temporaryHome('test')) }
  const { config, process, stop } = await startOwnPlatform(set, { readyWithinMs })
  return {
    url: config.urls.gateway,
    home: config.home,
    config,
    variables: set,
    process,
    stop: ({ keep = false } = {}) => stop({ keep }),
    token: (group) => tokenFor(set, group),
  }
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
