/** An HTTP client that knows what it does not know: an attempt without an answer may have been carried out. */
import { note, type Upload } from './history.ts'

export type Answer = { readonly status: number; readonly json: Record<string, unknown> }
/** Undefined where no answer came. */
export type Maybe<T> = T | undefined

/** Longer than a function may take (29 s), so that an answer that is still to come is not given up. */
const patienceMs = 35_000

export type Client = {
  send(
    upload: Upload,
    method: string,
    path: string,
    init?: { body?: BodyInit; headers?: HeadersInit },
  ): Promise<Maybe<Answer>>
  /** Sends a form to S3. @returns its status */
  post(upload: Upload, url: string, form: FormData): Promise<Maybe<number>>
}

/** @param s3Port of the proxy in front of S3, which presigned addresses know nothing of */
export function createClient(url: string, token: string, s3Port: number): Client {
  return {
    async send(upload, method, path, init = {}) {
      note(upload, `${method} ${path}`)
      try {
        const response = await fetch(new URL(path, url), {
          method,
          body: init.body ?? null,
          headers: { authorization: `Bearer ${token}`, ...init.headers },
          signal: AbortSignal.timeout(patienceMs),
        })
        const text = await response.text()
        const json = parse(text)
        note(upload, `${method} ${path} → ${response.status} ${String(json.code ?? json.id ?? '')}`)
        return { status: response.status, json }
      } catch (error) {
        note(upload, `${method} ${path} → no answer (${reasonOf(error)})`)
        return undefined
      }
    },
    async post(upload, address, form) {
      const target = new URL(address)
      target.port = String(s3Port)
      try {
        const response = await fetch(target, { method: 'POST', body: form, signal: AbortSignal.timeout(patienceMs) })
        await response.text()
        note(upload, `POST to S3 → ${response.status}`)
        return response.status
      } catch (error) {
        note(upload, `POST to S3 → no answer (${reasonOf(error)})`)
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
