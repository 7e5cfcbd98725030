/** moto's server: an AWS API on this machine, which believes any credentials and forgets everything when it ends. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentWith, type LocalConfig } from '../../config.ts'
import { ensureVenv } from '../../local/setup/python.ts'
import type { Report } from '../../scripts/bootstrap/progress.mjs'

export type StandIn = { readonly url: string; readonly stop: () => Promise<void> }

/** The stand-in ended, or did not answer, before it was of use. */
export class StandInError extends Error {
  override readonly name = 'StandInError'
  readonly retriable = true
}

/** Milliseconds; Python reads a hundred modules first. */
const readyWithin = 60_000

/** @throws StandInError with the last lines that it wrote */
export async function startStandIn(config: Pick<LocalConfig, 'cache'>, report: Report): Promise<StandIn> {
  const { python } = await ensureVenv(config, report, join(import.meta.dirname, 'requirements.txt'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    // Without a pipe of its own a killed parent would leave it behind; it ends when it cannot write any more.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith({ PYTHONUNBUFFERED: '1' }),
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    // It keeps nothing that would have to be put in order.
    child.kill('SIGKILL')
    await ended
  }
  const deadline = performance.now() + readyWithin
  for (;;) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined)
    if (answer?.ok) return { url, stop }
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop()
      throw new StandInError(`moto's server does not answer: ${said.join('').trim().split('\n').slice(-3).join('\n')}`)
    }
    await pause(100)
  }
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}
