/** A platform for measurements: `npm start`'s own entry, with a home and ports of its own and only the parts asked for. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { environmentWith, type LocalConfig, localConfig, portVariables } from '../config.ts'
import type { ServiceName } from '../local/supervisor/service.ts'
import { run } from '../scripts/bootstrap/command.mjs'

const root = join(import.meta.dirname, '..')

export type BenchPlatform = {
  readonly config: LocalConfig
  /** Of an uploader; empty where the platform has no identity service. */
  readonly token: string
  readonly stop: () => Promise<void>
}

/** @throws Error with what it said when it ends before it is ready */
export async function startPlatform(only: readonly ServiceName[]): Promise<BenchPlatform> {
  const homes = join(localConfig().cache, 'bench-homes')
  await mkdir(homes, { recursive: true })
  const home = await mkdtemp(join(homes, 'home-'))
  const ports = await freePorts(Object.values(portVariables))
  const env = environmentWith({ ...ports, DARKROOM_HOME: home })
  const child = spawn(process.execPath, ['local/start.ts', '--only', only.join(',')], {
    cwd: root,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
    }
    await rm(home, { recursive: true, force: true })
  }
  process.once('exit', () => child.kill('SIGTERM'))
  try {
    await ready(child)
    const variables = assignments({ ...ports, DARKROOM_HOME: home })
    const token = only.includes('identity') ? await run('env', [...variables, process.execPath, ...tokenCommand]) : ''
    return { config: localConfig(env), token: token.trim(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const tokenCommand = [join(root, 'scripts/token.ts'), '--group', 'uploaders']
const assignments = (variables: Record<string, string>) => Object.entries(variables).map((pair) => pair.join('='))

async function ready(child: ReturnType<typeof spawn>): Promise<void> {
  const said: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text) => said.push(text))
  if (child.stdout) {
    for await (const line of createInterface(child.stdout)) if (line.startsWith('ready ')) return
  }
  throw new Error(`The platform did not start:\n${said.join('')}`)
}

async function freePorts(variables: readonly string[]): Promise<Record<string, string>> {
  const servers = await Promise.all(
    variables.map(async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => String((server.address() as { port: number }).port))
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return Object.fromEntries(variables.map((variable, n) => [variable, ports[n] ?? '']))
}
