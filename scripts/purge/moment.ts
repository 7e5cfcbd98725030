/** Reads the moment as of which to purge. */
import { z } from 'zod'

/** The text names no moment; nothing has been done. */
export class InvalidMomentError extends Error {
  override readonly name = 'InvalidMomentError'
  readonly retriable = false
}

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()])
const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * @param text `2026-12-01T00:00:00Z` (with a zone), `2026-12-01` (midnight UTC), `+8d` (units s, m, h, d), or nothing,
 * which means `now`
 * @param now epoch milliseconds
 * @returns ISO 8601 in whole seconds, as EventBridge writes an event's time
 * @throws InvalidMomentError
 */
export function momentOf(text: string | undefined, now: number): string {
  if (text === undefined || text === '') return wholeSeconds(now)
  const [, amount, unit] = /^\+(\d{1,6})([smhd])$/.exec(text) ?? []
  if (amount && unit) return wholeSeconds(now + Number(amount) * units[unit as keyof typeof units])
  if (moment.safeParse(text).success) return wholeSeconds(Date.parse(text))
  throw new InvalidMomentError(
    `--now ${text} is no moment. Write 2026-12-01T00:00:00Z (with a zone), 2026-12-01, or +8d (s, m, h, d).`,
  )
}

const wholeSeconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`
