/**
 * The clock of one image counts this process's CPU time, because that is what the image costs: on a machine with other work
 * to do, the wall clock would refuse good images. Wall clock only bounds what waits for ever; the processor, outside of
 * the child, keeps that one (`isolation/child.ts`).
 */

const lookEveryMs = 20

export type Clock = {
  /** Aborted, with `reason`, when the time has passed. */
  readonly signal: AbortSignal
  stop(): void
}

/** @param seconds CPU time of all threads, from now on; the process must have no other image in work */
export function startClock(seconds: number, reason: () => Error): Clock {
  const before = process.cpuUsage()
  const ended = new AbortController()
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1e6 >= seconds) ended.abort(reason())
  }, lookEveryMs)
  return { signal: ended.signal, stop: () => clearInterval(timer) }
}

/** Settles as the work does, or rejects with the clock's reason; an encoder that cannot be interrupted goes on unheard. */
export function within<T>({ signal }: Clock, work: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => over.reject(signal.reason), { once: true })
  return Promise.race([work, over.promise])
}
