/** What functions on a schedule share: the event's time is their idea of now, and they stop before they are stopped. */
import type { Context, ScheduledEvent } from 'aws-lambda'
import { RequestError } from './errors.ts'

/**
 * The moment as of which a scheduled function acts, in epoch milliseconds.
 * @throws RequestError where the event carries no valid time; acting as of a guessed moment could delete too much
 */
export function timeOf(event: Pick<ScheduledEvent, 'time'>): number {
  const time = Date.parse(event.time)
  if (Number.isNaN(time)) throw new RequestError(400, 'invalid-time', `The event's time is no time: ${event.time}`)
  return time
}

/** Tells, whenever it is asked, whether more than the reserve is left of the function's time. */
export const timeLeft = (context: Pick<Context, 'getRemainingTimeInMillis'>, reserveMs: number) => (): boolean =>
  context.getRemainingTimeInMillis() > reserveMs
