import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../../functions/images/sign.ts'

const s3 = new S3Client({
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:9',
  forcePathStyle: true,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
})
const start = Date.UTC(2026, 10, 23, 12)
const secondsOf = (url: string) => Number(new URL(url).searchParams.get('X-Amz-Expires'))

describe('createSigner', () => {
  it('gives the same link for a quarter of an hour, so that browsers can keep the picture', async () => {
    const object = { key: 'images/a', expiresAt: start + 86_400_000 }
    const at = (clock: number) => createSigner(s3, 'lake', () => clock)(object)
    expect(await at(start + 60_000)).toBe(await at(start + 14 * 60_000))
    expect(await at(start + 16 * 60_000)).not.toBe(await at(start))
  })
  it('ends a link after an hour', async () => {
    expect(secondsOf(await createSigner(s3, 'lake', () => start)({ key: 'k', expiresAt: start + 86_400_000 }))).toBe(
      3600,
    )
  })
  it('ends a link with the image', async () => {
    expect(secondsOf(await createSigner(s3, 'lake', () => start)({ key: 'k', expiresAt: start + 90_000 }))).toBe(90)
  })
})
