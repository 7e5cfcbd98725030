/** The body of every error: problem+json (RFC 9457) with a stable code, and a hint for the person. */
import type { Problem } from './schemas.ts'

export const problemContentType = 'application/problem+json'

export type ProblemDetails = {
  readonly status: number
  /** Words joined by hyphens; the title is the same in plain words. */
  readonly code: string
  readonly detail: string
  readonly hint?: string | undefined
}

export const problemOf = ({ status, code, detail, hint }: ProblemDetails, requestId?: string): Problem => ({
  type: `urn:darkroom:problem:${code}`,
  title: code.replaceAll('-', ' '),
  status,
  code,
  detail,
  ...(hint && { hint }),
  ...(requestId && { requestId }),
})
