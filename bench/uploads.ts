/**
 * How many uploads a second are accepted, beside putting the same bytes straight into the same S3. Both sides send with
 * the same client; an upload is done when it is acknowledged: authenticated, checked, stored, in the ledger, published.
 */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import pMap from 'p-map'
import type { Photo } from '../__tests__/support/corpus.ts'
import { buckets, resourceName } from '../platform.ts'
import { contest, type Result } from './contest.ts'
import type { BenchPlatform } from './platform.ts'

export const names = { uploads: 'POST /images, accepted', puts: 'bare PUT into the same S3' } as const

/** @param concurrency requests in flight */
export async function benchUploads(
  { config, token }: BenchPlatform,
  images: readonly Photo[],
  { rounds, concurrency, onRound }: { rounds: number; concurrency: number; onRound?: (round: number) => void },
): Promise<Result[]> {
  const s3 = new S3Client({
    endpoint: config.urls.s3,
    region: config.region,
    credentials: config.s3Credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const links = await Promise.all(
    Array.from({ length: (rounds + 1) * images.length }, (_, n) =>
      getSignedUrl(
        s3,
        new PutObjectCommand({ Bucket: resourceName(config.environment, buckets.lake.name), Key: `bench/${n}` }),
      ),
    ),
  )
  s3.destroy()
  const upload = ({ bytes, contentType }: Photo) =>
    send(`${config.urls.gateway}/images`, 202, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
      body: new Uint8Array(bytes),
    })
  const put = ({ bytes, contentType }: Photo) =>
    send(links.pop() ?? '', 200, {
      method: 'PUT',
      headers: { 'content-type': contentType },
      body: new Uint8Array(bytes),
    })
  return contest(
    {
      [names.uploads]: () => pMap(images, upload, { concurrency }),
      [names.puts]: () => pMap(images, put, { concurrency }),
    },
    rounds,
    onRound,
  )
}

async function send(url: string, expected: number, init: RequestInit): Promise<void> {
  const answer = await fetch(url, init)
  const text = await answer.text()
  if (answer.status !== expected) throw new Error(`${init.method} answered ${answer.status}: ${text}`)
}
