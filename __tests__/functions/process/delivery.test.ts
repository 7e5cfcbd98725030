import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { deliver } from '../../../functions/process/delivery.ts'
import { PoisonError } from '../../../functions/shared/errors.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import { imagePrefix, metadataKey, newImageId, parseImagePath } from '../../../functions/shared/keys.ts'
import { limits } from '../../../platform.ts'
import { imageRow } from '../../support/images.ts'
import { createFakes, madeImage, rawRecord, recordOf, unavailable } from './fakes.ts'

const original = Buffer.from('the original')
const sha256 = createHash('sha256').update(original).digest('hex')

let fakes: ReturnType<typeof createFakes>
let row: ImageRow
const metadataOf = (image: ImageRow) => JSON.parse(fakes.objects.get(metadataKey(image))?.toString() ?? 'null')
const keysOf = (image: ImageRow) =>
  [...fakes.objects.keys()].filter((key) => key.startsWith(imagePrefix(image)) || key === metadataKey(image)).sort()
const poison = () => {
  throw new PoisonError('undecodable', 'The file is damaged')
}

beforeEach(() => {
  fakes = createFakes()
  row = fakes.accept(imageRow({ sha256, bytes: original.length, receivedAt: Date.parse('2026-05-17T09:59:58Z') }))
})

describe('a record whose image waits', () => {
  it('becomes renditions, a metadata file and a processed row', async () => {
    expect(await deliver(recordOf(row), fakes.parts)).toMatchObject({ outcome: 'processed', latencyMs: 2000 })
    expect(keysOf(row)).toEqual([
      ...['compressed.jpg', 'original.jpg', 'thumb.webp'].map((name) => imagePrefix(row) + name),
      metadataKey(row),
    ])
    expect(fakes.rows.get(row.id)).toMatchObject({
      status: 'processed',
      attempts: 1,
      metadata: madeImage.metadata,
      renditions: [
        {
          name: 'thumb',
          key: `${imagePrefix(row)}thumb.webp`,
          contentType: 'image/webp',
          width: 256,
          height: 192,
          bytes: 4,
        },
        { name: 'compressed', bytes: 5 },
      ],
    })
    expect(metadataOf(row)).toMatchObject({ status: 'processed', bytes_saved: original.length - 5, latency_ms: 2000 })
    expect(fakes.published).toEqual([])
  })

  it('makes nothing that could be taken for an upload', async () => {
    await deliver(recordOf(row), fakes.parts)
    const made = keysOf(row).filter((key) => key !== row.key)
    expect(made.length).toBe(3)
    for (const key of made) expect(parseImagePath(`/${key}`)).toBeUndefined()
  })

  it('has its checksum recorded where an upload came without one, so that duplicates can be found', async () => {
    const { sha256: _, ...without } = imageRow()
    fakes.accept(without)
    await deliver(recordOf(without), fakes.parts)
    expect(fakes.rows.get(without.id)).toMatchObject({ sha256, ownerContent: `person-1#${sha256}` })
  })

  it('has its place in the stream recorded where the producer could not, and only there', async () => {
    const receivedAt = Date.parse('2026-05-17T09:59:58Z')
    const received = fakes.accept(imageRow({ status: 'received', receivedAt }))
    await deliver(recordOf(received), fakes.parts)
    expect(fakes.rows.get(received.id)).toMatchObject({
      event: { topic: 'images', partition: 3, offset: '41' },
      publishedAt: Date.parse('2026-05-17T09:59:59Z'),
    })
    // A broker whose clock is behind does not make it published before it was received.
    const early = fakes.accept(imageRow({ status: 'received', receivedAt: receivedAt + 5_000 }))
    await deliver(recordOf(early), fakes.parts)
    expect(fakes.rows.get(early.id)).toMatchObject({ publishedAt: receivedAt + 5_000 })
    const batched = fakes.accept(imageRow({ status: 'published', publishedAt: 5 }))
    await deliver(recordOf(batched), fakes.parts)
    expect(fakes.rows.get(batched.id)).toMatchObject({ event: { topic: 'images', offset: '41' }, publishedAt: 5 })
    const event = { topic: 'images', partition: 0, offset: '7' }
    const known = fakes.accept(imageRow({ status: 'published', publishedAt: 5, event }))
    await deliver(recordOf(known), fakes.parts)
    expect(fakes.rows.get(known.id)).toMatchObject({ event, publishedAt: 5 })
  })

  it('is read in the version that was accepted', async () => {
    const asked: (string | undefined)[] = []
    const get = async (_: string, version?: string) => {
      asked.push(version)
      return original
    }
    const lake = { ...fakes.parts.lake, get }
    const versioned = fakes.accept(imageRow({ versionId: 'version-7', sha256 }))
    await deliver(recordOf(versioned), { ...fakes.parts, lake })
    expect(asked).toEqual(['version-7'])
  })

  it('changes nothing when it comes again', async () => {
    await deliver(recordOf(row), fakes.parts)
    const [objects, stored] = [new Map(fakes.objects), fakes.rows.get(row.id)]
    fakes.when((operation) => {
      if (operation === 'lake.put') throw new Error('written again')
    })
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'unchanged' })
    expect(fakes.objects).toEqual(objects)
    expect(fakes.rows.get(row.id)).toEqual(stored)
  })

  it('may be delivered twice at once', async () => {
    const ends = await Promise.all([deliver(recordOf(row), fakes.parts), deliver(recordOf(row), fakes.parts)])
    expect(ends.map(({ outcome }) => outcome).sort()).toEqual(['processed', 'unchanged'])
    expect(metadataOf(row)).toMatchObject({ status: 'processed' })
  })
})

