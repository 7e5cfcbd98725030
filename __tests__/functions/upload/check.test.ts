import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  checkBytes,
  checkContentType,
  checkDigest,
  checkDirectSize,
  checkFileName,
  checkIdempotencyKey,
} from '../../../functions/upload/check.ts'
import { limits } from '../../../platform.ts'

const picture = (format: 'jpeg' | 'png') =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
    .toFormat(format)
    .toBuffer()

describe('checkContentType', () => {
  it('takes a listed type whatever its case and parameters', () => {
    expect(checkContentType('Image/JPEG; q=1')).toBe('image/jpeg')
  })
  it.each([undefined, '', 'text/html', 'image/svg+xml', 'constructor', 'image/bmp'])('refuses %s with 415', (type) => {
    expect(() => checkContentType(type)).toThrow(expect.objectContaining({ status: 415, code: 'unsupported-type' }))
  })
})

describe('checkDirectSize', () => {
  it('takes exactly the limit', () => {
    expect(() => checkDirectSize(limits.directUploadBytes)).not.toThrow()
  })
  it('refuses one byte more with 413 and names the way for larger files', () => {
    expect(() => checkDirectSize(limits.directUploadBytes + 1)).toThrow(
      expect.objectContaining({ status: 413, hint: expect.stringContaining('POST /uploads') }),
    )
  })
  it('refuses an empty body with 400', () => {
    expect(() => checkDirectSize(0)).toThrow(expect.objectContaining({ status: 400, code: 'empty-body' }))
  })
})

describe('checkBytes', () => {
  it('takes bytes that are what they say', async () => {
    expect(() => checkBytes(new Uint8Array([]), 'image/png')).toThrow()
    const png = await picture('png')
    expect(() => checkBytes(png, 'image/png')).not.toThrow()
  })
  it('names the real type of an image with a lying content type', async () => {
    const jpeg = await picture('jpeg')
    expect(() => checkBytes(jpeg, 'image/png')).toThrow(
      expect.objectContaining({ status: 415, code: 'type-mismatch', hint: expect.stringContaining('image/jpeg') }),
    )
  })
  it('refuses what is no image', () => {
    expect(() => checkBytes(Buffer.from('<!doctype html><script>'), 'image/jpeg')).toThrow(
      expect.objectContaining({ status: 415, code: 'not-an-image' }),
    )
  })
})

describe('checkFileName', () => {
  it('decodes a plain name', () => {
    expect(checkFileName('F%C3%A4hre%20bei%20Nacht.jpg')).toBe('Fähre bei Nacht.jpg')
  })
  it('takes the absence of a name', () => {
    expect(checkFileName(undefined)).toBeUndefined()
  })
  it.each([
    '../../etc/passwd',
    '..%2F..%2Fetc%2Fpasswd',
    'C%3A%5Ctemp%5Cx.jpg',
    'a%00b.jpg',
    'a%0d%0ab',
    '',
    '%',
    'x'.repeat(256),
  ])('refuses %j with 400', (name) => {
    expect(() => checkFileName(name)).toThrow(expect.objectContaining({ status: 400, code: 'invalid-file-name' }))
  })
})

describe('checkIdempotencyKey', () => {
  it('takes a UUID', () => {
    const key = crypto.randomUUID()
    expect(checkIdempotencyKey(key)).toBe(key)
  })
  it.each(['', 'two words', 'x'.repeat(129), 'ümlaut'])('refuses %j with 400', (key) => {
    expect(() => checkIdempotencyKey(key)).toThrow(expect.objectContaining({ code: 'invalid-idempotency-key' }))
  })
})

describe('checkDigest', () => {
  const body = Buffer.from('photograph')
  const base64 = createHash('sha256').update(body).digest('base64')
  it('returns the SHA-256 of the body with or without a header', () => {
    const hex = Buffer.from(base64, 'base64').toString('hex')
    expect(checkDigest(body, undefined)).toBe(hex)
    expect(checkDigest(body, `sha-512=:AAAA:, sha-256=:${base64}:`)).toBe(hex)
  })
  it('refuses a body that was damaged on the way', () => {
    expect(() => checkDigest(Buffer.from('photogroph'), `sha-256=:${base64}:`)).toThrow(
      expect.objectContaining({ status: 400, code: 'digest-mismatch' }),
    )
  })
  it('refuses a digest that it cannot read', () => {
    expect(() => checkDigest(body, 'md5=:AAAA:')).toThrow(expect.objectContaining({ code: 'invalid-digest' }))
  })
})
