/** Calls something at a steady rate, and never a second time while the first is still going on. */

export type Ticker = {
  /** No further calls; settles when the one that is going on has ended. */
  stop(): Promise<void>
}

export type TickerOptions = {
  readonly everyMs: number
  /** From now to the first call. */
  readonly firstMs: number
  /** May fail: the next tick tries again. */
  readonly call: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/** Ticks lie on a grid from the first call on; those that come while a call is going on are left out. */
export function startTicker({ everyMs, firstMs, call, onError }: TickerOptions): Ticker {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  let next = Date.now() + firstMs

  const schedule = () => {
    timer = setTimeout(tick, Math.max(0, next - Date.now()))
  }
  const tick = () => {
    running = call()
      .catch(onError)
      .then(() => {
        const missed = Math.max(0, Math.floor((Date.now() - next) / everyMs))
        next += (missed + 1) * everyMs
        if (!stopped) schedule()
      })
  }
  schedule()

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      return running
    },
  }
}
