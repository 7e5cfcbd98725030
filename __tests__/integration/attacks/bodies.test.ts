/** Bodies that are too large, too slow, or not the JSON that they should be. */
import { beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../../platform.ts'
import { mint, send, sendRaw, url } from './attacker.ts'

let token: string
beforeAll(async () => {
  token = await mint('uploaders', { sub: crypto.randomUUID() })
})
const { host } = new URL(url)

const taking = ['/uploads', '/uploads/multipart', '/batches', '/batches/complete', '/erasures']
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
const bodies: [string, string | Uint8Array][] = [
  ['nothing', ''],
  ['half of it', '{"content_type":'],
  ['a number', '1'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['a thing of another shape', '{"a":1}'],
  ['a prototype', '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'],
  ['not a number', '{"content_type":"image/jpeg","bytes":NaN}'],
  ['a number as text', '{"content_type":"image/jpeg","bytes":"5"}'],
  ['a negative number', '{"content_type":"image/jpeg","bytes":-5}'],
  ['a broken number', '{"content_type":"image/jpeg","bytes":1.5}'],
  ['a number beyond all', '{"content_type":"image/jpeg","bytes":1e308}'],
  ['deep brackets', deep],
  ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['a byte order mark', '\ufeff{}'],
  ['XML', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
  ['a query of MongoDB', '{"ids":{"$ne":null}}'],
  ['ids that are no ids', '{"ids":["../x"]}'],
  ['more fields than there are', '{"content_type":"image/jpeg","bytes":5,"ownerId":"somebody","status":"processed"}'],
]
const cases = taking.flatMap((path) => bodies.map(([name, body]) => ({ path, name, body })))

describe.each(cases)('$path with $name', ({ path, body }) => {
  it('is refused with a reason', async () => {
    const { status, code, text } = await send(path, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json' },
      body: body as BodyInit,
    })
    expect([status, code]).toEqual([400, expect.any(String)])
    expect(text).not.toMatch(/passwd|node_modules|at .*\.ts:/)
  })
})

describe('a body that is too large', () => {
  const sizes: [string, string, number][] = [
    ['/images', 'image/jpeg', limits.directUploadBytes],
    ['/uploads', 'application/json', limits.jsonBodyBytes],
    ['/batches', 'application/json', limits.batchBodyBytes],
  ]
  it.each(sizes)('is refused by %s before it is sent, where it says its length', async (path, type, most) => {
    const { status } = await sendRaw(
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nContent-Length: ${most + 1}\r\n\r\n`,
    )
    expect(status).toBe(413)
  })

  it.each(sizes)('is refused by %s in chunks as soon as it is too large', async (path, type, most) => {
    const chunk = 64 * 1024
    const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const part = Buffer.concat([
      Buffer.from(`${chunk.toString(16)}\r\n`),
      Buffer.alloc(chunk, 0x20),
      Buffer.from('\r\n'),
    ])
    const parts = Array.from({ length: Math.ceil(most / chunk) + 2 }, () => part)
    const { status } = await sendRaw(Buffer.concat([Buffer.from(head), ...parts]))
    expect([0, 413]).toContain(status)
  })
})

describe.each(['limit', 'cursor'])('the query parameter %s', (name) => {
  const values = [
    '-1',
    '0',
    '201',
    '1e9',
    'NaN',
    '1.5',
    'x',
    '%00',
    '1;DROP',
    '[]',
    '{}',
    '99999999999999999999',
    'A'.repeat(5000),
  ]
  it.each(values)('is not %s', async (value) => {
    const { status, code } = await send(`/images?${name}=${value}`, { token })
    expect([status, code]).toEqual([400, expect.any(String)])
  })
})
