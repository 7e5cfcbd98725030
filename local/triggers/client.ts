/** Client of the triggers' control, for the console, for tests and for scripts on the same machine. */
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { TriggerChanges } from './settings.ts'
import { socketPath } from './socket.ts'
import type { TriggerView } from './trigger.ts'

export type TriggersClient = {
  list(): Promise<TriggerView[]>
  get(name: string): Promise<TriggerView>
  /** @returns the trigger right after the change; disabling may still be going on then */
  change(name: string, changes: TriggerChanges): Promise<TriggerView>
  /**
   * Disables or enables, and waits until that is so. A disabled trigger's group is empty: its offsets may be reset.
   * @throws ControlError `still-changing` when it takes longer than `limitMs`
   */
  setEnabled(name: string, enabled: boolean, limitMs?: number): Promise<TriggerView>
}

/** The control refused (`status` is HTTP's), or does not answer (`status` 503). */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  readonly code: string
  readonly retriable: boolean

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
    this.retriable = status >= 500
  }
}

const answerLimitMs = 10_000

/** @param home the local platform's home */
export function createTriggersClient(home: string): TriggersClient {
  const path = socketPath(home)

  async function call<T>(method: 'GET' | 'POST', target: string, body?: unknown): Promise<T> {
    const { status, text } = await send(path, method, target, body)
    const answer = parse(text)
    if (status >= 300) throw new ControlError(status, String(answer.code), String(answer.detail ?? text))
    return answer as T
  }

  const get = (name: string) => call<TriggerView>('GET', `/triggers/${encodeURIComponent(name)}`)
  const change = (name: string, changes: TriggerChanges) =>
    call<TriggerView>('POST', `/triggers/${encodeURIComponent(name)}`, changes)

  return {
    list: async () => (await call<{ triggers: TriggerView[] }>('GET', '/triggers')).triggers,
    get,
    change,
    async setEnabled(name, enabled, limitMs = 60_000) {
      const deadline = Date.now() + limitMs
      const wanted = enabled ? 'Enabled' : 'Disabled'
      let view = await change(name, { enabled })
      while (view.state !== wanted) {
        if (Date.now() > deadline) throw new ControlError(504, 'still-changing', `${name} is still ${view.state}`)
        await pause(100)
        view = await get(name)
      }
      return view
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function send(socketFile: string, method: string, path: string, body: unknown) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const headers = { host: 'triggers', 'content-type': 'application/json' }
  const outgoing = request({ socketPath: socketFile, method, path, headers, timeout: answerLimitMs }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString() }))
    response.on('error', reject)
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${answerLimitMs} ms`)))
  outgoing.on('error', (cause) =>
    reject(new ControlError(503, 'triggers-unavailable', `The triggers do not answer: ${cause.message}`, { cause })),
  )
  outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}
