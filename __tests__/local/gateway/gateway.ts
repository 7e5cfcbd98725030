/** A gateway with a real key pair and real checks; what stands behind it is a fake function that remembers its events. */
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { openApiDocument } from '../../../contract/openapi.ts'
import { createGateway, type GatewayParts } from '../../../local/gateway/app.ts'
import { createAuthenticate } from '../../../local/gateway/authentication.ts'
import { createBodyBudget } from '../../../local/gateway/body.ts'
import { createRateLimit } from '../../../local/gateway/rate-limit.ts'
import type { InvokeOptions, InvokeResult } from '../../../local/lambda/host.ts'
import { audience, type Scope, scopes } from '../../../platform.ts'

export const issuer = 'http://identity.test'
export const keys = await generateKeyPair('ES256')
export const publicJwk = await exportJWK(keys.publicKey)

export type Invocation = {
  readonly name: string
  readonly event: APIGatewayProxyEvent
  readonly options: InvokeOptions
}

export const allScopes = Object.values(scopes).join(' ')

type TokenOptions = {
  readonly claims?: JWTPayload
  readonly scope?: Scope | string
  readonly key?: CryptoKey | Uint8Array
  readonly alg?: string
  /** Seconds from now. */
  readonly expiresIn?: number
}

/** A token that holds, unless an option spoils it. */
export const tokenWith = ({
  claims = {},
  scope = allScopes,
  key = keys.privateKey,
  alg = 'ES256',
  expiresIn = 600,
}: TokenOptions = {}) =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    sub: 'person-1',
    scope,
    token_use: 'access',
    'cognito:groups': ['uploaders'],
    exp: Math.floor(Date.now() / 1000) + expiresIn,
    ...claims,
  })
    .setProtectedHeader({ alg })
    .sign(key)

export function gatewayWith(parts: Partial<GatewayParts> = {}) {
  const invocations: Invocation[] = []
  const records: Record<string, unknown>[] = []
  let fakeResult: InvokeResult = { ok: true, payload: { statusCode: 202, headers: {}, body: '{}' } }
  const app = createGateway({
    document: openApiDocument(),
    authenticate: createAuthenticate(issuer, async () => keys.publicKey),
    rateLimit: createRateLimit(),
    publicRateLimit: createRateLimit(),
    budget: createBodyBudget(64 * 1024 * 1024, 1_000, 100),
    invoke: async (name, event, options) => {
      invocations.push({ name, event: event as APIGatewayProxyEvent, options })
      return fakeResult
    },
    origins: ['http://page.test'],
    onAnswer: (record) => records.push(record),
    onError: () => {},
    ...parts,
  })
  return {
    app,
    invocations,
    records,
    answerWith(result: InvokeResult) {
      fakeResult = result
    },
  }
}

/** A well-formed upload of a few bytes; `init` replaces parts of it. */
export const upload = (token: string | undefined, init: RequestInit & { headers?: Record<string, string> } = {}) => {
  const body = 'body' in init ? init.body : Buffer.from([0xff, 0xd8, 0xff])
  const length = body instanceof Uint8Array ? { 'content-length': String(body.byteLength) } : {}
  return {
    method: 'POST',
    ...init,
    body,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      'content-type': 'image/jpeg',
      ...length,
      ...init.headers,
    },
  } as RequestInit
}

/** Bytes in parts, without a length, as `Transfer-Encoding: chunked` brings them. */
export const inParts = (...parts: readonly (Uint8Array | Promise<Uint8Array>)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async start(controller) {
      for (const part of parts) controller.enqueue(await part)
      controller.close()
    },
  })
