import { createHmac } from 'node:crypto'
import { exportSPKI, generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAuthenticate } from '../../../local/gateway/authentication.ts'
import { createRateLimit } from '../../../local/gateway/rate-limit.ts'
import { limits, scopes } from '../../../platform.ts'
import { allScopes, gatewayWith, inParts, issuer, keys, tokenWith, upload } from './gateway.ts'

const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return (await response.json()) as Record<string, unknown>
}

/** Sends a request and asserts that no function saw it. */
async function refused(path: string, init: RequestInit, parts: Parameters<typeof gatewayWith>[0] = {}) {
  const { app, invocations } = gatewayWith(parts)
  const response = await app.request(path, init)
  expect(invocations).toEqual([])
  const problem = await problemOf(response)
  expect(problem).toMatchObject({
    type: `urn:darkroom:problem:${problem.code}`,
    status: response.status,
    requestId: response.headers.get('x-request-id'),
  })
  return { response, status: response.status, code: problem.code, problem }
}

const claimsText = (claims: Record<string, unknown>) => Buffer.from(JSON.stringify(claims)).toString('base64url')

describe('a token that does not hold', () => {
  it('is missed, with the command that makes one', async () => {
    const { status, code, problem, response } = await refused('/images', upload(undefined))
    expect([status, code]).toEqual([401, 'token-missing'])
    expect(problem.hint).toBe('npm run token -- --group uploaders')
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="darkroom"')
  })

  it("is missed with the hint for the operation's own group", async () => {
    const { problem } = await refused('/retention', {})
    expect(problem.hint).toBe('npm run token -- --group engineers')
  })

  const secondKey = generateKeyPair('ES256')
  const payload = { iss: issuer, aud: 'darkroom', sub: 'p', scope: allScopes, token_use: 'access', exp: 4_102_444_800 }
  it.each<[string, () => Promise<string> | string, string]>([
    ['of another issuer', () => tokenWith({ claims: { iss: 'http://elsewhere.test' } }), 'claim iss'],
    ['signed with another key', async () => tokenWith({ key: (await secondKey).privateKey }), 'signature'],
    ['for another audience', () => tokenWith({ claims: { aud: 'someone-else' } }), 'claim aud'],
    ['that has expired', () => tokenWith({ expiresIn: -60 }), 'expired'],
    ['without expiry', () => tokenWith({ claims: { exp: undefined } }), 'claim exp'],
    ['that is not valid yet', () => tokenWith({ claims: { nbf: Math.floor(Date.now() / 1000) + 60 } }), 'claim nbf'],
    ['that is an identity token', () => tokenWith({ claims: { token_use: 'id' } }), 'access token'],
    ['without a person', () => tokenWith({ claims: { sub: undefined } }), 'claim sub'],
    ['with an empty person', () => tokenWith({ claims: { sub: '' } }), 'person'],
    ['without scope', () => tokenWith({ claims: { scope: undefined } }), 'claim scope'],
    ['with alg none', () => new UnsecuredJWT(payload).encode(), 'not signed with ES256'],
    ['with alg none in other letters', () => `${claimsText({ alg: 'NoNe' })}.${claimsText(payload)}.`, 'ES256'],
    [
      'signed by HMAC with our public key as the secret',
      async () => {
        const content = `${claimsText({ alg: 'HS256' })}.${claimsText(payload)}`
        const secret = await exportSPKI(keys.publicKey)
        return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
      },
      'not signed with ES256',
    ],
    [
      'whose claims were changed after signing',
      async () => {
        const [header, , signature] = (await tokenWith()).split('.')
        return `${header}.${claimsText({ ...payload, sub: 'somebody-else' })}.${signature}`
      },
      'signature',
    ],
    ['that is no token', () => 'a.b.c', 'malformed'],
    ['that has two parts', () => 'a.b', 'signed token'],
  ])('is refused: %s', async (_name, token, detail) => {
    const { status, problem, response } = await refused('/images', upload(await token()))
    expect(status).toBe(401)
    expect(problem.code).toMatch(/^token-(invalid|expired)$/)
    expect(problem.detail).toContain(detail)
    expect(problem.hint).toContain('npm run token')
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('is refused when it comes by another scheme than Bearer', async () => {
    const init = upload(undefined, { headers: { authorization: 'Basic cGVyc29uOnNlY3JldA==' } })
    expect((await refused('/images', init)).code).toBe('token-invalid')
  })

  it('is told apart from an identity provider that does not answer', async () => {
    const authenticate = createAuthenticate(issuer, async () => {
      throw new TypeError('fetch failed')
    })
    const { status, code, response } = await refused('/images', upload(await tokenWith()), { authenticate })
    expect([status, code]).toEqual([503, 'identity-unavailable'])
    expect(response.headers.get('retry-after')).toBe('2')
  })
})

describe('a token without the scope', () => {
  it('is refused with the name of the scope and of the group that has it', async () => {
    const { status, code, problem, response } = await refused(
      '/images',
      upload(await tokenWith({ scope: scopes.imagesRead })),
    )
    expect([status, code]).toEqual([403, 'insufficient-scope'])
    expect(problem.detail).toContain(scopes.imagesWrite)
    expect(problem.hint).toContain('uploaders')
    expect(response.headers.get('www-authenticate')).toContain(`scope="${scopes.imagesWrite}"`)
  })

  it('does not pass with a scope whose name merely starts alike', async () => {
    const { status } = await refused('/images', upload(await tokenWith({ scope: `${scopes.imagesWrite}.all` })))
    expect(status).toBe(403)
  })
})

describe('too many requests', () => {
  it('are refused per person, with the time to wait', async () => {
    const rateLimit = createRateLimit(1, 2)
    const { app, invocations } = gatewayWith({ rateLimit })
    const [first, second] = [await tokenWith(), await tokenWith({ claims: { sub: 'person-2' } })]
    const statuses = []
    for (const token of [first, first, first, second])
      statuses.push((await app.request('/images', upload(token))).status)
    expect(statuses).toEqual([202, 202, 429, 202])
    expect(invocations).toHaveLength(3)
    const { response, code } = await refused('/images', upload(first), { rateLimit })
    expect(code).toBe('too-many-requests')
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(2)
  })
})

describe('a body of the wrong kind or size', () => {
  it.each([
    ['text/html', 'content-type-not-taken'],
    ['image/svg+xml', 'content-type-not-taken'],
    ['application/json', 'content-type-not-taken'],
    ['image/jpeg, text/html', 'content-type-not-taken'],
    ['', 'content-type-missing'],
  ])('is refused: content type %j', async (contentType, wanted) => {
    const { status, code, problem } = await refused(
      '/images',
      upload(await tokenWith(), { headers: { 'content-type': contentType } }),
    )
    expect([status, code]).toEqual([415, wanted])
    expect(problem.hint).toContain('image/jpeg')
  })

  it('is refused: compressed', async () => {
    const init = upload(await tokenWith(), { headers: { 'content-encoding': 'gzip' } })
    expect(await refused('/images', init)).toMatchObject({ status: 415, code: 'content-encoding-not-taken' })
  })

  it('is refused by its declared length, unread', async () => {
    let read = false
    const body = new ReadableStream(
      {
        pull(controller) {
          read = true
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'content-length': String(limits.directUploadBytes + 1) }
    const init = { ...upload(await tokenWith(), { body, headers }), duplex: 'half' } as RequestInit
    const { status, code, problem } = await refused('/images', init)
    expect([status, code]).toEqual([413, 'body-too-large'])
    expect(problem.detail).toContain(String(limits.directUploadBytes))
    expect(problem.hint).toContain('/uploads')
    expect(read).toBe(false)
  })

  it('is refused while it comes in chunks', async () => {
    const mebibyte = new Uint8Array(1024 * 1024)
    const body = inParts(mebibyte, mebibyte, mebibyte, mebibyte, new Uint8Array(1))
    const init = { ...upload(await tokenWith(), { body }), duplex: 'half' } as RequestInit
    expect(await refused('/images', init)).toMatchObject({ status: 413, code: 'body-too-large' })
  })

  it('is refused: empty', async () => {
    expect(await refused('/images', upload(await tokenWith(), { body: new Uint8Array() }))).toMatchObject({
      status: 400,
      code: 'body-missing',
    })
  })

  it('is refused: none at all', async () => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenWith()}`, 'content-type': 'image/png' },
    }
    expect(await refused('/images', init)).toMatchObject({ status: 400, code: 'body-missing' })
  })

  it('is refused: shorter than it said', async () => {
    const init = upload(await tokenWith(), { headers: { 'content-length': '100' } })
    expect(await refused('/images', init)).toMatchObject({ status: 400, code: 'body-incomplete' })
  })

  it('is refused: one that comes too slowly', async () => {
    const never = new Promise<Uint8Array>(() => {})
    const init = {
      ...upload(await tokenWith(), { body: inParts(new Uint8Array(3), never) }),
      duplex: 'half',
    } as RequestInit
    const { status, code, response } = await refused('/images', init, { bodyTimes: { idleMs: 30, totalMs: 1_000 } })
    expect([status, code]).toEqual([408, 'body-too-slow'])
    expect(response.headers.get('connection')).toBe('close')
  })

  it('is refused: where the operation takes none', async () => {
    const headers = { authorization: `Bearer ${await tokenWith()}`, 'content-length': '3' }
    const init = { method: 'DELETE', headers, body: 'abc' }
    expect(await refused(`/images/${crypto.randomUUID()}`, init)).toMatchObject({ status: 400, code: 'body-not-taken' })
  })
})

describe('a request that does not fit the contract', () => {
  const json = async (body: string | Uint8Array) =>
    upload(await tokenWith(), { body: Buffer.from(body), headers: { 'content-type': 'application/json' } })
  const request = { content_type: 'image/jpeg', bytes: 5_000_000 }

  it.each<[string, string, string, string]>([
    ['malformed JSON', '{"content_type":', 'malformed-json', 'not JSON'],
    ['an unknown field', JSON.stringify({ ...request, owner: 'me' }), 'invalid-request', 'unknown field'],
    ['a missing field', JSON.stringify({ content_type: 'image/jpeg' }), 'invalid-request', 'bytes'],
    ['a field of another type', JSON.stringify({ ...request, bytes: '5' }), 'invalid-request', 'bytes'],
    ['too many bytes', JSON.stringify({ ...request, bytes: 1e12 }), 'invalid-request', 'bytes'],
    [
      'a type that is not taken',
      JSON.stringify({ ...request, content_type: 'text/html' }),
      'invalid-request',
      'content_type',
    ],
    ['a path as a name', JSON.stringify({ ...request, name: '../../etc/passwd' }), 'invalid-request', 'name'],
    ['an array', '[]', 'invalid-request', 'body'],
    ['null', 'null', 'invalid-request', 'body'],
  ])('is refused: %s', async (_name, body, code, detail) => {
    const answer = await refused('/uploads', await json(body))
    expect([answer.status, answer.code]).toEqual([400, code])
    expect(answer.problem.detail).toContain(detail)
  })

  it('is refused: JSON that is not UTF-8', async () => {
    expect(await refused('/uploads', await json(new Uint8Array([0x22, 0xff, 0xfe, 0x22])))).toMatchObject({
      code: 'malformed-json',
    })
  })

  it.each([
    ['/images/short', 'id'],
    [`/images/${'x'.repeat(37)}`, 'id'],
    ['/images?limit=0', 'limit'],
    ['/images?limit=1000', 'limit'],
    ['/images?limit=ten', 'limit'],
    ['/images?limit=1&limit=ten', 'limit'],
    [`/images?cursor=${'x'.repeat(1025)}`, 'cursor'],
  ])('is refused: %s', async (path, parameter) => {
    const answer = await refused(path, { headers: { authorization: `Bearer ${await tokenWith()}` } })
    expect([answer.status, answer.code]).toEqual([400, 'parameter-invalid'])
    expect(answer.problem.detail).toContain(` ${parameter} `)
  })

  it('is refused: a header that is too long', async () => {
    const init = upload(await tokenWith(), { headers: { 'idempotency-key': 'k'.repeat(129) } })
    expect(await refused('/images', init)).toMatchObject({ status: 400, code: 'parameter-invalid' })
  })
})

describe('routes', () => {
  it.each(['/nothing', '/images/', '/images/a/b', '/Images', '/'])('has nothing at %s', async (path) => {
    const { status, code } = await refused(path, { headers: { authorization: `Bearer ${await tokenWith()}` } })
    expect([status, code]).toEqual([404, 'not-found'])
  })

  it.each([
    ['PUT', '/images', 'POST, GET, OPTIONS'],
    ['PATCH', `/images/${crypto.randomUUID()}`, 'GET, DELETE, OPTIONS'],
    ['GET', '/uploads', 'POST, OPTIONS'],
    ['DELETE', '/retention', 'GET, OPTIONS'],
  ])('refuses %s %s and says what is allowed', async (method, path, allow) => {
    const { status, code, response } = await refused(path, { method })
    expect([status, code]).toEqual([405, 'method-not-allowed'])
    expect(response.headers.get('allow')).toBe(allow)
  })

  it('does not take HEAD for GET', async () => {
    const { app, invocations } = gatewayWith()
    const init = { method: 'HEAD', headers: { authorization: `Bearer ${await tokenWith()}` } }
    expect((await app.request('/images', init)).status).toBe(405)
    expect(invocations).toEqual([])
  })
})

describe('pages of other origins', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  })

  it('may call from an origin that is allowed, without a token for the preflight', async () => {
    const { app, invocations } = gatewayWith()
    const { status, headers } = await app.request('/images', preflight('http://page.test'))
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('http://page.test')
    expect(headers.get('access-control-allow-methods')?.split(',')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'DELETE']),
    )
    expect(headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(invocations).toEqual([])
  })

  it.each(['http://evil.test', 'http://page.test.evil.test', 'null'])('may not call from %s', async (origin) => {
    const { app } = gatewayWith()
    const { headers } = await app.request('/images', preflight(origin))
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('may read a refusal', async () => {
    const { response } = await refused('/images', upload(undefined, { headers: { origin: 'http://page.test' } }))
    expect(response.headers.get('access-control-allow-origin')).toBe('http://page.test')
  })
})
