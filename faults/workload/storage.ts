/** Sending bytes straight to S3, by what was signed for it. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

export type StorageRequest = {
  readonly method: 'POST' | 'PUT'
  readonly url: string
  readonly body: FormData | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Goes through the proxy in front of S3, which presigned addresses know nothing of. Not by `fetch`: the host is signed,
 * and `fetch` would say the proxy's.
 * @returns the status
 * @throws Error where no answer came
 */
export async function sendToStorage(
  port: number,
  { method, url, body, headers }: StorageRequest,
  patienceMs: number,
): Promise<number> {
  const { host } = new URL(url)
  const encoded = new Response(body)
  const type = encoded.headers.get('content-type')
  const bytes = Buffer.from(await encoded.arrayBuffer())
  const call = request(url, {
    method,
    port,
    headers: { ...(type && { 'content-type': type }), ...headers, host, 'content-length': bytes.byteLength },
    signal: AbortSignal.timeout(patienceMs),
  })
  // Connections also break behind the answer.
  call.on('error', () => {})
  const [answer] = (await once(call.end(bytes), 'response')) as [IncomingMessage]
  await buffer(answer)
  return answer.statusCode ?? 0
}
