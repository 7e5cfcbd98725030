/**
 * The local gateway: stands in for Amazon API Gateway. Every request is checked against the contract before a function
 * is invoked; the order is cross-origin rules, route, token, scope, rate, content type, size, parameters, body.
 */
import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import type { OpenApiDocument } from '../../contract/openapi.ts'
import type { FunctionName } from '../../platform.ts'
import type { InvokeOptions, InvokeResult } from '../lambda/host.ts'
import { newTraceId } from '../lambda/host.ts'
import { type Authenticate, type Claims, claimsForFunction } from './authentication.ts'
import { type Body, type BodyBudget, bodyTimes, declaredLength, emptyBody, readBody } from './body.ts'
import { headerPairs } from './headers.ts'
import { headerParameters, type Route, routesOf } from './operations.ts'
import { proxyEvent, proxyResponse } from './proxy.ts'
import type { RateLimit } from './rate-limit.ts'
import { Refusal, refusalResponse, retryAfterSeconds, unavailable } from './refusal.ts'
import { checkContentType, createValidator, type Validator } from './validation.ts'

export type GatewayEnvironment = {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string /** The route's template, for logs and metrics. */
    route: string
    requestBytes: number
  }
}
type GatewayContext = Context<GatewayEnvironment>

/** What is known about a request when it has been answered; nothing about the person, no token, no query. */
export type AccessRecord = {
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly requestBytes: number
}

export type Invoke = (name: FunctionName, event: unknown, options: InvokeOptions) => Promise<InvokeResult>

export type GatewayParts = {
  readonly document: OpenApiDocument
  readonly authenticate: Authenticate
  readonly rateLimit: RateLimit
  /** For operations that ask for no token, by address. */
  readonly publicRateLimit: RateLimit
  readonly budget: BodyBudget
  readonly invoke: Invoke
  /** Origins whose pages may call the API. */
  readonly origins: readonly string[]
  readonly onAnswer: (record: AccessRecord) => void
  readonly onError: (error: unknown, requestId: string) => void
  readonly bodyTimes?: { readonly idleMs: number; readonly totalMs: number }
}