describe('a record whose image is gone', () => {
  const states: [string, () => void][] = [
    ['has no row', () => fakes.rows.delete(row.id)],
    ['is closed', () => fakes.rows.set(row.id, { ...row, status: 'purged' })],
  ]
  for (const [state, purge] of states) {
    it(`is dropped where it ${state}, and what a crashed delivery left is removed`, async () => {
      purge()
      fakes.objects.set(`${imagePrefix(row)}thumb.webp`, Buffer.from('left over'))
      fakes.objects.set(metadataKey(row), Buffer.from('{}'))
      const other = fakes.accept(imageRow())
      expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'dropped' })
      expect(keysOf(row)).toEqual([])
      expect(keysOf(other)).toEqual([other.key])
      expect(fakes.published).toEqual([])
    })

    for (const moment of ['lake.get', 'lake.put', 'ledger.markProcessed'] as const) {
      it(`comes to nothing where it ${state} when ${moment} is called`, async () => {
        fakes.when((operation) => operation === moment && purge())
        expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'dropped' })
        expect(keysOf(row)).toEqual([])
      })
    }

    it(`comes to nothing where it ${state} while it is put into quarantine`, async () => {
      fakes.when((operation) => operation === 'ledger.markQuarantined' && purge())
      expect(await deliver(recordOf(row), { ...fakes.parts, processImage: async () => poison() })).toEqual({
        outcome: 'dropped',
      })
      expect(keysOf(row)).toEqual([])
    })
  }

  it('is no poison where the original went with the row', async () => {
    fakes.when((operation) => {
      if (operation !== 'lake.get') return
      fakes.rows.delete(row.id)
      fakes.objects.delete(row.key)
    })
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'dropped' })
    expect(fakes.published).toEqual([])
  })

  it('leaves alone an upload that was never completed', async () => {
    fakes.rows.set(row.id, { ...row, status: 'uploading' })
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'unchanged' })
    expect(keysOf(row)).toEqual([row.key])
  })
})

