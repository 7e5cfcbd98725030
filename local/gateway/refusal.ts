/** A request that the gateway answers itself, before or instead of the function. */
import type { Context } from 'hono'
import { type ProblemDetails, problemContentType, problemOf } from '../../contract/problem.ts'

type Headers = Readonly<Record<string, string>>

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: ProblemDetails
  readonly headers: Headers
  readonly retriable: boolean

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { hint?: string; headers?: Headers; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.problem = { status, code, detail, hint: options.hint }
    this.headers = options.headers ?? {}
    this.retriable = status === 429 || status >= 500
  }
}

/** Seconds after which a client should try again where nothing tells it better. */
export const retryAfterSeconds = '2'

export const unavailable = (code: string, detail: string, cause?: unknown): Refusal =>
  new Refusal(503, code, detail, {
    hint: 'Try again in a few seconds; nothing has been acknowledged.',
    headers: { 'retry-after': retryAfterSeconds },
    cause,
  })

export function refusalResponse(context: Context, refusal: Refusal, requestId: string): Response {
  return context.newResponse(JSON.stringify(problemOf(refusal.problem, requestId)), refusal.problem.status as never, {
    ...refusal.headers,
    'content-type': problemContentType,
  })
}
