/**
 * Named errors. A `code` is stable and machine-readable; `retriable` says whether the same call may succeed later;
 * `hint` tells the person what to do. HTTP handlers turn them into problem+json, triggers into a retry or a quarantine.
 */
export abstract class DarkroomError extends Error {
  abstract readonly code: string
  abstract readonly retriable: boolean
  readonly hint: string | undefined

  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
  }
}

/** A request that can never succeed as it is. `status` is the HTTP status that says so. */
export class RequestError extends DarkroomError {
  readonly retriable = false
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 411 | 412 | 413 | 415 | 422
  readonly code: string

  constructor(
    status: RequestError['status'],
    code: string,
    message: string,
    options: { cause?: unknown; hint?: string } = {},
  ) {
    super(message, options)
    this.status = status
    this.code = code
  }
}

/** A part that we depend on (S3, DynamoDB, Kafka) did not answer; the caller may try again. */
export class UnavailableError extends DarkroomError {
  readonly retriable = true
  readonly status = 503
  readonly code: string

  constructor(code: string, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, { hint: 'Try again in a few seconds; nothing has been acknowledged.', ...options })
    this.code = code
  }
}

/** An image or event that can never be processed: it goes to quarantine with this code and message. */
export class PoisonError extends DarkroomError {
  readonly retriable = false
  readonly code: PoisonCode

  constructor(code: PoisonCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options)
    this.code = code
  }
}

export const poisonCodes = [
  'malformed-event',
  'foreign-path',
  'original-missing',
  'not-an-image',
  'type-mismatch',
  'truncated',
  'undecodable',
  'too-many-pixels',
  'too-many-frames',
  'too-slow',
  'too-much-memory',
  'crashes-the-processor',
] as const
export type PoisonCode = (typeof poisonCodes)[number]
