/**
 * One supervisor per home. The lock is a listening socket in Linux's abstract namespace: the kernel takes it away
 * with the process, however that ends, so there is no stale lock file to reason about. Who connects is told the pid.
 */
import { createHash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { AlreadyRunningError } from './errors.ts'

export type Lock = { release(): Promise<void> }

/** The socket's name; hashed because a socket address holds at most 107 bytes. */
const addressOf = (home: string) => `\0darkroom-${createHash('sha256').update(home).digest('hex').slice(0, 32)}`

/**
 * Takes the home for this process.
 * @throws AlreadyRunningError naming the process that has it
 */
export async function lockHome(home: string): Promise<Lock> {
  await mkdir(home, { recursive: true })
  const address = addressOf(await realpath(home))
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(address, resolve)
  try {
    await promise
  } catch (cause) {
    const pid = await askPid(address)
    throw new AlreadyRunningError(
      `Darkroom is already running in ${home} (process ${pid}). Stop that one, or set DARKROOM_HOME to another folder.`,
      { cause },
    )
  }
  server.unref()
  return { release: () => new Promise((done) => server.close(() => done())) }
}

/** The pid of the supervisor that has this home, or undefined when none runs. */
export async function runningSupervisor(home: string): Promise<number | undefined> {
  const folder = await realpath(home).catch(() => undefined)
  const pid = folder && Number(await askPid(addressOf(folder)))
  return pid || undefined
}

function askPid(address: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect(address)
    .setTimeout(1_000, () => socket.destroy())
    .on('data', (data) => {
      answer += data
    })
    .on('error', () => {})
    .on('close', () => resolve(answer || 'unknown'))
  return promise
}
