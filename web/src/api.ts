/** The platform's API as the web application uses it; bodies are typed by the contract. */
import type { BatchOutcome, BatchTickets } from '../../contract/batch-schemas.ts'
import { notebookRoutes } from '../../contract/notebook-routes.ts'
import type { NotebookList } from '../../contract/notebooks.ts'
import type {
  BulkErased,
  EverythingErased,
  LinkRequest,
  LinkView,
  Profile,
  Revoked,
  Usage,
} from '../../contract/personal-schemas.ts'
import type {
  Accepted,
  Erasure,
  ImageChanges,
  ImagePage,
  ImageView,
  KnownImage,
  MultipartUpload,
  Problem,
  PurgeRun,
  RetentionState,
  UploadRequest,
} from '../../contract/schemas.ts'

import { limits } from '../../platform.ts'
import { text } from './text.ts'

/** An answer that is not a success, or none at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly requestId: string | undefined
  /** Milliseconds that the platform asks us to wait. */
  readonly retryAfter: number | undefined
  readonly #retriable: boolean | undefined

  constructor(
    status: number,
    problem: Partial<Pick<Problem, 'code' | 'detail' | 'hint' | 'requestId'>>,
    options: { cause?: unknown; retryAfter?: number; retriable?: boolean } = {},
  ) {
    super(problem.detail ?? text.problem.unknown, { cause: options.cause })
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.hint = problem.hint
    this.requestId = problem.requestId
    this.retryAfter = options.retryAfter
    this.#retriable = options.retriable
  }

  /** Whether the same request may succeed later. */
  get retriable(): boolean {
    return this.#retriable ?? (this.status === 0 || this.status === 429 || this.status >= 500)
  }
}

export const networkError = (cause?: unknown): ApiError =>
  new ApiError(0, { code: 'network', detail: text.problem.network, hint: text.problem.networkHint }, { cause })

/** Turns an answer's body into an error; a body that is no problem+json gives the status alone. */
export function problemFrom(status: number, body: string, retryAfter: string | null): ApiError {
  const seconds = Number(retryAfter)
  const options = retryAfter && Number.isFinite(seconds) ? { retryAfter: seconds * 1000 } : {}
  try {
    return new ApiError(status, JSON.parse(body) as Problem, options)
  } catch {
    return new ApiError(status, { code: `http-${status}` }, options)
  }
}

export type TokenSource = {
  /** A valid access token; waits while the person signs in again. */
  token(): Promise<string>
  /** The platform did not take this token. */
  refused(token: string): void
}

export type Api = ReturnType<typeof createApi>

export function createApi(session: TokenSource, fetcher: typeof fetch = (...request) => fetch(...request)) {
  async function send(path: string, init: RequestInit = {}, repeated = false): Promise<string> {
    const token = await session.token()
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` }
    const response = await fetcher(path, { ...init, headers }).catch((cause) => {
      if (init.signal?.aborted) throw cause
      throw networkError(cause)
    })
    if (response.status === 401 && !repeated) {
      session.refused(token)
      return send(path, init, true)
    }
    const body = await response.text()
    if (!response.ok) throw problemFrom(response.status, body, response.headers.get('retry-after'))
    return body
  }
  const call = async <T>(path: string, init?: RequestInit) => JSON.parse(await send(path, init)) as T

  const json = (body: unknown) => ({ 'content-type': 'application/json', body: JSON.stringify(body) })

  return {
    /** @param page limit and cursor, and the filter's parameters */
    listImages: (page: { limit: number; cursor?: string }, signal?: AbortSignal) => {
      const query = new URLSearchParams({ ...page, limit: String(page.limit) })
      return call<ImagePage>(`/images?${query}`, { signal: signal ?? null })
    },
    /** Waits at the platform until one's images change. */
    changes: (cursor: string | undefined, signal: AbortSignal) => {
      const query = new URLSearchParams({ wait: String(limits.changesWaitSeconds), ...(cursor && { cursor }) })
      return call<ImageChanges>(`/images/changes?${query}`, { signal })
    },
    getImage: (id: string, signal?: AbortSignal) =>
      call<ImageView>(`/images/${encodeURIComponent(id)}`, { signal: signal ?? null }),
    /** @param filter its parameters; without them all match */
    usage: (filter: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
      call<Usage>(`/profile/usage?${new URLSearchParams(filter)}`, { signal: signal ?? null }),
    profile: () => call<Profile>('/profile'),
    eraseEverything: () => call<EverythingErased>('/profile?confirm=everything', { method: 'DELETE' }),
    eraseImages: (ids: readonly string[]) => {
      const { body, ...headers } = json({ ids })
      return call<BulkErased>('/erasures', { method: 'POST', headers, body })
    },
    shareImage: (id: string, request: LinkRequest) => {
      const { body, ...headers } = json(request)
      return call<LinkView>(`/images/${encodeURIComponent(id)}/links`, { method: 'POST', headers, body })
    },
    revokeLink: (id: string, link: string) =>
      call<Revoked>(`/images/${encodeURIComponent(id)}/links/${encodeURIComponent(link)}`, { method: 'DELETE' }),
    eraseImage: (id: string) => call<Erasure>(`/images/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    /** Those of these checksums that one has uploaded before. */
    duplicates: (sha256: readonly string[]) => {
      const { body, ...headers } = json({ sha256 })
      return call<{ images: KnownImage[] }>('/images/duplicates', { method: 'POST', headers, body })
    },
    startMultipart: (request: UploadRequest, idempotencyKey: string, signal: AbortSignal) => {
      const { body, ...headers } = json(request)
      return call<MultipartUpload>('/uploads/multipart', {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': idempotencyKey },
        body,
        signal,
      })
    },
    uploadParts: (id: string, signal?: AbortSignal) =>
      call<MultipartUpload>(`/uploads/${encodeURIComponent(id)}/parts`, { signal: signal ?? null }),
    abortUpload: (id: string) => call<Erasure>(`/uploads/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    completeUpload: (url: string, signal: AbortSignal) => {
      const { body, ...headers } = json({})
      return call<Accepted>(new URL(url, location.origin).pathname, { method: 'POST', headers, body, signal })
    },
    startBatch: (images: readonly UploadRequest[]) => {
      const { body, ...headers } = json({ images })
      return call<BatchTickets>('/batches', { method: 'POST', headers, body })
    },
    completeBatch: (ids: readonly string[]) => {
      const { body, ...headers } = json({ ids })
      return call<BatchOutcome>('/batches/complete', { method: 'POST', headers, body })
    },
    retention: (signal?: AbortSignal) => call<RetentionState>('/retention', { signal: signal ?? null }),
    /** The console's operations; their bodies are typed where they are used. */
    stream: <T>(path: string, change?: { readonly method: 'POST' | 'PATCH'; readonly body: unknown }) => {
      if (!change) return call<T>(`/stream${path}`)
      const { body, ...headers } = json(change.body)
      return call<T>(`/stream${path}`, { method: change.method, headers, body })
    },
    purgeRuns: (limit: number, signal?: AbortSignal) =>
      call<{ items: PurgeRun[] }>(`/retention/runs?limit=${limit}`, { signal: signal ?? null }),
    notebooks: () => call<NotebookList>(notebookRoutes.list),
    /** One notebook as HTML. */
    notebook: (name: string) => send(notebookRoutes.page(name)),
  }
}
