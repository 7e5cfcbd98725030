/**
 * Signed requests to one bucket, made by the SDK's presigner alone. A command of the SDK, and `getSignedUrl` as well, goes
 * through all its middleware for each request: a batch of uploads spends most of its time there (docs/performance.md).
 */
import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'

export type PresignedRequest = {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  /** All of them are signed, and the host. */
  readonly headers: Readonly<Record<string, string>>
  /** Name of the operation, which the SDK's own links carry. */
  readonly operation: string
}

type Signed = Awaited<ReturnType<S3RequestPresigner['presign']>>

/** @returns a function that signs a request, valid for so many seconds */
export function createPresigner(s3: S3Client, bucket: string) {
  let presigner: S3RequestPresigner | undefined
  let address: Promise<URL> | undefined

  return async ({ method, key, headers, operation }: PresignedRequest, expiresIn: number): Promise<Signed> => {
    presigner ??= new S3RequestPresigner(s3.config)
    address ??= addressOf(s3, bucket).catch((error) => {
      address = undefined
      throw error
    })
    const { protocol, hostname, port, pathname } = await address
    const path = pathname + key.split('/').map(encodeURIComponent).join('/')
    return presigner.presign(
      {
        method,
        protocol,
        hostname,
        path,
        ...(port && { port: Number(port) }),
        query: { 'x-id': operation },
        headers: { ...headers },
      },
      { expiresIn, signableHeaders: new Set(['host', ...Object.keys(headers)]) },
    )
  }
}

/** The signed request as a link. */
export const linkOf = ({ protocol, headers, path, query }: Signed): string =>
  `${protocol}//${headers.host}${path}?${new URLSearchParams(query as Record<string, string>)}`

/** Where the bucket's keys begin, which the SDK knows: a host of its own, or the first part of the path. */
async function addressOf(s3: S3Client, bucket: string): Promise<URL> {
  const link = new URL(await getSignedUrl(s3, new HeadBucketCommand({ Bucket: bucket })))
  return new URL(link.pathname.endsWith('/') ? link.pathname : `${link.pathname}/`, link)
}
