/** Amazon API Gateway's REST proxy event, for tests that call a handler without a gateway. */
import type { APIGatewayProxyEvent } from 'aws-lambda'

export type ApiCall = {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array | string
  readonly query?: Record<string, string>
  /** Subject of the token; null for a request that no authorizer saw. */
  readonly person?: string | null
}

export function apiEvent({
  method,
  path,
  headers = {},
  body,
  query,
  person = 'person-1',
}: ApiCall): APIGatewayProxyEvent {
  const all = { host: 'api.test', 'x-forwarded-proto': 'https', ...headers }
  return {
    resource: path,
    path,
    httpMethod: method,
    headers: all,
    multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query
      ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]]))
      : null,
    pathParameters: null,
    stageVariables: null,
    body: body === undefined ? null : typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined && typeof body !== 'string',
    requestContext: {
      requestId: 'request-1',
      path: `/v1${path}`,
      stage: 'v1',
      domainName: 'api.test',
      authorizer: person === null ? undefined : { claims: { sub: person, scope: 'darkroom/images.write' } },
      identity: { sourceIp: '127.0.0.1' },
    },
  } as unknown as APIGatewayProxyEvent
}
