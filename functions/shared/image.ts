/** What the ledger knows about an image. Times are epoch milliseconds unless a name says otherwise. */
import type { ImageExtension, ImageType } from '../../platform.ts'
import type { PoisonCode } from './errors.ts'

/** `received → published → processed | quarantined → purged`; `uploading` precedes it for presigned uploads. */
export const statuses = ['uploading', 'received', 'published', 'processed', 'quarantined', 'purged'] as const
export type Status = (typeof statuses)[number]

export type Rendition = {
  readonly name: string
  readonly key: string
  readonly contentType: string
  readonly width: number
  readonly height: number
  readonly bytes: number
}

/** What is worth knowing about an image, and nothing that tells who or where. */
export type ImageMetadata = {
  readonly format: string
  /** Pixels after orientation has been applied; of one frame. */
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly hasAlpha: boolean
  /** EXIF orientation as stored, 1 to 8. */
  readonly orientation: number
  readonly colorSpace: string
  /** `#rrggbb` */
  readonly dominantColor: string
  /** ThumbHash, base64. */
  readonly thumbhash: string
  readonly camera?: { readonly make?: string; readonly model?: string }
  /** Local time of the camera as EXIF has it, `YYYY-MM-DDTHH:MM:SS`, without zone. */
  readonly capturedAt?: string
  /** Whether the original carries a position; the position itself is never recorded. */
  readonly hasGps: boolean
}

export type EventPosition = { readonly topic: string; readonly partition: number; readonly offset: string }

/** A link by which others see one rendition; times are epoch milliseconds. */
export type SharedLink = {
  readonly rendition: string
  /** SHA-256 of the link's secret, hexadecimal; the secret itself is nowhere. */
  readonly hash: string
  readonly createdAt: number
  readonly expiresAt: number
}

export type ImageRow = {
  readonly id: string
  readonly kind: 'image'
  readonly ownerId: string
  readonly status: Status
  /** UTC day in the key, `YYYY-MM-DD`. */
  readonly date: string
  readonly key: string
  /** S3 version of the original that was accepted; later versions of the key are never read. */
  readonly versionId?: string
  readonly contentType: ImageType
  readonly extension: ImageExtension
  readonly bytes: number
  /**
   * SHA-256 of the original, hexadecimal. While it is uploading, as announced; absent for presigned uploads without
   * such an announcement until they are processed.
   */
  readonly sha256?: string
  /** S3's upload that takes the parts, and their length; while it is uploading. */
  readonly multipart?: { readonly uploadId: string; readonly partBytes: number }
  /** The person's own name for the file. Only here: never in keys, logs, events or metadata files. */
  readonly name?: string
  readonly receivedAt: number
  /** When its status last changed; pages that wait for changes are told by it. */
  readonly changedAt?: number
  readonly publishedAt?: number
  readonly processedAt?: number
  readonly quarantinedAt?: number
  readonly purgedAt?: number
  readonly event?: EventPosition
  /** Deliveries to the processor so far. */
  readonly attempts: number
  /** How often engineers have sent it back from quarantine. */
  readonly redrives?: number
  readonly metadata?: ImageMetadata
  readonly renditions?: readonly Rendition[]
  readonly processingMs?: number
  readonly reason?: { readonly code: PoisonCode; readonly message: string }
  /** Row of the `Idempotency-Key` that led here; forgotten together with the image. */
  readonly idempotencyId?: string
  /** By the link's id. */
  readonly links?: Readonly<Record<string, SharedLink>>
  /** How long the uploader wants it kept, where that is less than the promise. Milliseconds. */
  readonly retentionMs?: number
  /** A legal hold: nobody may erase the image before `heldUntil`. */
  readonly hold?: { readonly by: string; readonly why: string; readonly at: number }
  readonly heldUntil?: number
  /** When a held image would expire without the hold. */
  readonly ownExpiresAt?: number
  readonly expiresAt: number
  readonly expiryShard: string
  /** Epoch seconds, DynamoDB's TTL. */
  readonly ttl: number
  readonly pendingShard?: string
  readonly pendingSince?: number
  /** `<owner>#<sha256>`, for finding duplicates. */
  readonly ownerContent?: string
}

export type IdempotencyRow = {
  readonly id: string
  readonly kind: 'idempotency'
  readonly imageId: string
  /** When the id was given, so that a repetition makes the same key. */
  readonly receivedAt: number
  /** SHA-256 over what the request asked for; another request under the same key is refused. */
  readonly requestHash: string
  readonly expiresAt: number
  readonly expiryShard: string
  readonly ttl: number
}

/** What is left of an image, or stands in for one that never had a row, while its objects are being deleted. */
export type ClosedRow = Pick<ImageRow, 'id' | 'kind' | 'date' | 'expiresAt' | 'expiryShard' | 'ttl'> & {
  readonly status: 'purged'
  readonly purgedAt: number
}
