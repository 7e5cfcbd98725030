/** Headers and addresses that try to be more than they are. */
import { beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../../platform.ts'
import { mint, send, sendRaw, url } from './attacker.ts'
import { imageBytes } from './images.ts'

let token: string
let bytes: Buffer
beforeAll(async () => {
  token = await mint('uploaders', { sub: crypto.randomUUID() })
  bytes = await imageBytes('image/jpeg')
})
const { host } = new URL(url)

const upload = (headers: Record<string, string>) =>
  send('/images', {
    method: 'POST',
    token,
    headers: { 'content-type': 'image/jpeg', ...headers },
    body: bytes as Uint8Array<ArrayBuffer>,
  })

describe.each([
  ['a line break', 'a%0d%0aX-Evil:%201.jpg'],
  ['a lone line feed', 'a%0ab.jpg'],
  ['a zero', 'a%00.jpg'],
  ['a bell', 'a%07.jpg'],
  ['an escape sequence', '%1b%5b31mred.jpg'],
  ['a delete character', 'a%7f.jpg'],
  ['a folder', 'folder%2fa.jpg'],
  ['a folder of Windows', 'C:%5ca.jpg'],
  ['the way up', '..%2f..%2fetc%2fpasswd'],
  ['nothing', ''],
  ['too much', 'a'.repeat(limits.fileNameLength + 1)],
  ['half a percent sign', 'a%2'],
  ['bytes that are no UTF-8', '%ff%fe.jpg'],
  ['an overlong slash', 'a%c0%af.jpg'],
])('a file name with %s', (_, name) => {
  it('is refused, never cleaned up in silence', async () => {
    const { status } = await upload({ 'x-file-name': name })
    expect(name === '' ? [202, 400] : [400]).toContain(status)
  })
})

describe.each([
  ['spaces', 'a b'],
  ['a tab', 'a\tb'],
  ['too much', 'k'.repeat(limits.idempotencyKeyLength + 1)],
])('an Idempotency-Key with %s', (_, key) => {
  it('is refused', async () => {
    expect([400]).toContain((await upload({ 'idempotency-key': key })).status)
  })
})

describe.each([
  ['nothing', ''],
  ['a word', 'sha-256'],
  ['another sum', `sha-256=:${Buffer.alloc(32).toString('base64')}:`],
  ['another algorithm only', 'md5=:AAAA:'],
  ['a sum without its colons', `sha-256=${Buffer.alloc(32).toString('base64')}`],
  ['too much', `sha-256=:${'A'.repeat(1000)}:`],
])('a Content-Digest of %s', (_, digest) => {
  it('is refused', async () => {
    const { status } = await upload({ 'content-digest': digest })
    expect(digest === '' ? [202, 400] : [400]).toContain(status)
  })
})

describe('an origin that is not ours', () => {
  it.each(['https://evil.example', 'null', `http://${host}.evil.example`, `https://${host}`, 'http://localhost'])(
    '%s is not let in by CORS',
    async (origin) => {
      const preflight = await send('/images', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      })
      const answer = await send('/images', { token, headers: { origin } })
      for (const { headers } of [preflight, answer]) {
        expect(headers.get('access-control-allow-origin')).not.toBe(origin)
        expect(headers.get('access-control-allow-origin')).not.toBe('*')
        expect(headers.get('access-control-allow-credentials')).not.toBe('true')
      }
    },
  )
})

describe.each(['TRACE', 'CONNECT', 'PUT', 'PATCH', 'PROPFIND', 'FOO', 'get', 'HEAD'])('the method %s', (method) => {
  it.each(['/images', '/uploads', '/batches', '/retention', '/stream/topics'])('is not for %s', async (path) => {
    const { status, text } = await sendRaw(
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    )
    expect([0, 400, 404, 405, 501]).toContain(status)
    expect(text).not.toContain(token.slice(0, 40))
  })
})

it.each(['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'])('%s changes no method', async (name) => {
  const { status } = await send('/images', { token, headers: { [name]: 'DELETE' } })
  expect(status).toBe(200)
})

describe.each([
  ['both lengths', `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, '0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n'],
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n', 'aaaaaa'],
  ['a negative length', 'Content-Length: -1\r\n', ''],
  ['a length that is no number', 'Content-Length: 5e3\r\n', 'aaaaa'],
  ['a hidden encoding', 'Transfer-Encoding: xchunked\r\n', '5\r\naaaaa\r\n0\r\n\r\n'],
  ['a space before the colon', 'Content-Length : 5\r\n', 'aaaaa'],
  ['a folded header', 'X-A: 1\r\n Transfer-Encoding: chunked\r\n', ''],
  ['a zero in a header', 'X-A: a\0b\r\n', ''],
  ['a bare line feed', 'X-A: 1\nTransfer-Encoding: chunked\r\n', ''],
  ['chunks that lie', 'Transfer-Encoding: chunked\r\n', 'ffffffffffffffff\r\na\r\n'],
  ['chunks of no number', 'Transfer-Encoding: chunked\r\n', 'zz\r\na\r\n'],
  ['many headers', 'X-A: 1\r\n'.repeat(5000), ''],
  ['a huge header', `X-A: ${'a'.repeat(200_000)}\r\n`, ''],
])('a request with %s', (_, headers, body) => {
  it('is cut off or refused, and hides no second one', async () => {
    const { status, text } = await sendRaw(
      `POST /images HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: image/jpeg\r\n${headers}\r\n${body}`,
      4_000,
    )
    expect([0, 400, 408, 411, 413, 415, 431, 501]).toContain(status)
    // One answer at most, and none that took something in.
    expect(text.match(/HTTP\/1\.1 2\d\d/g)).toBeNull()
  })
})

describe.each([
  '/../package.json',
  '/..%2fpackage.json',
  '/assets/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '//etc/passwd',
  '/assets/....//....//etc/passwd',
  '/assets\\..\\..\\package.json',
  '/assets/%5c..%5c..%5cpackage.json',
  '/notebooks/../../start.log',
  '/notebooks/..%2f..%2fidentity%2fjwks.json',
  '/.darkroom/identity/jwks.json',
  '/.git/config',
  '/.env',
  '/index.html%00.js',
  'http://evil.example/images',
])('the address %s', (path) => {
  it('leads to no file', async () => {
    const { status, text } = await sendRaw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(text).not.toMatch(/root:x:0|"kty"|"devDependencies"|\[core\]/)
    // The page answers addresses of its own, and nothing else does.
    if (status === 200) expect(text).toContain('<!doctype html>')
    else expect([0, 400, 401, 403, 404]).toContain(status)
  })
})
