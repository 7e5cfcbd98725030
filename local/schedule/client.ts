/** Calls a scheduled function of the running platform once, as of any moment. */
import { request } from 'node:http'
import type { LocalConfig } from '../../config.ts'
import { controlSocket } from '../triggers/socket.ts'
import type { ScheduledName } from './control.ts'

/** The local platform does not run, or its schedule does not answer. */
export class PlatformNotRunningError extends Error {
  override readonly name = 'PlatformNotRunningError'
  readonly retriable = true
}

/** The function was called and failed, or the call was refused. */
export class ScheduledInvocationError extends Error {
  override readonly name = 'ScheduledInvocationError'
  readonly retriable = false
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * @param time the function's idea of now, ISO 8601 with zone; whole seconds, as EventBridge has it
 * @returns what the function returned; waits until it has ended, which may take a purge its fifteen minutes
 * @throws PlatformNotRunningError, ScheduledInvocationError
 */
export async function invokeScheduled(config: LocalConfig, name: ScheduledName, time: string): Promise<unknown> {
  const { status, text } = await post(controlSocket(config.home, 'schedule'), `/invoke/${name}`, { time })
  const answer = parse(text)
  if (status === 200) return answer
  const { code, detail } = (answer ?? {}) as { code?: string; detail?: string }
  throw new ScheduledInvocationError(code ?? 'unknown', detail ?? `The schedule answered ${status}`)
}

function post(socketPath: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const fail = (cause: Error) =>
    reject(
      new PlatformNotRunningError(`The platform is not running: start it with \`npm start\` (${cause.message})`, {
        cause,
      }),
    )
  const headers = { host: 'schedule', 'content-type': 'application/json' }
  const outgoing = request({ socketPath, path, method: 'POST', headers }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString() }))
    response.on('error', fail)
  })
  outgoing.on('error', fail)
  outgoing.end(JSON.stringify(body))
  return promise
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
