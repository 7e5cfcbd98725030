/**
 * What every HTTP function shares: a Hono application behind Amazon API Gateway's proxy event, the person behind the
 * token, and problem+json for every error.
 */
import type { APIGatewayProxyEvent, Context as LambdaContext } from 'aws-lambda'
import { type Context, Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { problemContentType, problemOf } from '../../contract/problem.ts'
import { DarkroomError, RequestError } from './errors.ts'
import type { Logger } from './log.ts'

/** API Gateway's event, whose binary body has been decoded once and taken out of `body`. */
type HttpEvent = APIGatewayProxyEvent & { readonly bytes?: Uint8Array }
export type HttpEnvironment = { Bindings: { event: HttpEvent; lambdaContext: LambdaContext } }
export type HttpContext = Context<HttpEnvironment>

/** The authenticated person. The gateway has checked the token; the function only reads what it found. */
export type Person = { readonly id: string; readonly groups: readonly string[] }

/** @throws RequestError 401 where a gateway without an authorizer let the request through */
export function personOf(context: HttpContext): Person {
  const claims = context.env.event.requestContext.authorizer?.claims as Record<string, string> | undefined
  if (!claims?.sub) throw new RequestError(401, 'token-missing', 'The request carries no authenticated person')
  const groups = claims['cognito:groups']
  return { id: claims.sub, groups: groups ? String(groups).split(/[ ,]+/) : [] }
}

/** The person with the scopes of their token. @throws RequestError 401 as `personOf` */
export function askingOf(context: HttpContext): Person & { readonly scopes: readonly string[] } {
  const person = personOf(context)
  const claims = context.env.event.requestContext.authorizer?.claims as Record<string, string> | undefined
  return { ...person, scopes: claims?.scope ? claims.scope.split(' ') : [] }
}

export const requestIdOf = (context: HttpContext): string => context.env.event.requestContext.requestId

/**
 * Public address of the API as the caller sees it: scheme, host and stage, without a closing slash. CloudFront, which
 * adds the stage by itself, tells its own host name in `X-Forwarded-Host`.
 */
export function baseUrl(context: HttpContext): string {
  const { path, requestContext } = context.env.event
  const frontHost = context.req.header('x-forwarded-host')
  const scheme = context.req.header('x-forwarded-proto') ?? 'https'
  if (frontHost) return `${scheme}://${frontHost}`
  const stage = requestContext.path.endsWith(path) ? requestContext.path.slice(0, -path.length) : ''
  return `${scheme}://${context.req.header('host') ?? requestContext.domainName}${stage}`
}

/**
 * The body as JSON that fits a schema.
 * @throws RequestError 400 for what is no JSON; ZodError, which becomes 400 too, for what does not fit
 */
export async function readJson<T extends z.ZodType>(context: HttpContext, schema: T): Promise<z.infer<T>> {
  let body: unknown
  try {
    body = await context.req.json()
  } catch (cause) {
    throw new RequestError(400, 'malformed-json', 'The body is not JSON', { cause })
  }
  return schema.parse(body)
}

/**
 * The Lambda handler of an application. Binary bodies go past Hono's adapter, which turns base64 into bytes one
 * character at a time: 3 ms of a 0.7 MB upload, measured.
 */
export function lambdaHandler(app: Hono<HttpEnvironment>) {
  const answer = handle(app)
  return (event: APIGatewayProxyEvent, context: LambdaContext) => {
    const taken: HttpEvent = event.isBase64Encoded
      ? { ...event, body: null, isBase64Encoded: false, bytes: Buffer.from(event.body ?? '', 'base64') }
      : event
    return answer(taken as unknown as LambdaEvent, context)
  }
}

/** The body as bytes. */
export async function bodyOf(context: HttpContext): Promise<Uint8Array> {
  return context.env.event.bytes ?? new Uint8Array(await context.req.arrayBuffer())
}

/** A Hono application whose errors are problem+json and whose failures are logged with their cause. */
export function createApp(logger: Logger): Hono<HttpEnvironment> {
  const app = new Hono<HttpEnvironment>()
  app.notFound((context) => problemResponse(context, new RequestError(404, 'not-found', 'There is nothing here')))
  app.onError((error, context) => {
    const known = toKnownError(error)
    if (known.status >= 500) logger.error('request failed', { requestId: requestIdOf(context), error })
    return problemResponse(context, known)
  })
  return app
}

type KnownError = { status: number; code: string; message: string; hint?: string | undefined }

function toKnownError(error: unknown): KnownError {
  if (error instanceof DarkroomError && 'status' in error && typeof error.status === 'number') {
    return { status: error.status, code: error.code, message: error.message, hint: error.hint }
  }
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    const where = issue?.path.join('.') || 'body'
    return { status: 400, code: 'invalid-request', message: `${where}: ${issue?.message ?? 'does not fit'}` }
  }
  return {
    status: 500,
    code: 'internal-error',
    message: 'Something failed on our side',
    hint: 'Try again; if it stays, tell us the requestId.',
  }
}

function problemResponse(context: HttpContext, { status, code, message, hint }: KnownError): Response {
  const problem = problemOf({ status, code, detail: message, hint }, requestIdOf(context))
  return context.body(JSON.stringify(problem), status as ContentfulStatusCode, {
    'content-type': problemContentType,
    ...(status === 503 && { 'retry-after': '2' }),
  })
}
