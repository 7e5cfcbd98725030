/** Waiting for something that has no event: try, pause, try again, until a deadline. */
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Calls `attempt` until it does not throw.
 * @param limitMs after this the last error is thrown; @param everyMs pause between attempts
 * @param signal ends the wait at once, with the signal's reason
 */
export async function poll<T>(
  attempt: () => Promise<T> | T,
  { limitMs, everyMs = 50, signal }: { limitMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() + everyMs > deadline) throw error
    }
    await pause(everyMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}
