/** Images as the API shows them, for tests of the web application. */
import type { ImageView } from '../../contract/schemas.ts'

export const start = Date.parse('2026-11-23T12:00:00Z')
const iso = (at: number) => new Date(at).toISOString()

/** @param seconds when it was received, after `start` */
export function imageView(id: string, seconds: number, given: Partial<ImageView> = {}): ImageView {
  const at = start + seconds * 1000
  return {
    id,
    status: 'processed',
    name: `${id}.jpg`,
    image_path: `/images/date=2026-11-23/${id}/original.jpg`,
    content_type: 'image/jpeg',
    bytes: 1_000_000,
    received_at: iso(at),
    expires_at: iso(at + 7 * 86_400_000),
    timeline: [
      { status: 'received', at: iso(at) },
      { status: 'published', at: iso(at + 40) },
      { status: 'processed', at: iso(at + 1_240) },
    ],
    renditions: [],
    ...given,
  }
}

export const rendition = (name: string, width: number, given: Partial<ImageView['renditions'][number]> = {}) => ({
  name,
  content_type: 'image/webp',
  width,
  height: Math.round(width / 1.5),
  bytes: width * 100,
  url: `https://lake.example/${name}?signature=1`,
  ...given,
})
