import { describe, expect, it } from 'vitest'
import { metadataRecord } from '../../../functions/process/record.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import { imageRow } from '../../support/images.ts'
import { madeImage } from './fakes.ts'

const receivedAt = Date.parse('2026-05-17T09:59:58.250Z')
const waiting = imageRow({ receivedAt, ownerId: 'canary-owner', name: 'canary-name.jpg', bytes: 1000, sha256: 'ab' })
const done: ImageRow = {
  ...waiting,
  status: 'processed',
  publishedAt: receivedAt + 100,
  processedAt: receivedAt + 1500,
  processingMs: 300,
  metadata: { ...madeImage.metadata, camera: { make: 'Zenit' }, capturedAt: '2026-05-01T08:00:00' },
  renditions: [
    { name: 'thumb', key: 'images/x/thumb.webp', contentType: 'image/webp', width: 2, height: 1, bytes: 9 },
    { name: 'compressed', key: 'images/x/compressed.jpg', contentType: 'image/jpeg', width: 4, height: 2, bytes: 600 },
  ],
}

describe('metadataRecord', () => {
  it('tells all about a processed image', () => {
    expect(metadataRecord(done)).toMatchObject({
      id: waiting.id,
      date: '2026-05-17',
      status: 'processed',
      received_at: '2026-05-17T09:59:58.250Z',
      processed_at: '2026-05-17T09:59:59.750Z',
      expires_at: '2026-05-24T09:59:58.250Z',
      expires_at_ms: Date.parse('2026-05-24T09:59:58.250Z'),
      original: { path: `/${waiting.key}`, content_type: 'image/jpeg', bytes: 1000, sha256: 'ab' },
      megapixels: 0.3072,
      camera_make: 'Zenit',
      camera_model: null,
      renditions: [{ name: 'thumb', path: '/images/x/thumb.webp' }, { name: 'compressed' }],
      bytes_original: 1000,
      bytes_compressed: 600,
      bytes_saved: 400,
      processing_ms: 300,
      latency_ms: 1500,
      reason_code: null,
    })
  })

  it('has the same fields for a quarantined image, null where nothing is known, so that Spark sees one schema', () => {
    const reason = { code: 'truncated', message: 'The file breaks off' } as const
    const record = metadataRecord({ ...waiting, status: 'quarantined', quarantinedAt: receivedAt + 900, reason })
    expect(Object.keys(record)).toEqual(Object.keys(metadataRecord(done)))
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
    expect(record).toMatchObject({ width: null, renditions: [], bytes_saved: null, latency_ms: null })
    expect(record).toMatchObject({ reason_code: 'truncated', quarantined_at: '2026-05-17T09:59:59.150Z' })
  })

  it('claims no savings where the compressed rendition came out larger', () => {
    const larger = { ...done, bytes: 500 }
    expect(metadataRecord(larger)).toMatchObject({ bytes_original: 500, bytes_compressed: 600, bytes_saved: 0 })
  })

  it('names neither the person nor their file', () => {
    expect(JSON.stringify(metadataRecord(done))).not.toContain('canary')
  })
})
