/**
 * A receipt: what one writer swears has been deleted, without saying whose or what it was. Each names the one before
 * it by hash, and all are signed, so that nobody can alter, drop or insert one unseen. `docs/receipts.md` explains.
 */
import { z } from 'zod'

export const receiptSchema = 'darkroom-receipt/1'
export const headSchema = 'darkroom-receipt-head/1'

const count = z.int().min(0)
const time = z.iso.datetime({ precision: 3 })
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** Ends in the day on which the key was made; the rest is random. */
const itemKeyId = z.string().regex(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$/)

export const reasons = ['due', 'request', 'orphan'] as const

const deletionCounts = { versions: count, markers: count, uploads: count, metadata_files: count, rows: count }

/** One image that was erased. */
export const receiptItem = z.strictObject({
  /** Random; tells two erasures apart. */
  entry: z.uuid(),
  /** HMAC-SHA256 of the image's id. Without the key, which is destroyed on schedule, it says nothing. */
  item: sha256,
  item_key: itemKeyId,
  reason: z.enum(reasons),
  /** The purge run that did it; absent for an erasure on request. */
  run: z.string().optional(),
  /** When everything of it was seen to be gone. */
  at: time,
  /** What was due by then; for an erasure on request, when it was asked for. */
  cut_off: time,
  ...deletionCounts,
  /** S3's ids of the versions and markers that were deleted, the first two hundred. */
  version_ids: z.array(z.string()).max(200),
})

/** What a whole run of the purge counted; its images are the items of this receipt and of those before it. */
export const receiptRun = z.strictObject({
  id: z.string(),
  started_at: time,
  finished_at: time,
  cut_off: time,
  /** Items of this run in the chain, up to and with this receipt. */
  items: count,
  images: count,
  ...deletionCounts,
  orphan_objects: count,
  orphan_rows: count,
  failure_records: count,
  failed: count,
  complete: z.boolean(),
})

const signature = z.strictObject({
  algorithm: z.literal('Ed25519'),
  /** SubjectPublicKeyInfo (DER), base64. */
  public_key: z.base64(),
  value: z.base64(),
})

export const receipt = z.strictObject({
  schema: z.literal(receiptSchema),
  /** Made at random with the first receipt; a platform that was emptied starts another chain. */
  chain: z.uuid(),
  /** From 1, without gaps. */
  number: z.int().min(1),
  /** Never before the receipt before. */
  issued_at: time,
  previous: z.strictObject({ number: z.int().min(1), sha256, issued_at: time }).nullable(),
  writer: z.enum(['purge', 'images']),
  /** SHA-256 of the bundle that ran. */
  code_version: z.string(),
  /** How long things may live, by this code; the hash is over every term. */
  policy: z.strictObject({ images_seconds: count, sha256 }),
  /** What was listed and found empty for each item. */
  stores: z.array(z.string()),
  /** Sums over the items. */
  counts: z.strictObject({ items: count, ...deletionCounts }),
  items: z.array(receiptItem),
  run: receiptRun.nullable(),
  /** Keys of items that were destroyed: who was meant by items under them can be told by nobody any more. */
  destroyed_item_keys: z.array(itemKeyId),
  signature,
})

/** Which receipt is the last one. Kept elsewhere than the receipts, so that the last ones cannot be dropped unseen. */
export const receiptHead = z.strictObject({
  schema: z.literal(headSchema),
  chain: z.uuid(),
  number: z.int().min(1),
  sha256,
  issued_at: time,
  signature,
})

export const receiptPage = z
  .object({
    /** As they lie in the lake, byte for byte. */
    items: z.array(z.object({ name: z.string(), content: z.string() })),
    /** The signed statement, as text; absent where nothing has been issued yet. */
    head: z.string().optional(),
    /** Ask for what follows after this number. */
    next_after: z.int().optional(),
  })
  .meta({ id: 'ReceiptPage' })

/** Where an erasure is written down. */
export const receiptReference = z.object({ number: z.int(), sha256: z.string() }).meta({ id: 'ReceiptReference' })

export type Receipt = z.infer<typeof receipt>
export type ReceiptItem = z.infer<typeof receiptItem>
export type ReceiptRun = z.infer<typeof receiptRun>
export type ReceiptHead = z.infer<typeof receiptHead>
export type ReceiptPage = z.infer<typeof receiptPage>
export type ReceiptReference = z.infer<typeof receiptReference>
