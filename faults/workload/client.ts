/** An HTTP client that knows what it does not know: an attempt without an answer may have been carried out. */
import { note, type Upload } from './history.ts'
import { type StorageRequest, sendToStorage } from './storage.ts'

export type Answer = { readonly status: number; readonly json: Record<string, unknown> }
/** Undefined where no answer came. */
export type Maybe<T> = T | undefined

/** Longer than a function may take (29 s), so that an answer that is still to come is not given up. */
const patienceMs = 35_000

export type Client = {
  /** @param about the uploads that the request is about: one, or a batch */
  send(
    about: readonly Upload[],
    method: string,
    path: string,
    init?: { body?: BodyInit; headers?: HeadersInit },
  ): Promise<Maybe<Answer>>
  /** Sends bytes to S3. @returns its status */
  store(upload: Upload, request: StorageRequest): Promise<Maybe<number>>
}

/** @param s3Port of the proxy in front of S3 */
export function createClient(url: string, token: string, s3Port: number): Client {
  return {
    async send(about, method, path, init = {}) {
      const noted = (what: string) => {
        for (const upload of about) note(upload, what)
      }
      noted(`${method} ${path}`)
      try {
        const response = await fetch(new URL(path, url), {
          method,
          body: init.body ?? null,
          headers: { authorization: `Bearer ${token}`, ...init.headers },
          signal: AbortSignal.timeout(patienceMs),
        })
        const text = await response.text()
        const json = parse(text)
        noted(`${method} ${path} → ${response.status} ${String(json.code ?? json.id ?? '')}`)
        return { status: response.status, json }
      } catch (error) {
        noted(`${method} ${path} → no answer (${reasonOf(error)})`)
        return undefined
      }
    },
    async store(upload, request) {
      try {
        const status = await sendToStorage(s3Port, request, patienceMs)
        note(upload, `${request.method} to S3 → ${status}`)
        return status
      } catch (error) {
        note(upload, `${request.method} to S3 → no answer (${reasonOf(error)})`)
        return undefined
      }
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message : message
}
