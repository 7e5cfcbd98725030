import { describe, expect, it } from 'vitest'
import { image } from '../../../contract/schemas.ts'
import { imageView, timeline } from '../../../functions/images/view.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'

const receivedAt = Date.UTC(2026, 10, 23, 12)
const id = '7d0f6f0e-5a43-4c4f-9d0a-0f8a8c1f2b3c'
const rendition = (name: string, bytes: number) => ({
  name,
  key: `images/date=2026-11-23/${id}/${name}.webp`,
  contentType: 'image/webp',
  width: 256,
  height: 192,
  bytes,
})
const row: ImageRow = {
  id,
  kind: 'image',
  ownerId: 'person-1',
  status: 'processed',
  date: '2026-11-23',
  key: `images/date=2026-11-23/${id}/original.jpg`,
  versionId: 'v1',
  contentType: 'image/jpeg',
  extension: 'jpg',
  bytes: 1000,
  sha256: 'ab'.repeat(32),
  receivedAt,
  publishedAt: receivedAt + 20,
  processedAt: receivedAt + 300,
  attempts: 1,
  renditions: [rendition('thumb', 40), rendition('compressed', 600)],
  expiresAt: receivedAt + 7 * 86_400_000,
  expiryShard: 'e01',
  ttl: 1,
  idempotencyId: 'idempotency#secret',
}
const sign = async ({ key, versionId }: { key: string; versionId?: string }) => `signed:${key}:${versionId ?? ''}`

describe('imageView', () => {
  it('fits the contract and shows nothing internal', async () => {
    const view = await imageView(row, sign, 'all')
    expect(image.strict().parse(view)).toEqual(view)
    expect(JSON.stringify(view)).not.toMatch(/person-1|idempotency|expiryShard|ttl/)
  })
  it('links every rendition and the accepted version of the original where one image is shown', async () => {
    const view = await imageView(row, sign, 'all')
    expect(view.renditions.map(({ url }) => url)).toEqual([
      `signed:images/date=2026-11-23/${id}/thumb.webp:`,
      `signed:images/date=2026-11-23/${id}/compressed.webp:`,
    ])
    expect(view.original_url).toBe(`signed:${row.key}:v1`)
  })
  it('links only the thumbnail in a list', async () => {
    const view = await imageView(row, sign, 'thumbnail')
    expect(view.renditions.map(({ url }) => Boolean(url))).toEqual([true, false])
    expect(view.original_url).toBeUndefined()
  })
  it('counts what the recompressed rendition saves', async () => {
    expect((await imageView(row, sign, 'all')).bytes_saved).toBe(400)
  })
  it('does not link an original that has not arrived', async () => {
    const view = await imageView({ ...row, status: 'uploading', renditions: [] }, sign, 'all')
    expect(view.original_url).toBeUndefined()
    expect(view.timeline.map(({ status }) => status)).not.toContain('received')
  })
})

describe('timeline', () => {
  it('lists the states in the order in which they happened', () => {
    expect(timeline(row).map(({ status }) => status)).toEqual(['received', 'published', 'processed'])
  })
  it('leaves out what has not happened', () => {
    const { processedAt: _, ...waiting } = row
    expect(timeline({ ...waiting, status: 'published' })).toHaveLength(2)
  })
})
