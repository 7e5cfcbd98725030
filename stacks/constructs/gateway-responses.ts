/** What API Gateway answers itself, as problem+json with the codes that the local gateway uses. Pure. */
import { problemContentType, problemOf } from '../../contract/problem.ts'
import { limits } from '../../platform.ts'

type GatewayProblem = {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string
}

const tryAgain = 'Try again in a few seconds; nothing has been acknowledged.'
const malformed = { status: 400, code: 'invalid-request', detail: '$context.error.validationErrorString' }
const tooMany = {
  status: 429,
  code: 'too-many-requests',
  detail: `More than ${limits.requestBurst} requests at once, or ${limits.requestRate} a second`,
  hint: 'Try again in a second.',
}
const forbidden = { status: 403, code: 'forbidden', detail: 'The request is not allowed' }
const unavailable = {
  status: 503,
  code: 'function-unavailable',
  detail: 'A part of the platform does not answer',
  hint: tryAgain,
}

/** By API Gateway's own names of its responses. */
const problems: Record<string, GatewayProblem> = {
  UNAUTHORIZED: {
    status: 401,
    code: 'token-invalid',
    detail: 'There is no token, or it does not hold, or it lacks the scope',
  },
  EXPIRED_TOKEN: { status: 401, code: 'token-expired', detail: 'The token has expired' },
  ACCESS_DENIED: forbidden,
  WAF_FILTERED: forbidden,
  // What API Gateway says for an unknown path: it takes it for a request without a signature.
  MISSING_AUTHENTICATION_TOKEN: { status: 404, code: 'not-found', detail: 'There is nothing here' },
  RESOURCE_NOT_FOUND: { status: 404, code: 'not-found', detail: 'There is nothing here' },
  BAD_REQUEST_PARAMETERS: { ...malformed, code: 'parameter-missing' },
  BAD_REQUEST_BODY: malformed,
  REQUEST_TOO_LARGE: {
    status: 413,
    code: 'body-too-large',
    detail: `The body is larger than ${limits.gatewayPayloadBytes} bytes`,
    hint: 'Ask for a presigned upload with POST /uploads.',
  },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, code: 'content-type-not-taken', detail: 'The content type is not taken' },
  THROTTLED: tooMany,
  QUOTA_EXCEEDED: tooMany,
  INTEGRATION_FAILURE: unavailable,
  INTEGRATION_TIMEOUT: { ...unavailable, status: 504, code: 'function-too-slow' },
  DEFAULT_4XX: { status: 400, code: 'invalid-request', detail: 'The request is malformed' },
  DEFAULT_5XX: { status: 500, code: 'internal-error', detail: 'Something failed on our side', hint: tryAgain },
}

/** The document's `x-amazon-apigateway-gateway-responses`. */
export const gatewayResponses = () =>
  Object.fromEntries(Object.entries(problems).map(([name, problem]) => [name, gatewayResponse(name, problem)]))

const gatewayResponse = (name: string, { status, ...problem }: GatewayProblem) => ({
  // The two defaults stand for many statuses, which they must not flatten into one.
  ...(!name.startsWith('DEFAULT_') && { statusCode: status }),
  responseParameters: {
    'gatewayresponse.header.Content-Type': `'${problemContentType}'`,
    ...((status === 429 || status >= 503) && { 'gatewayresponse.header.Retry-After': "'2'" }),
  },
  responseTemplates: { 'application/json': JSON.stringify(problemOf({ status, ...problem }, '$context.requestId')) },
})
