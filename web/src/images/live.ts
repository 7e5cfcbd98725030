/**
 * Changes of status as they happen: while something is in flight, one request waits at the platform, which answers when
 * an image has changed. Where that does not work, the list is looked at again and again, as before.
 */
import type { ImageChanges, ImageView } from '../../../contract/schemas.ts'

export type LiveParts = {
  /** One request that waits. @param cursor of the answer before */
  readonly ask: (cursor: string | undefined, signal: AbortSignal) => Promise<ImageChanges>
  /** Whether there is something to wait for. */
  readonly wanted: () => boolean
  readonly onChanged: (images: readonly ImageView[]) => void
}

/** After failures 1, 2, 4, … seconds, at most 60: the list is polled meanwhile. */
const backOffMs = (failures: number) => Math.min(60_000, 500 * 2 ** failures)

export type Live = ReturnType<typeof createLive>

export function createLive({ ask, wanted, onChanged }: LiveParts) {
  let running: AbortController | undefined
  let works = false

  async function listen(signal: AbortSignal) {
    let cursor: string | undefined
    let failures = 0
    while (wanted() && !signal.aborted) {
      try {
        const changes = await ask(cursor, signal)
        if (signal.aborted) return
        ;({ cursor } = changes)
        works = true
        failures = 0
        if (changes.images.length > 0) onChanged(changes.images)
      } catch {
        if (signal.aborted) return
        works = false
        // A cursor that is refused would be refused for ever.
        cursor = undefined
        await pause(backOffMs(++failures), signal)
      }
    }
  }

  function rest() {
    running?.abort()
    running = undefined
  }

  return {
    /** Whether changes are told, so that the list need not be looked at for them. */
    get works() {
      return works
    },
    /** Begins to listen where there is something to wait for, and ends where there is nothing any more. */
    update() {
      if (!wanted()) return rest()
      if (running) return
      const listening = new AbortController()
      running = listening
      void listen(listening.signal).finally(() => {
        if (running === listening) running = undefined
      })
    },
    stop: rest,
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}
