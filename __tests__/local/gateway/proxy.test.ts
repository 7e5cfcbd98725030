import { describe, expect, it } from 'vitest'
import { failure } from '../../../local/lambda/result.ts'
import { gatewayWith, tokenWith, upload } from './gateway.ts'

const bearer = async () => ({ authorization: `Bearer ${await tokenWith()}` })

describe('the event that a function gets', () => {
  it("has API Gateway's form for a REST proxy integration", async () => {
    const { app, invocations } = gatewayWith()
    const id = crypto.randomUUID()
    const response = await app.request(`http://api.test/images/${id}?a=1&a=two%20words&b=`, {
      headers: { ...(await bearer()), host: 'api.test', 'user-agent': 'test/1', 'x-forwarded-for': '6.6.6.6' },
    })
    const [{ name, event }] = invocations as [(typeof invocations)[number]]
    expect(name).toBe('images')
    expect(event).toMatchObject({
      resource: '/images/{id}',
      path: `/images/${id}`,
      httpMethod: 'GET',
      pathParameters: { id },
      queryStringParameters: { a: 'two words', b: '' },
      multiValueQueryStringParameters: { a: ['1', 'two words'], b: [''] },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        resourcePath: '/images/{id}',
        path: `/images/${id}`,
        httpMethod: 'GET',
        protocol: 'HTTP/1.1',
        stage: 'local',
        domainName: 'api.test',
        requestId: response.headers.get('x-request-id'),
        requestTime: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        requestTimeEpoch: expect.any(Number),
        identity: { sourceIp: '127.0.0.1', userAgent: 'test/1', user: null, cognitoIdentityId: null },
      },
    })
    expect(event.headers).toMatchObject({
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Host': 'api.test',
      host: 'api.test',
    })
    expect(event.multiValueHeaders['X-Forwarded-For']).toEqual(['127.0.0.1'])
    expect(JSON.stringify(event)).not.toContain('6.6.6.6')
  })

  it('has null where nothing was sent, as API Gateway does', async () => {
    const { app, invocations } = gatewayWith()
    await app.request('/images', { headers: await bearer() })
    expect(invocations[0]?.event).toMatchObject({
      pathParameters: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    })
  })

  it("carries the token's claims as text, groups joined by commas", async () => {
    const { app, invocations } = gatewayWith()
    const token = await tokenWith({ claims: { 'cognito:groups': ['uploaders', 'engineers'] } })
    await app.request('/images', { headers: { authorization: `Bearer ${token}` } })
    expect(invocations[0]?.event.requestContext.authorizer?.claims).toMatchObject({
      sub: 'person-1',
      token_use: 'access',
      'cognito:groups': 'uploaders,engineers',
      exp: expect.stringMatching(/^\d+$/),
    })
  })

  it('leaves the bytes of an image to the host, which makes base64 of them', async () => {
    const { app, invocations } = gatewayWith()
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x80])
    await app.request('/images', upload(await tokenWith(), { body: bytes }))
    expect(invocations[0]?.name).toBe('upload')
    expect(Buffer.concat(invocations[0]?.options.binaryBody ?? []).equals(bytes)).toBe(true)
  })

  it('carries JSON as text', async () => {
    const { app, invocations } = gatewayWith()
    const text = JSON.stringify({ content_type: 'image/jpeg', bytes: 5_000_000, name: 'Grüße 📷.jpg' })
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    await app.request('/uploads', upload(await tokenWith(), { body: Buffer.from(text), headers }))
    expect(invocations[0]?.event).toMatchObject({ body: text, isBase64Encoded: false })
    expect(invocations[0]?.options.binaryBody).toBeUndefined()
  })

  it('is sent for a POST that needs no body', async () => {
    const { app, invocations } = gatewayWith()
    await app.request(`/uploads/${crypto.randomUUID()}/complete`, { method: 'POST', headers: await bearer() })
    expect(invocations[0]?.event).toMatchObject({ resource: '/uploads/{id}/complete', body: null })
  })
})

describe("the function's answer", () => {
  it('comes through with status, headers, repeated headers and body', async () => {
    const { app, answerWith } = gatewayWith()
    answerWith({
      ok: true,
      payload: {
        statusCode: 201,
        headers: { 'content-type': 'application/json', location: '/images/1' },
        multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'], location: ['/images/2'] },
        body: '{"id":"1"}',
        isBase64Encoded: false,
      },
    })
    const response = await app.request('/images', { headers: await bearer() })
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('/images/2')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.json()).toEqual({ id: '1' })
  })

  it('comes through as bytes where it is base64', async () => {
    const { app, answerWith } = gatewayWith()
    answerWith({ ok: true, payload: { statusCode: 200, body: 'AP+A', isBase64Encoded: true } })
    const response = await app.request('/images', { headers: await bearer() })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0x00, 0xff, 0x80]))
  })

  it.each([
    ['nothing', null],
    ['a text', 'hello'],
    ['no status', { body: 'x' }],
    ['a status that HTTP does not have', { statusCode: 99 }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
  ])('becomes 502 where it is %s', async (_name, payload) => {
    const { app, answerWith } = gatewayWith()
    answerWith({ ok: true, payload })
    const response = await app.request('/images', { headers: await bearer() })
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ code: 'malformed-function-response' })
  })

  it.each([
    ['Unhandled', 502, 'function-failed'],
    ['Crash', 502, 'function-failed'],
    ['Timeout', 504, 'function-timeout'],
    ['Throttled', 503, 'too-busy'],
  ] as const)(
    'becomes a problem when the function ends by %s, without what went wrong inside',
    async (kind, status, code) => {
      const errors: unknown[] = []
      const { app, answerWith } = gatewayWith({ onError: (error) => errors.push(error) })
      answerWith(failure(kind, 'TypeError', 'a secret of the function'))
      const response = await app.request('/images', { headers: await bearer() })
      expect(response.status).toBe(status)
      expect(response.headers.get('retry-after')).toBe('2')
      const text = await response.text()
      expect(JSON.parse(text)).toMatchObject({ code, status })
      expect(text).not.toContain('secret')
      expect(String((errors[0] as Error).cause)).toContain('a secret of the function')
    },
  )
})

describe('the record of a request', () => {
  it('holds route, status and time, and nothing about the person', async () => {
    const { app, records } = gatewayWith()
    const id = crypto.randomUUID()
    await app.request(`/images/${id}?cursor=private`, { headers: await bearer() })
    expect(records).toEqual([
      {
        requestId: expect.any(String),
        method: 'GET',
        route: '/images/{id}',
        status: 202,
        ms: expect.any(Number),
        requestBytes: 0,
      },
    ])
  })

  it('is made for refusals too', async () => {
    const { app, records } = gatewayWith()
    await app.request('/images', upload(undefined))
    expect(records).toMatchObject([{ route: '/images', status: 401 }])
  })
})
