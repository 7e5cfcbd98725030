/**
 * kafkajs 2.2.4 arms a timer for its request queue even when nothing waits in it. Its delay is `throttledUntil` (-1)
 * minus now, which Node turns into 1 ms, so each idle connection wakes a thousand times a second (3.5 % of a core for
 * one consumer, measured; 0.6 % with this) and Node 24 prints TimeoutNegativeWarning. No setting avoids it; this
 * replaces the one method, and arms the timer only while a request waits.
 */
// @ts-expect-error kafkajs has no types for its inside.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

type Queue = {
  throttleCheckTimeoutId: NodeJS.Timeout | null
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  checkPendingRequests(): void
}

/** kafkajs's own interval for requests that wait although nothing is throttled, in milliseconds. */
const checkInterval = 10

RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: Queue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return
  const throttledFor = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttledFor > 0 ? throttledFor : checkInterval,
  )
}