export function createGateway(parts: GatewayParts): Hono<GatewayEnvironment> {
  const routes = routesOf(parts.document)
  const validator = createValidator(parts.document, routes)
  const app = new Hono<GatewayEnvironment>()

  app.use(async (context, next) => {
    const start = performance.now()
    const requestId = randomUUID()
    context.set('requestId', requestId)
    context.set('route', 'other')
    context.set('requestBytes', 0)
    await next()
    context.header('x-request-id', requestId)
    context.header('x-content-type-options', 'nosniff')
    parts.onAnswer({
      requestId,
      method: context.req.raw.method,
      route: context.get('route'),
      status: context.res.status,
      ms: Math.round((performance.now() - start) * 10) / 10,
      requestBytes: context.get('requestBytes'),
    })
  })
  app.use(
    cors({
      origin: [...parts.origins],
      allowMethods: [...new Set(routes.map(({ method }) => method))],
      allowHeaders: ['Authorization', 'Content-Type', ...headerParameters(parts.document)],
      exposeHeaders: ['Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
      maxAge: 600,
    }),
  )
  app.onError((error, context) => {
    const requestId = context.get('requestId')
    if (error instanceof Refusal) {
      if (error.cause && error.problem.status >= 500) parts.onError(error, requestId)
      return refusalResponse(context, error, requestId)
    }
    parts.onError(error, requestId)
    return refusalResponse(context, new Refusal(500, 'internal-error', 'Something failed on our side'), requestId)
  })
  app.notFound((context) =>
    refusalResponse(context, new Refusal(404, 'not-found', 'There is nothing here'), context.get('requestId')),
  )

  for (const path of mostSpecificFirst(routes)) {
    const here = routes.filter((route) => route.path === path)
    for (const route of here) {
      app.on(route.method, route.pattern, (context) => {
        context.set('route', path)
        // Hono hands HEAD to the handler of GET; the contract has no HEAD.
        if (context.req.raw.method !== route.method) throw methodNotAllowed(routes, path)
        return answer(context, route, parts, validator)
      })
    }
    app.all((here as [Route])[0].pattern, (context) => {
      context.set('route', path)
      throw methodNotAllowed(routes, path)
    })
  }
  return app
}

/** As API Gateway has it: `/uploads/multipart` is never an `/uploads/{id}`, also for methods that it does not take. */
const mostSpecificFirst = (routes: readonly Route[]): string[] => {
  const variables = (path: string) => path.split('{').length
  return [...new Set(routes.map(({ path }) => path))].sort((a, b) => variables(a) - variables(b))
}

const methodNotAllowed = (routes: readonly Route[], path: string) => {
  const allow = routes.filter((route) => route.path === path).map(({ method }) => method)
  return new Refusal(405, 'method-not-allowed', `${path} takes ${allow.join(', ')}`, {
    headers: { allow: [...allow, 'OPTIONS'].join(', ') },
  })
}

/** The checks in their order, then the function. */
async function answer(
  context: GatewayContext,
  route: Route,
  parts: GatewayParts,
  validator: Validator,
): Promise<Response> {
  const { req } = context
  const claims = await admitted(context, route, parts)
  const mediaType = route.contentTypes.length > 0 ? contentTypeOf(context, route) : undefined
  const chunked = req.header('transfer-encoding') !== undefined || !hasLength(context)
  const length = checkLength(context, route, chunked)
  const query = req.queries()
  validator.checkParameters(route, {
    path: req.param() as Record<string, string>,
    query,
    header: (name) => req.header(name),
  })

  const release = await parts.budget.reserve(length ?? route.maxBodyBytes)
  try {
    const body = length === 0 ? emptyBody : await receive(context, route, length, parts)
    context.set('requestBytes', body.bytes)
    if (mediaType && body.bytes === 0) throw new Refusal(400, 'body-missing', 'The request has no body')
    // Only text is joined; an image goes on in the parts in which it came.
    const text = isBinary(route, mediaType) ? undefined : Buffer.concat(body.parts)
    if (mediaType && text) validator.checkJson(route, mediaType, text)
    return await forward(context, { route, claims, query, body: text ?? body.parts }, parts)
  } finally {
    release()
  }
}

/** Who asks, within their rate; undefined where nobody has to say so. */
async function admitted(
  { req, env }: GatewayContext,
  { isPublic, scopes }: Route,
  parts: GatewayParts,
): Promise<Claims | undefined> {
  if (isPublic) {
    // Whatever token comes along is neither looked at nor passed on.
    await parts.publicRateLimit(env?.incoming?.socket.remoteAddress ?? 'unknown')
    return undefined
  }
  const claims = await parts.authenticate(req.header('authorization'), scopes)
  await parts.rateLimit(claims.sub)
  return claims
}

const contentTypeOf = ({ req }: GatewayContext, route: Route) =>
  checkContentType(route, req.header('content-type'), req.header('content-encoding'))

/** Without a server (in tests) a request with a body may carry no length; Node's parser has seen to it otherwise. */
const hasLength = ({ req, env }: GatewayContext) =>
  req.header('content-length') !== undefined || env?.incoming !== undefined || req.raw.body === null

function checkLength({ req }: GatewayContext, route: Route, chunked: boolean): number | undefined {
  if (route.maxBodyBytes > 0) return declaredLength(req.header('content-length'), chunked, route.maxBodyBytes)
  if (chunked || Number(req.header('content-length') ?? 0) > 0) {
    throw new Refusal(400, 'body-not-taken', 'This operation takes no body', { headers: { connection: 'close' } })
  }
  return 0
}

async function receive(
  { req, env }: GatewayContext,
  route: Route,
  length: number | undefined,
  parts: GatewayParts,
): Promise<Body> {
  const { incoming, outgoing } = env ?? {}
  // Only now is the sender asked to go on: whatever has been refused before was never sent.
  if (incoming?.headers.expect && outgoing && 'writeContinue' in outgoing) outgoing.writeContinue()
  const stream = incoming
    ? incoming.iterator({ destroyOnReturn: false })
    : req.raw.body?.values({ preventCancel: true })
  if (!stream) return emptyBody
  try {
    return await readBody(stream, length, { maxBytes: route.maxBodyBytes, ...(parts.bodyTimes ?? bodyTimes) })
  } catch (error) {
    // Lets go of the stream, so that the server can drain the connection and the sender sees the answer.
    stream.return?.()?.catch(() => {})
    throw error
  }
}

const isBinary = (route: Route, mediaType: string | undefined): boolean =>
  mediaType !== undefined &&
  (route.operation.requestBody?.content[mediaType]?.schema as { format?: string } | undefined)?.format === 'binary'

type Checked = {
  readonly route: Route
  readonly claims: Claims | undefined
  readonly query: Record<string, string[]>
  /** Text as a whole; the bytes of an image in parts. */
  readonly body: Buffer | readonly Uint8Array[]
}

async function forward(context: GatewayContext, checked: Checked, parts: GatewayParts): Promise<Response> {
  const { route, claims, query, body } = checked
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  const binaryBody = Buffer.isBuffer(body) ? undefined : body
  const { req, env } = context
  const url = new URL(req.url)
  const requestId = context.get('requestId')
  const traceId = newTraceId()
  const event = proxyEvent({
    requestId,
    traceId,
    method: route.method,
    resource: route.path,
    path: url.pathname,
    pathParameters: req.param() as Record<string, string>,
    query,
    headers: headerPairs(req.raw.headers, env?.incoming as never),
    host: req.header('host') ?? url.host,
    scheme: 'http',
    sourceIp: env?.incoming?.socket.remoteAddress ?? '127.0.0.1',
    ...(claims && { claims: claimsForFunction(claims) }),
    body: text || null,
    receivedAt: Date.now(),
  })
  const name = route.operation['x-darkroom-function']
  const result = await parts.invoke(name, event, { requestId, traceId, ...(binaryBody && { binaryBody }) })
  if (result.ok) return proxyResponse(result.payload)
  throw refusalFor(result)
}

/** As API Gateway answers: 502 for any failure of the function, 504 for a timeout, 503 where it is throttled. */
function refusalFor({ kind, error }: Exclude<InvokeResult, { ok: true }>): Refusal {
  // Only the log tells what went wrong inside.
  const cause = new Error(`${error.errorType}: ${error.errorMessage}`)
  const again = {
    hint: 'Try again; if it stays, tell us the requestId.',
    headers: { 'retry-after': retryAfterSeconds },
    cause,
  }
  if (kind === 'Throttled') return unavailable('too-busy', 'The function that answers this is busy', cause)
  if (kind === 'Timeout') return new Refusal(504, 'function-timeout', 'The function did not answer in time', again)
  return new Refusal(502, 'function-failed', 'Internal server error', again)
}
