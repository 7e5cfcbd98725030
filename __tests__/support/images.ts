/** Made images for tests of storage and retention: rows and objects, whose bytes need not be pictures. */
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { IdempotencyRow, ImageRow } from '../../functions/shared/image.ts'
import {
  dateOf,
  idempotencyPrefix,
  metadataKey,
  newImageId,
  originalKey,
  renditionKey,
} from '../../functions/shared/keys.ts'
import { expiryOf } from '../../functions/shared/ledger.ts'
import { retention } from '../../platform.ts'
import type { Stores } from './stores.ts'

/** A row as the producer writes it, with whatever a test wants to be different. */
export function imageRow(given: Partial<ImageRow> = {}): ImageRow {
  const id = given.id ?? newImageId()
  const receivedAt = given.receivedAt ?? Date.now()
  const date = given.date ?? dateOf(receivedAt)
  return {
    id,
    kind: 'image',
    ownerId: 'person-1',
    status: 'published',
    date,
    key: originalKey({ id, date }, 'jpg'),
    contentType: 'image/jpeg',
    extension: 'jpg',
    bytes: 8,
    receivedAt,
    attempts: 0,
    ...expiryOf(id, receivedAt + retention.images),
    ...given,
  }
}

/** The row of an `Idempotency-Key`. */
export function idempotencyRow(given: Partial<IdempotencyRow> & { shard?: string } = {}): IdempotencyRow {
  const { shard, ...values } = given
  const imageId = given.imageId ?? newImageId()
  const expiry = expiryOf(imageId, given.expiresAt ?? Date.now() + retention.idempotency)
  return {
    id: `${idempotencyPrefix}${imageId}`,
    kind: 'idempotency',
    imageId,
    receivedAt: Date.now(),
    requestHash: 'hash',
    ...expiry,
    ...(shard && { expiryShard: shard }),
    ...values,
  }
}

/** Stores original, two renditions and the metadata file of an image, as processing leaves them. */
export async function storeObjects({ lake }: Stores, row: ImageRow): Promise<string[]> {
  const keys = [row.key, renditionKey(row, 'thumb', 'webp'), renditionKey(row, 'large', 'avif'), metadataKey(row)]
  for (const key of keys) await lake.put(key, `bytes of ${key}`, 'application/octet-stream')
  return keys
}

/** An image as it stands when all is well: row and objects. */
export async function storeImage(stores: Stores, given: Partial<ImageRow> = {}): Promise<ImageRow> {
  const row = imageRow(given)
  await storeObjects(stores, row)
  await stores.ledger.insert(row)
  return row
}

/** Puts a delete marker on a key, as a plain DELETE does in a versioned bucket. */
export async function putMarker({ s3, lake }: Stores, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: lake.bucket, Key: key }))
}

/** Starts a multipart upload, sends one part, and leaves it unfinished. */
export async function startMultipart({ s3, lake }: Stores, key: string): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: lake.bucket, Key: key }))
  await s3.send(new UploadPartCommand({ Bucket: lake.bucket, Key: key, UploadId, PartNumber: 1, Body: 'part' }))
}

/** Writes so many versions of one key. */
export async function putVersions({ s3, lake }: Stores, key: string, count: number): Promise<void> {
  for (let start = 0; start < count; start += 16) {
    const some = Array.from({ length: Math.min(16, count - start) }, (_, n) => `version ${start + n}`)
    await Promise.all(some.map((Body) => s3.send(new PutObjectCommand({ Bucket: lake.bucket, Key: key, Body }))))
  }
}

/** Every version, marker and unfinished upload in the lake, by key; empty when all is gone. */
export async function everythingIn({ lake }: Stores, prefix = ''): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  for (let more = true; more; ) {
    const page = await lake.versionsPage(prefix, after)
    found.push(...page.entries.map(({ key }) => key))
    more = page.more
    after = `${page.entries.at(-1)?.key} `
  }
  const uploads = await lake.uploadsPage(prefix)
  return [...found, ...uploads.entries.map(({ key }) => `${key} (unfinished)`)]
}

/** Every row of the ledger. */
export async function rowsIn({ documents, names }: Stores): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: names.ledger, ConsistentRead: true }))
  return Items
}
