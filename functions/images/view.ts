/** How the API shows a ledger row: times as ISO strings, keys as presigned links, nothing internal. */
import type { ImageView, MetadataView, RenditionView } from '../../contract/schemas.ts'
import { thumbnailName } from '../../platform.ts'
import type { ImageMetadata, ImageRow, Rendition } from '../shared/image.ts'
import { imagePath } from '../shared/keys.ts'

/** Makes a link to an object that ends on its own and never outlives the image. */
export type Sign = (object: { key: string; versionId?: string; expiresAt: number }) => Promise<string>

export const thumbnail = thumbnailName
/** The rendition that stands for the original, recompressed in its own format. */
const compressed = 'compressed'

const iso = (at: number): string => new Date(at).toISOString()

/** @param links which renditions get a link: a list shows thumbnails only, because each link costs a signature */
export async function imageView(row: ImageRow, sign: Sign, links: 'all' | 'thumbnail'): Promise<ImageView> {
  const wanted = (rendition: Rendition) => links === 'all' || rendition.name === thumbnail
  const renditions = await Promise.all(
    (row.renditions ?? []).map(async (rendition) =>
      renditionView(
        rendition,
        wanted(rendition) ? await sign({ key: rendition.key, expiresAt: row.expiresAt }) : undefined,
      ),
    ),
  )
  const saved = savedBytes(row)
  return {
    id: row.id,
    status: row.status,
    ...(row.name !== undefined && { name: row.name }),
    image_path: imagePath(row.key),
    content_type: row.contentType,
    bytes: row.bytes,
    ...(row.sha256 && { sha256: row.sha256 }),
    received_at: iso(row.receivedAt),
    expires_at: iso(row.expiresAt),
    timeline: timeline(row),
    ...(row.event && { event: row.event }),
    ...(row.metadata && { metadata: metadataView(row.metadata) }),
    renditions,
    ...(links === 'all' &&
      row.status !== 'uploading' && {
        original_url: await sign({
          key: row.key,
          expiresAt: row.expiresAt,
          ...(row.versionId && { versionId: row.versionId }),
        }),
      }),
    ...(saved !== undefined && { bytes_saved: saved }),
    ...(row.processingMs !== undefined && { processing_ms: row.processingMs }),
    ...(row.reason && { reason: row.reason }),
  }
}

/** The states that an image went through, in the order in which it did. */
export function timeline(row: ImageRow): ImageView['timeline'] {
  const steps = [
    { status: 'received', at: row.status === 'uploading' ? undefined : row.receivedAt },
    { status: 'published', at: row.publishedAt },
    { status: 'processed', at: row.processedAt },
    { status: 'quarantined', at: row.quarantinedAt },
    { status: 'purged', at: row.purgedAt },
  ] as const
  return steps.flatMap(({ status, at }) => (at === undefined ? [] : [{ status, at: iso(at) }]))
}

function savedBytes(row: ImageRow): number | undefined {
  const smaller = row.renditions?.find(({ name }) => name === compressed)
  return smaller && row.bytes - smaller.bytes
}

const renditionView = (rendition: Rendition, url: string | undefined): RenditionView => ({
  name: rendition.name,
  content_type: rendition.contentType,
  width: rendition.width,
  height: rendition.height,
  bytes: rendition.bytes,
  ...(url !== undefined && { url }),
})

const metadataView = (metadata: ImageMetadata): MetadataView => ({
  format: metadata.format,
  width: metadata.width,
  height: metadata.height,
  frames: metadata.frames,
  has_alpha: metadata.hasAlpha,
  orientation: metadata.orientation,
  color_space: metadata.colorSpace,
  dominant_color: metadata.dominantColor,
  thumbhash: metadata.thumbhash,
  ...(metadata.camera && { camera: metadata.camera }),
  ...(metadata.capturedAt && { captured_at: metadata.capturedAt }),
  has_gps: metadata.hasGps,
})
