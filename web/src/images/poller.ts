/** Repeats a task at a pace that the task's own result sets; rests while nobody looks. */

export type Poller = { now(): void; stop(): void }

/**
 * @param task one round; a failure only lengthens the pause
 * @param pause milliseconds until the next round, asked after each one
 */
export function createPoller(task: () => Promise<void>, pause: () => number): Poller {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let stopped = false
  let running = false
  let again = false

  async function round() {
    if (running) {
      again = true
      return
    }
    clearTimeout(timer)
    running = true
    again = false
    try {
      await task()
      failures = 0
    } catch {
      failures++
    }
    running = false
    schedule()
  }

  function schedule() {
    if (stopped || document.hidden) return
    // After failures 1, 2, 4, … seconds, at most 30.
    const backOff = failures > 0 ? Math.min(30_000, 500 * 2 ** failures) : 0
    timer = setTimeout(() => void round(), again && failures === 0 ? 0 : Math.max(pause(), backOff))
  }

  function visibility() {
    clearTimeout(timer)
    if (!document.hidden) void round()
  }
  const online = () => {
    failures = 0
    void round()
  }
  document.addEventListener('visibilitychange', visibility)
  addEventListener('online', online)
  void round()

  return {
    now: () => void round(),
    stop() {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', visibility)
      removeEventListener('online', online)
    },
  }
}
