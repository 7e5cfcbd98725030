/** The platform's HTTP interface as a client sees it, for tests. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Accepted, ImagePage, ImageView, Problem, UploadTicket } from '../../contract/schemas.ts'

export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly json: T }
export type Api = ReturnType<typeof apiClient>

/** @param url the gateway's address; @param token a bearer token, or none */
export function apiClient(url: string, token?: string) {
  async function call<T>(
    method: string,
    path: string,
    init: { body?: BodyInit; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...init.headers },
      body: init.body ?? null,
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      json: (text ? JSON.parse(text) : null) as T,
    } as Answer<T>
  }

  const upload = (body: Uint8Array, contentType: string, headers: Record<string, string> = {}) =>
    call<Accepted & Problem>('POST', '/images', {
      body: body as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': contentType, ...headers },
    })

  const image = (id: string) => call<ImageView>('GET', `/images/${id}`)

  /** Waits until an image has been processed or quarantined. @throws Error after the deadline, with its last state */
  async function settled(id: string, withinMs = 30_000): Promise<ImageView> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const { json } = await image(id)
      if (json.status === 'processed' || json.status === 'quarantined') return json
      if (performance.now() > deadline) throw new Error(`${id} is still ${json.status} after ${withinMs} ms`)
      await pause(50)
    }
  }

  /** All of one's images, page by page. */
  async function all(): Promise<ImageView[]> {
    const found: ImageView[] = []
    let cursor: string | undefined
    do {
      const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
      const { json } = await call<ImagePage>('GET', `/images?${query}`)
      found.push(...json.items)
      cursor = json.next_cursor
    } while (cursor)
    return found
  }

  /** The way of large files: presigned POST to S3, then completion. */
  async function uploadPresigned(
    body: Uint8Array,
    contentType: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<Accepted & Problem>> {
    const { json } = await call<UploadTicket>('POST', '/uploads', {
      body: JSON.stringify({ content_type: contentType, bytes: body.byteLength }),
      headers: { 'content-type': 'application/json', ...headers },
    })
    const form = new FormData()
    for (const [name, value] of Object.entries(json.fields)) form.set(name, value)
    form.set('file', new Blob([body as Uint8Array<ArrayBuffer>], { type: contentType }))
    const sent = await fetch(json.url, { method: 'POST', body: form })
    if (!sent.ok) throw new Error(`S3 answered ${sent.status}: ${await sent.text()}`)
    return call('POST', `/uploads/${json.id}/complete`)
  }

  return { call, upload, uploadPresigned, image, settled, all, erase: (id: string) => call('DELETE', `/images/${id}`) }
}
