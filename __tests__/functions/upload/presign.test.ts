import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPresignPut } from '../../../functions/upload/presign.ts'

const object = {
  key: 'images/date=2026-11-23/2b0c7a1e-0000-4000-8000-000000000001/original.jpg',
  contentType: 'image/jpeg',
  bytes: 2_800_000,
}
const bucket = 'darkroom-dev-lake'
const fixed = { region: 'eu-central-1', requestChecksumCalculation: 'WHEN_REQUIRED' } as const
const credentials = { accessKeyId: 'A', secretAccessKey: 'b' }

/** What the SDK would make of the same, by a whole request. */
const madeBySdk = (s3: S3Client, { key, contentType, bytes }: typeof object) =>
  getSignedUrl(
    s3,
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentType: contentType,
      ContentLength: bytes,
      IfNoneMatch: '*',
    }),
    { expiresIn: 3600, signableHeaders: new Set(['host', 'content-length', 'content-type', 'if-none-match']) },
  )

const parted = (link: string) => {
  const { origin, pathname, searchParams } = new URL(link)
  return { origin, pathname, query: Object.fromEntries(searchParams) }
}

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 12), toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe('a presigned PUT', () => {
  it.each([
    ['a bucket in the host name, as on AWS', { ...fixed, credentials }],
    ['credentials of a role', { ...fixed, credentials: { ...credentials, sessionToken: 'token/with+signs=' } }],
    ['a bucket in the path', { ...fixed, credentials, endpoint: 'http://127.0.0.1:7070', forcePathStyle: true }],
  ])('is signed as the SDK signs it, with %s', async (_, settings) => {
    const s3 = new S3Client(settings)
    const presignPut = createPresignPut(s3, bucket, 3600)
    const { url, headers } = await presignPut(object)
    expect(headers).toEqual({ 'content-type': 'image/jpeg', 'if-none-match': '*' })
    expect(parted(url)).toEqual(parted(await madeBySdk(s3, object)))
    // Length and condition are part of it: another one is another signature.
    const longer = await presignPut({ ...object, bytes: object.bytes + 1 })
    expect(parted(longer.url).query['X-Amz-Signature']).not.toBe(parted(url).query['X-Amz-Signature'])
    expect(parted(url).query['X-Amz-SignedHeaders']).toBe('content-length;content-type;host;if-none-match')
  })

  it('is made again after credentials could not be had', async () => {
    const provider = vi.fn(async () => credentials)
    provider.mockRejectedValueOnce(new Error('no credentials yet'))
    const presignPut = createPresignPut(new S3Client({ ...fixed, credentials: provider }), bucket, 3600)
    await expect(presignPut(object)).rejects.toThrow('no credentials yet')
    expect((await presignPut(object)).url).toContain('X-Amz-Signature')
  })
})
