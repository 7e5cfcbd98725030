/** Buckets as platform.ts defines them. */
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { buckets, resourceName } from '../../platform.ts'

export type BucketDefinition = { readonly name: string; readonly versioned: boolean }

/**
 * Creates the buckets that are missing and puts their settings right. Repeating it changes nothing.
 * @param origins whose pages may post to and read from the lake with presigned requests
 * @returns what was changed, a line each
 */
export async function provisionBuckets(
  client: S3Client,
  { environment, origins }: { environment: string; origins: readonly string[] },
  definitions: readonly BucketDefinition[] = Object.values(buckets),
): Promise<string[]> {
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}))
  const existing = new Set(Buckets.map(({ Name }) => Name))
  const changes = await Promise.all(
    definitions.map(async ({ name, versioned }) => {
      const bucket = resourceName(environment, name)
      const missing = !existing.has(bucket)
      if (missing) await client.send(new CreateBucketCommand({ Bucket: bucket }))
      if (versioned) await switchVersioningOn(client, bucket)
      // Only the lake is ever given to a browser.
      if (name === buckets.lake.name) await allowOrigins(client, bucket, origins)
      return missing ? [`created bucket ${bucket}`] : []
    }),
  )
  return changes.flat()
}

const switchVersioningOn = (client: S3Client, bucket: string) =>
  client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }))

const allowOrigins = (client: S3Client, bucket: string, origins: readonly string[]) =>
  client.send(
    new PutBucketCorsCommand({
      Bucket: bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: [...origins],
            // POST: the form of a presigned upload; PUT: its parts; GET: originals and renditions.
            AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT'],
            AllowedHeaders: ['*'],
            ExposeHeaders: ['ETag', 'Location', 'x-amz-version-id'],
            // Seconds that a browser remembers the answer to its preflight.
            MaxAgeSeconds: 600,
          },
        ],
      },
    }),
  )
