/** What the operations of all tags are made of. */
import type { z } from 'zod'
import { type FunctionName, limits, type Scope } from '../platform.ts'
import type { Operation, Parameter } from './openapi.ts'
import * as schemas from './schemas.ts'

export const nameOf = (schema: z.ZodType): string => String(schema.meta()?.id)
export const ref = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${nameOf(schema)}` })
export const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: ref(schema) } },
})
export const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref(schemas.problem) } },
})

/** What the gateway and every function may answer besides success. */
const commonProblems = {
  400: problemResponse('The request is malformed'),
  401: problemResponse('No token, or one that does not hold'),
  403: problemResponse('The token lacks the scope'),
  429: problemResponse('Too many requests'),
  431: problemResponse('The address or the headers are too large'),
  500: problemResponse('Something failed on our side'),
  503: problemResponse('A part of the platform does not answer; try again'),
}
const withBody = {
  413: problemResponse('The body is too large'),
  415: problemResponse('The content type is not taken, or the bytes are something else'),
}

export const pageLimit: Parameter = {
  name: 'limit',
  in: 'query',
  required: false,
  // API Gateway does not take the keyword `default`.
  description: `How many at most; ${limits.pageSize.default} where it is not given`,
  schema: { type: 'integer', minimum: 1, maximum: limits.pageSize.most },
}

/** A JSON body of this form. */
export const jsonBody = (schema: z.ZodType) =>
  ({ required: true, content: { 'application/json': { schema: ref(schema) } } }) as const

type Details = Omit<Operation, 'security' | 'x-darkroom-function' | 'x-darkroom-max-body-bytes' | 'x-darkroom-public'>
export const operation = (
  answeredBy: FunctionName,
  scope: Scope,
  maxBodyBytes: number,
  details: Details,
): Operation => ({
  ...details,
  responses: { ...details.responses, ...commonProblems, ...(maxBodyBytes > 0 ? withBody : {}) },
  security: [{ token: [scope] }],
  'x-darkroom-function': answeredBy,
  'x-darkroom-max-body-bytes': maxBodyBytes,
})

/**
 * An operation that asks for no token. The infrastructure's review takes it for its reason, and only to read.
 * @param reason why nobody has to sign in, in a sentence
 */
export const publicOperation = (answeredBy: FunctionName, reason: string, details: Details): Operation => {
  const { 401: _unauthorized, 403: _forbidden, ...problems } = commonProblems
  return {
    ...details,
    responses: { ...details.responses, ...problems },
    security: [],
    'x-darkroom-function': answeredBy,
    'x-darkroom-max-body-bytes': 0,
    'x-darkroom-public': reason,
  }
}
