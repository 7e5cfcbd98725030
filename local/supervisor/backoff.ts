/** How long to wait before the next try: doubling, so that a service that cannot come up does not eat the machine. */

export type Backoff = {
  /** Milliseconds until the next try. */
  next(): number
  /** Starts over from the shortest delay. */
  reset(): void
}

export function createBackoff({ firstMs = 200, mostMs = 5_000 } = {}): Backoff {
  let delay = firstMs
  return {
    next() {
      const now = delay
      delay = Math.min(delay * 2, mostMs)
      return now
    },
    reset() {
      delay = firstMs
    },
  }
}