describe('a record that can never be processed', () => {
  const quarantined = async (record: Parameters<typeof deliver>[0], parts = fakes.parts) => {
    const end = await deliver(record, parts)
    expect(end).toMatchObject({ outcome: 'quarantined' })
    expect(fakes.published).toHaveLength(1)
    return fakes.published[0]?.record
  }

  it('reaches quarantine unchanged, with its own headers and the reason', async () => {
    fakes.at(Date.parse('2026-05-17T10:00:00Z'))
    const record = recordOf(row, { headers: [{ 'x-own': [-61, -92] }, { again: [49] }, { again: [50] }] })
    expect(await quarantined(record, { ...fakes.parts, processImage: async () => poison() })).toEqual({
      key: Buffer.from(row.id),
      value: Buffer.from(record.value ?? '', 'base64'),
      headers: {
        'x-own': [Buffer.from('ä')],
        again: [Buffer.from('1'), Buffer.from('2')],
        'darkroom-reason-code': 'undecodable',
        'darkroom-reason': 'The file is damaged',
        'darkroom-source': 'images-3-41',
        'darkroom-failed-at': '2026-05-17T10:00:00.000Z',
      },
    })
    expect(fakes.rows.get(row.id)).toMatchObject({
      status: 'quarantined',
      reason: { code: 'undecodable', message: 'The file is damaged' },
    })
    expect(metadataOf(row)).toMatchObject({ status: 'quarantined', reason_code: 'undecodable', width: null })
  })

  it.each([
    ['no JSON', rawRecord('not json')],
    ['JSON of another shape', rawRecord('{"timestamp":1,"image_path":"/x","more":1}')],
    ['no value', rawRecord('', { value: undefined as never })],
    ['no key and no headers', rawRecord('[]', { key: undefined as never, headers: undefined as never })],
  ])('is quarantined as malformed where it has %s', async (_, record) => {
    const out = await quarantined(record)
    expect(out?.headers).toMatchObject({ 'darkroom-reason-code': 'malformed-event' })
    expect(out?.value?.toString()).toBe(record.value && Buffer.from(record.value, 'base64').toString())
  })

  it.each([
    ['elsewhere', '/etc/passwd'],
    ['a traversal', `/images/date=2026-05-17/../../${newImageId()}/original.jpg`],
    ['our own rendition', `/images/date=2026-05-17/${newImageId()}/thumb.webp`],
    ['a metadata file', `/metadata/date=2026-05-17/${newImageId()}.json`],
    ['a URL', 'https://example.com/original.jpg'],
  ])('is quarantined where its path is %s', async (_, path) => {
    const out = await quarantined(rawRecord(JSON.stringify({ timestamp: 1, image_path: path })))
    expect(out?.headers).toMatchObject({ 'darkroom-reason-code': 'foreign-path' })
  })

  it('does not spoil an image whose id it names with another path', async () => {
    const out = await quarantined(recordOf({ ...row, key: row.key.replace('.jpg', '.png') }))
    expect(out?.headers).toMatchObject({ 'darkroom-reason-code': 'foreign-path' })
    expect(fakes.rows.get(row.id)).toEqual({ ...row, attempts: 0 })
    expect(await deliver(recordOf(row), fakes.parts)).toMatchObject({ outcome: 'processed' })
  })

  it('is quarantined where the original has been lost or replaced', async () => {
    fakes.objects.set(row.key, Buffer.from('something else'))
    expect((await quarantined(recordOf(row)))?.headers).toMatchObject({ 'darkroom-reason-code': 'original-missing' })
    const lost = fakes.accept(imageRow())
    fakes.objects.delete(lost.key)
    expect(await deliver(recordOf(lost), fakes.parts)).toEqual({ outcome: 'quarantined', code: 'original-missing' })
  })

  it('is quarantined after so many attempts that none finished', async () => {
    const crash = { ...fakes.parts, processImage: () => Promise.reject(new TypeError('a fault of ours')) }
    for (let n = 0; n < limits.processAttempts; n += 1) {
      await expect(deliver(recordOf(row), crash)).rejects.toThrow('a fault of ours')
    }
    expect((await quarantined(recordOf(row), crash))?.headers).toMatchObject({
      'darkroom-reason-code': 'crashes-the-processor',
    })
  })

  it('is not quarantined twice', async () => {
    const parts = { ...fakes.parts, processImage: async () => poison() }
    await quarantined(recordOf(row), parts)
    expect(await deliver(recordOf(row), parts)).toEqual({ outcome: 'unchanged' })
    expect(fakes.published).toHaveLength(1)
  })

  it('keeps the metadata file true to the row where two deliveries disagree', async () => {
    fakes.when((operation) => {
      if (operation !== 'ledger.markProcessed') return
      const reason = { code: 'too-slow', message: 'slow' } as const
      fakes.rows.set(row.id, { ...row, status: 'quarantined', quarantinedAt: 1, reason })
    })
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'unchanged' })
    expect(metadataOf(row)).toMatchObject({ status: 'quarantined', reason_code: 'too-slow' })
  })

  it('puts that file right when it comes again after the losing delivery had crashed behind its file', async () => {
    await quarantined(recordOf(row), { ...fakes.parts, processImage: async () => poison() })
    const right = metadataOf(row)
    fakes.objects.set(metadataKey(row), Buffer.from(JSON.stringify({ ...right, status: 'processed' })))
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'unchanged' })
    expect(metadataOf(row)).toEqual(right)
  })
})

describe('an outage', () => {
  const operations = ['ledger.claim', 'lake.get', 'lake.put', 'ledger.markProcessed'] as const
  for (const failing of operations) {
    it(`of ${failing} makes the record come again, and then it is processed as if nothing had been`, async () => {
      fakes.when((operation) => {
        if (operation === failing) throw unavailable()
      })
      for (let n = 0; n < limits.processAttempts + 2; n += 1) {
        await expect(deliver(recordOf(row), fakes.parts)).rejects.toMatchObject({ retriable: true })
      }
      expect(fakes.rows.get(row.id)).toMatchObject({ status: 'published', attempts: 0 })
      fakes.when(() => {})
      expect(await deliver(recordOf(row), fakes.parts)).toMatchObject({ outcome: 'processed' })
      expect(fakes.published).toEqual([])
    })
  }

  it.each(['publisher.publish', 'ledger.markQuarantined'] as const)(
    'of %s does not lose a record that belongs into quarantine',
    async (failing) => {
      const parts = { ...fakes.parts, processImage: async () => poison() }
      fakes.when((operation) => {
        if (operation === failing) throw unavailable()
      })
      await expect(deliver(recordOf(row), parts)).rejects.toMatchObject({ retriable: true })
      expect(fakes.rows.get(row.id)).toMatchObject({ status: 'published', attempts: 0 })
      fakes.when(() => {})
      expect(await deliver(recordOf(row), parts)).toMatchObject({ outcome: 'quarantined' })
      expect(fakes.published.length).toBeGreaterThan(0)
    },
  )

  it('while the remains of a purged image are removed makes the record come again', async () => {
    fakes.rows.delete(row.id)
    fakes.when((operation) => {
      if (operation === 'lake.delete') throw unavailable()
    })
    await expect(deliver(recordOf(row), fakes.parts)).rejects.toMatchObject({ retriable: true })
    fakes.when(() => {})
    expect(await deliver(recordOf(row), fakes.parts)).toEqual({ outcome: 'dropped' })
    expect(keysOf(row)).toEqual([])
  })
})
