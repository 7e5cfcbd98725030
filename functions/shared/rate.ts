/** EventBridge's rate expressions. */

const units = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
const pattern = /^rate\((\d+) (minute|hour|day)(s?)\)$/

/** A schedule in platform.ts is not a rate that EventBridge takes. */
export class RateError extends Error {
  override readonly name = 'RateError'
  readonly retriable = false
}

/**
 * @param expression `rate(1 minute)`, `rate(5 hours)`, …; as in EventBridge, one is singular and more are plural
 * @returns milliseconds
 * @throws RateError
 */
export function parseRate(expression: string): number {
  const [, digits, unit, plural] = pattern.exec(expression) ?? []
  const value = Number(digits)
  if (!unit || value < 1 || (value === 1) !== (plural === '')) {
    throw new RateError(`${expression} is not a rate such as rate(1 minute) or rate(6 hours)`)
  }
  return value * units[unit as keyof typeof units]
}
