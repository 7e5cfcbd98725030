/** Getting one file to the platform: whole to the gateway, or in parts straight to the storage when it is large. */
import type { Accepted } from '../../../contract/schemas.ts'
import type { WebConfig } from '../../../contract/web.ts'
import { type Api, problemFrom, type TokenSource } from '../api.ts'
import { sendBody } from './body.ts'

export type OutgoingFile = {
  readonly data: Blob
  readonly name: string
  readonly type: string
  /** One for each file and kept over all attempts, so that no attempt stores it twice. */
  readonly idempotencyKey: string
  /** Of its bytes, hexadecimal, where it is known. */
  readonly sha256?: string | undefined
  /** Of an upload in parts that was started before. */
  readonly uploadId?: string | undefined
  /** It goes with others. The way stays over all attempts: an Idempotency-Key does not hold across ways. */
  readonly inBatch?: boolean | undefined
  /** The platform's id of an upload in a batch, announced before the page was left. */
  readonly announcedId?: string | undefined
}

export type SendOptions = {
  readonly signal: AbortSignal
  /** @param sent bytes that have left, of the file's own */
  readonly onProgress: (sent: number) => void
  /** It has waited for others; now its bytes leave. */
  readonly onSending?: () => void
  /** The bytes have been sent; the platform is looking at them. */
  readonly onChecking: () => void
  /** An upload in parts has been started, or taken up again. */
  readonly onStarted?: (uploadId: string) => void
  /** A place in a batch is reserved under this id. */
  readonly onAnnounced?: (id: string) => void
  /** So many bytes more are there for good. */
  readonly onArrived?: (bytes: number) => void
}

export type Sender = (file: OutgoingFile, options: SendOptions) => Promise<Accepted>

export function createSender(
  api: Api,
  session: TokenSource,
  limits: Pick<WebConfig, 'directUploadBytes'>,
  send: typeof sendBody = sendBody,
): Sender {
  async function direct(file: OutgoingFile, options: SendOptions, repeated = false): Promise<Accepted> {
    const token = await session.token()
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': file.type,
      'idempotency-key': file.idempotencyKey,
      'x-file-name': encodeURIComponent(file.name),
    }
    const { signal, onProgress, onChecking } = options
    const answer = await send('/images', headers, file.data, { signal, onProgress, onSent: onChecking })
    if (answer.status === 401 && !repeated) {
      session.refused(token)
      return direct(file, options, true)
    }
    if (answer.status !== 202) throw problemFrom(answer.status, answer.body, answer.retryAfter)
    return JSON.parse(answer.body) as Accepted
  }

  return async (file, options) => {
    if (file.data.size <= limits.directUploadBytes) return direct(file, options)
    const { sendInParts } = await import('./send-parts.ts')
    return sendInParts({ api, put: send }, file, options)
  }
}
