/** Getting one file to the platform: whole to the gateway, or straight to the storage when it is large. */
import type { Accepted } from '../../../contract/schemas.ts'
import type { WebConfig } from '../../../contract/web.ts'
import { type Api, ApiError, networkError, problemFrom, type TokenSource } from '../api.ts'
import { text } from '../text.ts'

export type OutgoingFile = {
  readonly data: Blob
  readonly name: string
  readonly type: string
  /** One for each file and kept over all attempts, so that no attempt stores it twice. */
  readonly idempotencyKey: string
}

export type SendOptions = {
  readonly signal: AbortSignal
  /** @param sent bytes that have left, of the file's own */
  readonly onProgress: (sent: number) => void
  /** The bytes have been sent; the platform is looking at them. */
  readonly onChecking: () => void
}

export type Sender = (file: OutgoingFile, options: SendOptions) => Promise<Accepted>

export function createSender(
  api: Api,
  session: TokenSource,
  limits: Pick<WebConfig, 'directUploadBytes'>,
  post: typeof postBody = postBody,
): Sender {
  async function direct(file: OutgoingFile, options: SendOptions, repeated = false): Promise<Accepted> {
    const token = await session.token()
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': file.type,
      'idempotency-key': file.idempotencyKey,
      'x-file-name': encodeURIComponent(file.name),
    }
    const answer = await post('/images', headers, file.data, options)
    if (answer.status === 401 && !repeated) {
      session.refused(token)
      return direct(file, options, true)
    }
    if (answer.status !== 202) throw problemFrom(answer.status, answer.body, answer.retryAfter)
    return JSON.parse(answer.body) as Accepted
  }

  async function presigned(file: OutgoingFile, options: SendOptions): Promise<Accepted> {
    const request = { content_type: file.type as never, bytes: file.data.size, name: file.name }
    const ticket = await api.startUpload(request, file.idempotencyKey, options.signal)
    const form = new FormData()
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value)
    // The storage ignores whatever comes after the file.
    form.append('file', file.data)
    const answer = await post(ticket.url, {}, form, options)
    if (answer.status < 200 || answer.status >= 300) {
      const detail = { code: 'storage', detail: text.problem.storage(answer.status), hint: text.problem.storageHint }
      throw new ApiError(answer.status, detail)
    }
    return api.completeUpload(ticket.complete_url, options.signal)
  }

  return (file, options) =>
    file.data.size <= limits.directUploadBytes ? direct(file, options) : presigned(file, options)
}

type Answer = { readonly status: number; readonly body: string; readonly retryAfter: string | null }

/** XMLHttpRequest, because fetch does not tell how much of a body has left. */
function postBody(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Blob | FormData,
  { signal, onProgress, onChecking }: SendOptions,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = new XMLHttpRequest()
  const abort = () => request.abort()
  request.open('POST', url)
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
  request.upload.onprogress = ({ loaded }) => onProgress(loaded)
  request.upload.onload = onChecking
  request.onload = () =>
    resolve({
      status: request.status,
      body: request.responseText,
      // The storage is of another origin and shows us none of its headers.
      retryAfter: url.startsWith('/') ? request.getResponseHeader('retry-after') : null,
    })
  request.onerror = () => reject(networkError())
  request.onabort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) reject(signal.reason)
  else request.send(body)
  return promise.finally(() => signal.removeEventListener('abort', abort))
}
