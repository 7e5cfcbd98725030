/** What a trigger has done since it was started; the first seven are AWS's own metrics of an event source mapping. */

export type Counters = {
  /** Records read from the topic. */
  polledEvents: number
  /** Records given to the function, each time that they were. */
  invokedEvents: number
  /** Records in invocations that failed, as a whole or from some offset on. */
  failedInvokeEvents: number
  /** Records given up on. */
  droppedEvents: number
  /** Records given up on that are safe in the failure destination. */
  onFailureDestinationDeliveredEvents: number
  /** Records that are done: processed or dropped. */
  committedEvents: number
  invocations: number
  retries: number
  bisects: number
  partialFailures: number
  throttles: number
  /** Objects written to the failure destination. */
  failureRecords: number
  /** Times that the consumer joined its group. */
  rebalances: number
  /** Times that the consumer failed and was made anew. */
  restarts: number
}

export const newCounters = (): Counters => ({
  polledEvents: 0,
  invokedEvents: 0,
  failedInvokeEvents: 0,
  droppedEvents: 0,
  onFailureDestinationDeliveredEvents: 0,
  committedEvents: 0,
  invocations: 0,
  retries: 0,
  bisects: 0,
  partialFailures: 0,
  throttles: 0,
  failureRecords: 0,
  rebalances: 0,
  restarts: 0,
})
