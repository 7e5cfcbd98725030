/** Clients of both sides of a measurement: the platform's, and the bare S3 beside it. All use the same `fetch`. */
import { randomUUID } from 'node:crypto'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import PQueue from 'p-queue'
import type { Photo } from '../__tests__/support/corpus.ts'
import type { LocalConfig } from '../config.ts'
import type { BatchOutcome, BatchTickets } from '../contract/batch-schemas.ts'
import type { Accepted } from '../contract/schemas.ts'
import { buckets, resourceName } from '../platform.ts'

/** @throws Error for any other answer than the expected one */
async function send(url: string, expected: number, init: RequestInit): Promise<string> {
  const answer = await fetch(url, init)
  const text = await answer.text()
  if (answer.status !== expected) throw new Error(`${init.method} answered ${answer.status}: ${text}`)
  return text
}

const bodyOf = ({ bytes }: Photo) => bytes as Uint8Array<ArrayBuffer>

/** The platform's two ways of taking in images. */
export function uploader(url: string, token: string) {
  const authorization = `Bearer ${token}`

  const single = async (image: Photo): Promise<Accepted> =>
    JSON.parse(
      await send(`${url}/images`, 202, {
        method: 'POST',
        headers: { authorization, 'content-type': image.contentType },
        body: bodyOf(image),
      }),
    )

  const post = async <T>(path: string, expected: number, body: unknown): Promise<T> =>
    JSON.parse(
      await send(`${url}${path}`, expected, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )

  /** @param bodies sends the files; batches under way may share it, as they do in the page */
  async function batch(images: readonly Photo[], bodies = new PQueue({ concurrency: 1 })): Promise<void> {
    const announced = images.map(({ contentType, bytes }) => ({ content_type: contentType, bytes: bytes.length }))
    const { uploads } = await post<BatchTickets>('/batches', 201, { images: announced })
    await bodies.addAll(
      uploads.map(
        ({ url: link, headers }, n) =>
          () =>
            send(link, 200, { method: 'PUT', headers, body: bodyOf(images[n] as Photo) }),
      ),
    )
    const outcome = await post<BatchOutcome>('/batches/complete', 200, { ids: uploads.map(({ id }) => id) })
    const refused = outcome.images.find(({ accepted }) => !accepted)
    if (refused) throw new Error(`${refused.id} was not taken in: ${refused.problem?.detail}`)
  }

  return { single, batch }
}

/** The lake's own bucket, without the platform. */
export function bareBucket(config: LocalConfig) {
  /** Presigned PUTs, so that signing costs the contest nothing. */
  async function presigned(count: number): Promise<string[]> {
    const s3 = new S3Client({
      endpoint: config.urls.s3,
      region: config.region,
      credentials: config.s3Credentials,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
    const Bucket = resourceName(config.environment, buckets.lake.name)
    const links = await Promise.all(
      Array.from({ length: count }, () =>
        getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: `bench/${randomUUID()}` })),
      ),
    )
    s3.destroy()
    return links
  }

  const put = (link: string, image: Photo) =>
    send(link, 200, { method: 'PUT', headers: { 'content-type': image.contentType }, body: bodyOf(image) })

  return { presigned, put }
}
