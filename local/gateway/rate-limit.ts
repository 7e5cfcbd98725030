/** How many requests a person may send, as API Gateway's usage plan has it: a rate, and a burst above it. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { limits } from '../../platform.ts'
import { Refusal } from './refusal.ts'

export type RateLimit = (person: string) => Promise<void>

/**
 * At most `burst` requests in the time in which the rate allows as many: over longer times that is the rate.
 * @throws Refusal 429 with `Retry-After`, in seconds
 */
export function createRateLimit(rate: number = limits.requestRate, burst: number = limits.requestBurst): RateLimit {
  const limiter = new RateLimiterMemory({ points: burst, duration: burst / rate })
  return async (person) => {
    try {
      await limiter.consume(person)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
      throw new Refusal(429, 'too-many-requests', `More than ${burst} requests at once, or ${rate} a second`, {
        hint: `Try again in ${seconds} s.`,
        headers: { 'retry-after': String(seconds) },
      })
    }
  }
}
