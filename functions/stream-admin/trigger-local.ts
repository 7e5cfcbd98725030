/** Triggers that run as a process on the same machine, by the socket on which it listens. */
import { request } from 'node:http'
import type { StreamTrigger, StreamTriggerChange } from '../../contract/stream-work-schemas.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import { changedSettings, type TriggerPort, type TriggerSettings, unknownTrigger } from './trigger-port.ts'

/** Of the process's answer, what the console shows. */
type LocalView = {
  readonly name: string
  readonly state: string
  readonly topic: string
  readonly consumerGroup: string
  readonly functionName: string
  readonly settings: Readonly<Record<(typeof names)[keyof typeof names], number | boolean>>
  readonly running: { readonly invocations: number }
  readonly lag?: { readonly total: number }
  readonly lastError?: { readonly at: string; readonly message: string }
}

/** The contract's names of the settings, and the process's. */
const names = {
  batch_size: 'batchSize',
  batch_window_ms: 'batchWindowMs',
  maximum_retry_attempts: 'maximumRetryAttempts',
  maximum_record_age_seconds: 'maximumRecordAgeSeconds',
  bisect_batch_on_function_error: 'bisectBatchOnFunctionError',
  report_batch_item_failures: 'reportBatchItemFailures',
  maximum_pollers: 'maximumPollers',
} as const satisfies Record<keyof TriggerSettings, string>

const answerLimitMs = 10_000

/** @param socket the path on which the process listens */
export function localTriggers(socket: string): TriggerPort {
  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { status, text } = await send(socket, method, path, body)
    const answer = parse(text)
    if (status === 404) throw unknownTrigger(path.split('/').at(-1) ?? '')
    if (status === 400)
      throw new RequestError(400, 'invalid-change', String(answer.detail ?? 'The change is not valid'))
    if (status >= 300) throw new UnavailableError('triggers-unavailable', String(answer.detail ?? 'The change failed'))
    return answer as T
  }
  const path = (name: string) => `/triggers/${encodeURIComponent(name)}`

  return {
    list: async () => (await call<{ triggers: LocalView[] }>('GET', '/triggers')).triggers.map(viewOf),
    get: async (name) => viewOf(await call<LocalView>('GET', path(name))),
    change: async (name, { enabled, ...settings }) =>
      viewOf(
        await call<LocalView>('POST', path(name), {
          ...(enabled !== undefined && { enabled }),
          ...localNames(settings),
        }),
      ),
  }
}

const localNames = (settings: Omit<StreamTriggerChange, 'enabled' | 'expected'>) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [names[name as keyof typeof names], value]))

function viewOf(view: LocalView): StreamTrigger {
  const settings = Object.fromEntries(
    Object.entries(names).map(([name, local]) => [name, view.settings[local]]),
  ) as TriggerSettings
  return {
    name: view.name,
    state: view.state,
    topic: view.topic,
    consumer_group: view.consumerGroup,
    function: view.functionName,
    settings,
    changed: changedSettings(settings),
    running: view.running.invocations,
    ...(view.lag && { lag: view.lag.total }),
    ...(view.lastError && { last_error: `${view.lastError.at} ${view.lastError.message}` }),
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function send(socketPath: string, method: string, path: string, body: unknown) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const headers = { host: 'triggers', 'content-type': 'application/json' }
  const outgoing = request({ socketPath, method, path, headers, timeout: answerLimitMs }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString() }))
    response.on('error', reject)
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${answerLimitMs} ms`)))
  outgoing.on('error', (cause) =>
    reject(new UnavailableError('triggers-unavailable', 'The triggers do not answer', { cause })),
  )
  outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}
