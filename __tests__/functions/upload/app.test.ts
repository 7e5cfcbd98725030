import type { Context } from 'aws-lambda'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import { lambdaHandler } from '../../../functions/shared/http.ts'
import type { Lake } from '../../../functions/shared/lake.ts'
import type { Ledger } from '../../../functions/shared/ledger.ts'
import type { Logger } from '../../../functions/shared/log.ts'
import { createUploadApp, type UploadParts } from '../../../functions/upload/app.ts'
import type { PartsStore } from '../../../functions/upload/parts-store.ts'
import { limits } from '../../../platform.ts'
import { type ApiCall, apiEvent } from '../../support/api-event.ts'

const jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'teal' } })
  .jpeg()
  .toBuffer()

/** The application over fakes that only count what was stored. */
function fakeApp(changes: Partial<UploadParts> = {}) {
  const stored: string[] = []
  const parts: UploadParts = {
    admit: async () => {},
    ledger: {
      insert: async () => stored.push('row'),
      get: async () => undefined,
      withdraw: async () => true,
    } as unknown as Ledger,
    lake: {
      putNew: async () => {
        stored.push('object')
        return { existed: false, versionId: 'v1' }
      },
    } as unknown as Lake,
    clock: () => Date.UTC(2026, 10, 23),
    logger: { info: vi.fn(), warn: vi.fn(), error: vi.fn() } as unknown as Logger,
    publish: async () => stored.push('event'),
    presign: async ({ key }) => ({ url: 'http://s3.test/lake', fields: { key } }),
    presignPut: async ({ key }) => ({ url: `http://s3.test/lake/${key}`, headers: {} }),
    store: {} as unknown as PartsStore,
    ...changes,
  }
  const handler = lambdaHandler(createUploadApp(parts))
  const call = async (request: ApiCall) => {
    const result = await handler(apiEvent(request), {} as Context)
    // An event with multi-value headers, as API Gateway sends it, is answered with the like.
    const headers = Object.fromEntries(
      Object.entries((result.multiValueHeaders ?? {}) as Record<string, string[]>).map(([name, values]) => [
        name,
        values.join(),
      ]),
    )
    return { ...result, headers, json: JSON.parse(result.body ?? 'null') }
  }
  return { call, stored }
}
const post = (body: Uint8Array, headers: Record<string, string> = {}) => ({
  method: 'POST',
  path: '/images',
  headers: { 'content-type': 'image/jpeg', ...headers },
  body,
})

describe('POST /images', () => {
  it('answers 202 with id, path and an absolute status URL that includes the stage', async () => {
    const { call } = fakeApp()
    const { statusCode, json, headers } = await call(post(jpeg))
    expect(statusCode).toBe(202)
    expect(json.image_path).toMatch(new RegExp(`^/images/date=2026-11-23/${json.id}/original\\.jpg$`))
    expect(json.status_url).toBe(`https://api.test/v1/images/${json.id}`)
    expect(headers?.location).toBe(`/images/${json.id}`)
  })

  it.each([
    ['an empty body', post(new Uint8Array()), 400, 'empty-body'],
    ['one byte too many', post(Buffer.alloc(limits.directUploadBytes + 1, jpeg)), 413, 'too-large'],
    ['what is no image', post(Buffer.from('hello')), 415, 'not-an-image'],
    ['a lying content type', post(jpeg, { 'content-type': 'image/png' }), 415, 'type-mismatch'],
    ['a type that is not taken', post(jpeg, { 'content-type': 'text/html' }), 415, 'unsupported-type'],
    ['a path for a name', post(jpeg, { 'x-file-name': '../../etc/passwd' }), 400, 'invalid-file-name'],
    ['a wrong digest', post(jpeg, { 'content-digest': 'sha-256=:AAAA:' }), 400, 'digest-mismatch'],
    ['no person', { ...post(jpeg), person: null }, 401, 'token-missing'],
  ])('refuses %s as problem+json and stores nothing', async (_, request, status, code) => {
    const { call, stored } = fakeApp()
    const { statusCode, json, headers } = await call(request)
    expect(statusCode).toBe(status)
    expect(headers?.['content-type']).toBe('application/problem+json')
    expect(json).toMatchObject({ status, code, requestId: 'request-1' })
    expect(stored).toEqual([])
  })

  it('answers 503 with Retry-After when the lake does not answer', async () => {
    const lake = {
      putNew: async () => {
        throw new UnavailableError('lake-unavailable', 'The lake did not answer')
      },
    } as unknown as Lake
    const { statusCode, headers, json } = await fakeApp({ lake }).call(post(jpeg))
    expect(statusCode).toBe(503)
    expect(headers?.['retry-after']).toBe('2')
    expect(json.code).toBe('lake-unavailable')
  })

  it('hides what went wrong inside', async () => {
    const lake = { putNew: async () => Promise.reject(new Error('secret detail')) } as unknown as Lake
    const { statusCode, body } = await fakeApp({ lake }).call(post(jpeg))
    expect(statusCode).toBe(500)
    expect(body).not.toContain('secret')
  })
})

describe('POST /uploads', () => {
  const ask = (body: string) => ({
    method: 'POST',
    path: '/uploads',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const request = { content_type: 'image/jpeg', bytes: 50_000_000 }

  it('answers 201 with where to send the file and how to complete it', async () => {
    const { statusCode, json } = await fakeApp().call(ask(JSON.stringify(request)))
    expect(statusCode).toBe(201)
    expect(json.url).toBe('http://s3.test/lake')
    expect(json.complete_url).toBe(`https://api.test/v1/uploads/${json.id}/complete`)
  })

  it.each([
    ['no JSON', '{', 'malformed-json'],
    ['nothing', '', 'malformed-json'],
    ['a file above 100 MiB', JSON.stringify({ ...request, bytes: limits.presignedUploadBytes + 1 }), 'invalid-request'],
    ['an empty file', JSON.stringify({ ...request, bytes: 0 }), 'invalid-request'],
    ['a type that is not taken', JSON.stringify({ ...request, content_type: 'image/svg+xml' }), 'invalid-request'],
    ['an unknown field', JSON.stringify({ ...request, key: 'images/x' }), 'invalid-request'],
    ['a path for a name', JSON.stringify({ ...request, name: '../x' }), 'invalid-request'],
  ])('refuses %s with 400 and records nothing', async (_, body, code) => {
    const { call, stored } = fakeApp()
    const { statusCode, json } = await call(ask(body))
    expect(statusCode).toBe(400)
    expect(json.code).toBe(code)
    expect(stored).toEqual([])
  })
})
