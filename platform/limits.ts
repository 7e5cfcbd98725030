/** What may be uploaded, how much of it, and how fast. */
import { KiB, MiB } from './units.ts'

/** What may be uploaded: content type → extension of the stored original. */
export const imageTypes = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/tiff': 'tiff',
} as const
export type ImageType = keyof typeof imageTypes
export type ImageExtension = (typeof imageTypes)[ImageType]

export const limits = {
  /** Lambda takes 6 MB of base64-encoded request, which is about 4.5 MB of image. */
  directUploadBytes: 4 * MiB,
  presignedUploadBytes: 100 * MiB,
  /** Of an upload in parts; S3 takes no smaller ones, the last one excepted. */
  uploadPartBytes: 5 * MiB,
  /** Amazon API Gateway's own limit on a payload. */
  gatewayPayloadBytes: 10 * MiB,
  jsonBodyBytes: 64 * KiB,
  /** Images of one batch: as many as one transaction of DynamoDB takes. */
  batchImages: 100,
  /** A batch names every image. */
  batchBodyBytes: 256 * KiB,
  /** Width × height, over all frames. Peers cap at 50 to 100 megapixels. */
  imagePixels: 100_000_000,
  /**
   * Where less than that fits into `imageMemoryBytes`: libheif takes some 18 bytes a pixel while it decodes AVIF
   * (docs/performance.md).
   */
  imagePixelsOf: { 'image/avif': 18_000_000 } as Partial<Record<ImageType, number>>,
  imageFrames: 500,
  imageSide: 30_000,
  /** CPU time for one image, then it is quarantined; three times as much by the wall clock, then it comes again. */
  imageSeconds: 30,
  /**
   * Resident memory of the process that decodes one image, in bytes; above it the image is quarantined. Memory is looked
   * at every few milliseconds, so this is below the 512 MB that are promised.
   */
  imageMemoryBytes: 450 * MiB,
  /** Checksums that one request may ask for. */
  duplicatesAsked: 100,
  /** Longest wait for a change of one's images; API Gateway gives up after 29 s. */
  changesWaitSeconds: 20,
  /** Images that one answer tells of. */
  changesMost: 100,
  cursorLength: 2048,
  fileNameLength: 255,
  idempotencyKeyLength: 128,
  pageSize: { default: 50, most: 200 },
  /** Presigned links to renditions live this long, and never beyond the purge. */
  linkSeconds: 3600,
  presignedPostSeconds: 3600,
  /** Deliveries of one image's event after which it is quarantined instead of tried again. */
  processAttempts: 5,
  /** Amazon API Gateway's token bucket: requests a second, and burst. */
  requestRate: 200,
  requestBurst: 1000,
} as const
