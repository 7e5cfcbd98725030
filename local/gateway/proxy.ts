/** Amazon API Gateway's Lambda proxy integration for REST APIs (payload v1): the event, and the way back. */
import type { APIGatewayProxyEvent } from 'aws-lambda'
import type { HeaderPairs } from './headers.ts'
import { Refusal } from './refusal.ts'

export type ProxyRequest = {
  readonly requestId: string
  readonly traceId: string
  readonly method: string
  /** The contract's path: `/images/{id}`. */
  readonly resource: string
  readonly path: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, readonly string[]>>
  readonly headers: HeaderPairs
  readonly host: string
  readonly scheme: string
  readonly sourceIp: string
  /** None where the operation asks for no token. */
  readonly claims?: Readonly<Record<string, string>>
  /** Text bodies only; the bytes of an image are put in by the function's process. */
  readonly body: string | null
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

const stage = 'local'
/** What a client says about the way it came is replaced by what we know. */
const forwarded = /^x-forwarded-|^x-amzn-trace-id$/i

export function proxyEvent(request: ProxyRequest): APIGatewayProxyEvent {
  const pairs: HeaderPairs = [
    ...request.headers.filter(([name]) => !forwarded.test(name)),
    ['X-Amzn-Trace-Id', request.traceId],
    ['X-Forwarded-For', request.sourceIp],
    ['X-Forwarded-Host', request.host],
    ['X-Forwarded-Proto', request.scheme],
  ]
  const headers = group(pairs)
  const userAgent = pairs.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? null
  return {
    resource: request.resource,
    path: request.path,
    httpMethod: request.method,
    headers: lastOf(headers) ?? {},
    multiValueHeaders: headers,
    queryStringParameters: lastOf(request.query),
    multiValueQueryStringParameters: orNull(request.query) as Record<string, string[]> | null,
    pathParameters: orNull(request.pathParameters),
    stageVariables: null,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authorizer: request.claims ? { claims: request.claims } : undefined,
      // Under a custom domain, as here, the path has no stage in front.
      path: request.path,
      resourceId: request.resource,
      resourcePath: request.resource,
      stage,
      httpMethod: request.method,
      protocol: 'HTTP/1.1',
      domainName: request.host,
      domainPrefix: request.host.split(/[.:]/, 1)[0] ?? '',
      requestId: request.requestId,
      extendedRequestId: request.requestId,
      requestTime: commonLogTime(request.receivedAt),
      requestTimeEpoch: request.receivedAt,
      identity: { ...nobody, sourceIp: request.sourceIp, userAgent },
    },
    body: request.body,
    isBase64Encoded: false,
  }
}

/** Without IAM, an API key or a client certificate all of these are null. */
const nobody = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
}

function group(pairs: HeaderPairs): Record<string, string[]> {
  const names = new Map<string, string>()
  const grouped: Record<string, string[]> = {}
  for (const [name, value] of pairs) {
    const first = names.get(name.toLowerCase()) ?? name
    names.set(name.toLowerCase(), first)
    grouped[first] = [...(grouped[first] ?? []), value]
  }
  return grouped
}

const orNull = <T extends object>(values: T): T | null => (Object.keys(values).length > 0 ? values : null)

const lastOf = (values: Readonly<Record<string, readonly string[]>>): Record<string, string> | null =>
  orNull(Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? ''])))

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `23/Nov/2026:11:52:15 +0000` */
function commonLogTime(at: number): string {
  const time = new Date(at).toISOString()
  return `${time.slice(8, 10)}/${months[Number(time.slice(5, 7)) - 1]}/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`
}

/**
 * The function's answer as an HTTP response.
 * @throws Refusal 502 where it is not of the form that API Gateway takes
 */
export function proxyResponse(payload: unknown): Response {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = (payload ?? {}) as {
    statusCode?: unknown
    headers?: Record<string, unknown>
    multiValueHeaders?: Record<string, readonly unknown[]>
    body?: unknown
    isBase64Encoded?: boolean
  }
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 200 || status > 599 || (body != null && typeof body !== 'string')) {
    throw new Refusal(
      502,
      'malformed-function-response',
      'The function answered in a form that the gateway cannot read',
    )
  }
  const result = new Headers()
  for (const [name, value] of Object.entries(headers ?? {})) result.set(name, String(value))
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    result.delete(name)
    for (const value of values) result.append(name, String(value))
  }
  const empty = status === 204 || status === 205 || status === 304
  const content = isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? '')
  return new Response(empty ? null : content, { status, headers: result })
}
