/** Bodies of requests and responses. The OpenAPI document, the handlers' checks and the web app's types all come from here. */
import { z } from 'zod'
import { poisonCodes } from '../functions/shared/errors.ts'
import { statuses } from '../functions/shared/image.ts'
import { imageTypes, limits, retention } from '../platform.ts'
import { link } from './personal-schemas.ts'
import { receiptReference } from './receipts.ts'

export const time = z.string().meta({ format: 'date-time' })
const imageType = z.enum(Object.keys(imageTypes) as [keyof typeof imageTypes, ...(keyof typeof imageTypes)[]])

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')

/** A file's own name: no path, no control characters. It is shown to its owner and used for nothing else. */
export const fileName = z
  .string()
  .min(1)
  .max(limits.fileNameLength)
  // Control characters by their numbers: API Gateway and the tools that read the contract know no classes of Unicode.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\x00-\x1f\x7f-\x9f/\\]+$/, 'must be a plain file name, without path or control characters')

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    hint: z.string().optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' })

export const accepted = z
  .object({ id: z.string(), image_path: z.string(), status_url: z.string() })
  .meta({ id: 'Accepted' })

export const uploadRequest = z
  .strictObject({
    content_type: imageType,
    bytes: z.int().min(1).max(limits.presignedUploadBytes),
    name: fileName.optional(),
    /** How long the image is to be kept, in seconds, where that is less than the promise. */
    retention_seconds: z
      .int()
      .min(retention.least / 1000)
      .max(retention.images / 1000)
      .optional(),
    /** Of the file, hexadecimal: completion is refused where something else arrived. */
    sha256: sha256.optional(),
  })
  .meta({ id: 'UploadRequest' })

export const uploadTicket = z
  .object({
    id: z.string(),
    url: z.string(),
    fields: z.record(z.string(), z.string()),
    complete_url: z.string(),
    expires_at: time,
  })
  .meta({ id: 'UploadTicket' })

/** An upload in parts: which have arrived, and where to send the others with PUT. */
export const multipartUpload = z
  .object({
    id: z.string(),
    bytes: z.int(),
    /** Length of all parts but the last. */
    part_bytes: z.int(),
    parts: z.array(
      z.object({
        number: z.int(),
        bytes: z.int(),
        arrived: z.boolean(),
        /** A presigned link; parts that have arrived have none. */
        url: z.string().optional(),
      }),
    ),
    complete_url: z.string(),
    links_expire_at: time,
    /** What is not completed by then is forgotten. */
    expires_at: time,
  })
  .meta({ id: 'MultipartUpload' })

/** Checksums of files that somebody is about to send. */
export const duplicatesRequest = z
  .strictObject({ sha256: z.array(sha256).min(1).max(limits.duplicatesAsked) })
  .meta({ id: 'DuplicatesRequest' })

/** An image of the same person with one of these checksums; the newest where there are several. */
export const knownImage = z
  .object({ sha256: z.string(), id: z.string(), name: z.string().optional(), received_at: time })
  .meta({ id: 'KnownImage' })

export const duplicates = z.object({ images: z.array(knownImage) }).meta({ id: 'Duplicates' })

export const rendition = z
  .object({
    name: z.string(),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
    /** A presigned link. In lists only the thumbnail has one. */
    url: z.string().optional(),
  })
  .meta({ id: 'Rendition' })

export const metadata = z
  .object({
    format: z.string(),
    width: z.int(),
    height: z.int(),
    frames: z.int(),
    has_alpha: z.boolean(),
    orientation: z.int(),
    color_space: z.string(),
    dominant_color: z.string(),
    thumbhash: z.string(),
    camera: z.object({ make: z.string().optional(), model: z.string().optional() }).optional(),
    captured_at: z.string().optional(),
    has_gps: z.boolean(),
  })
  .meta({ id: 'Metadata' })

export const image = z
  .object({
    id: z.string(),
    status: z.enum(statuses),
    name: z.string().optional(),
    image_path: z.string(),
    content_type: imageType,
    bytes: z.int(),
    sha256: z.string().optional(),
    received_at: time,
    expires_at: time,
    timeline: z.array(z.object({ status: z.enum(statuses), at: time })),
    event: z.object({ topic: z.string(), partition: z.int(), offset: z.string() }).optional(),
    metadata: metadata.optional(),
    renditions: z.array(rendition),
    original_url: z.string().optional(),
    /** Bytes of the recompressed rendition against the original's; positive is saved. */
    bytes_saved: z.int().optional(),
    processing_ms: z.number().optional(),
    reason: z.object({ code: z.enum(poisonCodes), message: z.string() }).optional(),
    /** Other images of the same person with the same bytes. */
    duplicates: z.array(z.string()).optional(),
    /** Links that hold; not in lists. */
    links: z.array(link).optional(),
  })
  .meta({ id: 'Image' })

export const imagePage = z
  .object({ items: z.array(image), next_cursor: z.string().optional() })
  .meta({ id: 'ImagePage' })

/** What has changed among one's images since a cursor, as far as it goes. */
export const imageChanges = z.object({ images: z.array(image), cursor: z.string() }).meta({ id: 'ImageChanges' })

export const erasure = z
  .object({
    id: z.string(),
    status: z.literal('purged'),
    versions: z.int(),
    markers: z.int(),
    uploads: z.int(),
    /** Where it is written down. Absent where that has to wait for the next run of the purge. */
    receipt: receiptReference.optional(),
  })
  .meta({ id: 'Erasure' })

export const purgeRun = z
  .object({
    id: z.string(),
    kind: z.enum(['purge', 'erase']),
    started_at: time,
    finished_at: time,
    cut_off: time,
    images: z.int(),
    versions: z.int(),
    markers: z.int(),
    uploads: z.int(),
    metadata_files: z.int(),
    rows: z.int(),
    orphan_objects: z.int(),
    orphan_rows: z.int(),
    failure_records: z.int(),
    failed: z.int(),
    complete: z.boolean(),
    duration_ms: z.int().optional(),
    /** Version of the function that did it. */
    code_version: z.string().optional(),
    receipt: receiptReference.optional(),
  })
  .meta({ id: 'PurgeRun' })

export const purgeRunPage = z.object({ items: z.array(purgeRun) }).meta({ id: 'PurgeRunPage' })

export const retentionState = z
  .object({
    due_within_a_day: z.int(),
    overdue: z.int(),
    oldest_expires_at: time.optional(),
    retention_days: z.number(),
    last_run: purgeRun.optional(),
    /** When the next run begins; absent where none has run yet. */
    next_run_at: time.optional(),
  })
  .meta({ id: 'RetentionState' })

export type Problem = z.infer<typeof problem>
export type Accepted = z.infer<typeof accepted>
export type UploadRequest = z.infer<typeof uploadRequest>
export type UploadTicket = z.infer<typeof uploadTicket>
export type MultipartUpload = z.infer<typeof multipartUpload>
export type KnownImage = z.infer<typeof knownImage>
export type ImageView = z.infer<typeof image>
export type RenditionView = z.infer<typeof rendition>
export type MetadataView = z.infer<typeof metadata>
export type ImagePage = z.infer<typeof imagePage>
export type ImageChanges = z.infer<typeof imageChanges>
export type Erasure = z.infer<typeof erasure>
export type PurgeRun = z.infer<typeof purgeRun>
export type RetentionState = z.infer<typeof retentionState>
