/** The part of `npm run doctor` that needs the packages: folders, ports and cached tools, as JSON rows. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { ConfigError, type LocalConfig, localConfig, portVariables } from '../../config.ts'
import { toolRecipes } from '../../local/setup/tools.ts'
import { runningSupervisor } from '../../local/supervisor/lock.ts'
import { CommandError, run } from '../bootstrap/command.mjs'
import type { Row } from './table.mjs'

const GiB = 1024 ** 3
/** The tools take 0.2 GiB, Go's build cache 0.6; the rest is room for images and Kafka. */
const leastFree = 2 * GiB

/** The nearest folder above that exists: what will hold a folder that is yet to be made. */
const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)))

async function diskRow(name: string, folder: string, variable: string): Promise<Row> {
  const { bavail, bsize } = await statfs(existing(folder))
  const free = bavail * bsize
  const found = `${folder}, ${(free / GiB).toFixed(1)} GiB free`
  if (free >= leastFree) return { name, state: 'ok', found }
  return { name, state: 'missing', found, get: `make ${leastFree / GiB} GiB free, or set ${variable} to another disk` }
}

/** versitygw keeps objects' metadata in extended attributes, which not every file system has. */
async function attributesRow(home: string): Promise<Row> {
  const name = 'extended attributes'
  await mkdir(home, { recursive: true })
  const probe = await mkdtemp(join(home, 'probe-'))
  try {
    await run('python3', ['-c', 'import os, sys; os.setxattr(sys.argv[1], "user.darkroom", b"1")', probe])
    return { name, state: 'ok', found: `on ${home}` }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const refused = error.message.includes('Errno')
    const get = 'set DARKROOM_HOME to a folder on ext4, XFS or Btrfs'
    if (refused) return { name, state: 'missing', found: `not on ${home}`, get }
    return { name, state: 'later', found: 'not checked: needs python3 on Linux', get: 'npm start will tell' }
  } finally {
    await rm(probe, { recursive: true })
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer().once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}

async function portRows({ home, ports, brokers }: LocalConfig): Promise<Row[]> {
  const supervisor = await runningSupervisor(home)
  const all = Object.keys(portVariables) as (keyof LocalConfig['ports'])[]
  // The other brokers' ports are of no interest to one broker.
  const names = all.filter((name) => brokers === 3 || !/^kafka.*[23]$/.test(name))
  return Promise.all(
    names.map(async (port): Promise<Row> => {
      const name = `port ${ports[port]} (${port})`
      if (await isFree(ports[port])) return { name, state: 'ok', found: 'free' }
      if (supervisor) return { name, state: 'ok', found: `in use by the running platform, process ${supervisor}` }
      return {
        name,
        state: 'missing',
        found: 'taken by another process',
        get: `set ${portVariables[port]} to a free one`,
      }
    }),
  )
}

const toolRows = (cache: string): Row[] =>
  Object.values(toolRecipes(cache)).map(({ title, folder }) =>
    existsSync(folder)
      ? { name: title, state: 'ok', found: 'in the cache' }
      : { name: title, state: 'later', found: 'not in the cache yet', get: '`npm start` fetches it' },
  )

async function rows(): Promise<Row[]> {
  const config = localConfig()
  return [
    await diskRow('state', config.home, 'DARKROOM_HOME'),
    await diskRow('cache', config.cache, 'DARKROOM_CACHE'),
    await attributesRow(config.home),
    ...(await portRows(config)),
    ...toolRows(config.cache),
  ]
}

try {
  console.log(JSON.stringify(await rows()))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  const row: Row = { name: 'configuration', state: 'missing', found: error.message, get: 'correct this variable' }
  console.log(JSON.stringify([row]))
}
