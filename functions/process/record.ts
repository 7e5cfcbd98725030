/**
 * The metadata file of an image, `metadata/date=…/<id>.json`: flat, for Spark, with every field always there (null
 * where it is not known). It follows from the ledger's row alone, and names neither the person nor their file.
 */
import type { ImageRow, Rendition } from '../shared/image.ts'
import { imagePath } from '../shared/keys.ts'

/** Times are ISO 8601 in UTC, sizes in bytes, durations in milliseconds; paths are absolute below the lake's root. */
export type MetadataRecord = {
  readonly id: string
  readonly date: string
  readonly status: string
  readonly received_at: string
  readonly published_at: string | null
  readonly processed_at: string | null
  readonly quarantined_at: string | null
  readonly expires_at: string
  /** The same moment in epoch milliseconds, for filters. */
  readonly expires_at_ms: number
  readonly original: {
    readonly path: string
    readonly content_type: string
    readonly bytes: number
    readonly sha256: string | null
  }
  readonly format: string | null
  readonly width: number | null
  readonly height: number | null
  readonly megapixels: number | null
  readonly frames: number | null
  readonly orientation: number | null
  readonly color_space: string | null
  readonly dominant_color: string | null
  readonly thumbhash: string | null
  readonly camera_make: string | null
  readonly camera_model: string | null
  /** Local time of the camera, without zone. */
  readonly captured_at: string | null
  readonly has_gps: boolean | null
  readonly has_alpha: boolean | null
  readonly renditions: readonly {
    readonly name: string
    readonly path: string
    readonly content_type: string
    readonly width: number
    readonly height: number
    readonly bytes: number
  }[]
  readonly bytes_original: number
  /** Of the rendition `compressed`. It may be more than the original's; then nothing was saved. */
  readonly bytes_compressed: number | null
  readonly bytes_saved: number | null
  readonly processing_ms: number | null
  /** From received to processed. */
  readonly latency_ms: number | null
  readonly reason_code: string | null
  readonly reason: string | null
}

/** The rendition that stands for the original at full size. */
const compressedName = 'compressed'

/** @param row as the ledger has it, or is about to have it */
export function metadataRecord(row: ImageRow): MetadataRecord {
  const { metadata, renditions = [], reason } = row
  const compressed = renditions.find(({ name }) => name === compressedName)?.bytes ?? null
  return {
    id: row.id,
    date: row.date,
    status: row.status,
    received_at: isoTime(row.receivedAt),
    published_at: isoTimeOrNull(row.publishedAt),
    processed_at: isoTimeOrNull(row.processedAt),
    quarantined_at: isoTimeOrNull(row.quarantinedAt),
    expires_at: isoTime(row.expiresAt),
    expires_at_ms: row.expiresAt,
    original: {
      path: imagePath(row.key),
      content_type: row.contentType,
      bytes: row.bytes,
      sha256: row.sha256 ?? null,
    },
    format: metadata?.format ?? null,
    width: metadata?.width ?? null,
    height: metadata?.height ?? null,
    megapixels: metadata ? Math.round(metadata.width * metadata.height) / 1e6 : null,
    frames: metadata?.frames ?? null,
    orientation: metadata?.orientation ?? null,
    color_space: metadata?.colorSpace ?? null,
    dominant_color: metadata?.dominantColor ?? null,
    thumbhash: metadata?.thumbhash ?? null,
    camera_make: metadata?.camera?.make ?? null,
    camera_model: metadata?.camera?.model ?? null,
    captured_at: metadata?.capturedAt ?? null,
    has_gps: metadata?.hasGps ?? null,
    has_alpha: metadata?.hasAlpha ?? null,
    renditions: renditions.map(describeRendition),
    bytes_original: row.bytes,
    bytes_compressed: compressed,
    bytes_saved: compressed === null ? null : Math.max(0, row.bytes - compressed),
    processing_ms: row.processingMs ?? null,
    latency_ms: row.processedAt === undefined ? null : row.processedAt - row.receivedAt,
    reason_code: reason?.code ?? null,
    reason: reason?.message ?? null,
  }
}

const describeRendition = ({ name, key, contentType, width, height, bytes }: Rendition) => ({
  name,
  path: imagePath(key),
  content_type: contentType,
  width,
  height,
  bytes,
})

const isoTime = (at: number): string => new Date(at).toISOString()
const isoTimeOrNull = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at))
