/** Sending one body, and telling how much of it has left. */
import { type ApiError, networkError } from '../api.ts'

export type Answer = { readonly status: number; readonly body: string; readonly retryAfter: string | null }

export type BodyOptions = {
  readonly method?: 'POST' | 'PUT'
  readonly signal: AbortSignal
  /** @param sent bytes that have left */
  readonly onProgress: (sent: number) => void
  readonly onSent?: () => void
  /** What to say where there is no answer at all. */
  readonly unreachable?: () => ApiError
}

/** XMLHttpRequest, because fetch does not tell how much of a body has left. */
export function sendBody(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Blob | FormData,
  { method = 'POST', signal, onProgress, onSent, unreachable = networkError }: BodyOptions,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = new XMLHttpRequest()
  const abort = () => request.abort()
  request.open(method, url)
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
  request.upload.onprogress = ({ loaded }) => onProgress(loaded)
  request.upload.onload = () => onSent?.()
  request.onload = () =>
    resolve({
      status: request.status,
      body: request.responseText,
      // The storage is of another origin and shows us none of its headers.
      retryAfter: url.startsWith('/') ? request.getResponseHeader('retry-after') : null,
    })
  request.onerror = () => reject(unreachable())
  request.onabort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) reject(signal.reason)
  else request.send(body)
  return promise.finally(() => signal.removeEventListener('abort', abort))
}
