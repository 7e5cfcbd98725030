/** How often something is tried, and how long is waited in between. */
import { ApiError } from '../api.ts'

/** Pauses before further attempts, in milliseconds; then the person is asked. */
const pauses = [1_000, 3_000, 8_000]

export type AttemptOptions = {
  readonly signal: AbortSignal
  /** Whether something has arrived since it was last asked: then patience begins anew. */
  readonly advanced: () => boolean
  readonly onRetry: () => void
}

/** Tries until it works; failures that cannot pass, and too many in a row without progress, are thrown. */
export async function withRetries<T>(attempt: () => Promise<T>, options: AttemptOptions): Promise<T> {
  let failures = 0
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (options.signal.aborted || !(error instanceof ApiError) || !error.retriable) throw error
      if (options.advanced()) failures = 0
      const pause = pauses[failures++]
      if (pause === undefined) throw error
      options.onRetry()
      await untilWorthTrying(error.retryAfter ?? pause, options.signal)
      options.signal.throwIfAborted()
    }
  }
}

/** Waits; and while the browser knows that it is offline, for as long as it is. */
async function untilWorthTrying(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
  if (navigator.onLine || signal.aborted) return
  await new Promise<void>((go) => {
    addEventListener('online', () => go(), { once: true })
    signal.addEventListener('abort', () => go(), { once: true })
  })
}
