/** The small pure parts of processing: colour, completeness, EXIF, quality, log lines. */
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { colourOf } from '../../../functions/process/colour.ts'
import { breaksOff } from '../../../functions/process/completeness.ts'
import { dominantColour } from '../../../functions/process/describe.ts'
import { compressedFormat, jpegQuality } from '../../../functions/process/encoders.ts'
import { readExif } from '../../../functions/process/exif.ts'
import { createObserver } from '../../../functions/process/observe.ts'
import { newImageId } from '../../../functions/shared/keys.ts'
import type { ImageType } from '../../../platform.ts'
import * as odd from '../../support/corpus/odd-images.ts'
import { original } from '../../support/corpus/originals.ts'
import { imageRow } from '../../support/images.ts'
import { rawRecord, recordOf, unavailable } from './fakes.ts'

const formats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const

describe('compressedFormat', () => {
  it.each([
    ['image/gif', 16_383, false, 'webp'],
    ['image/gif', 16_384, false, 'jpeg'],
    ['image/gif', 16_384, true, 'webp'],
    ['image/avif', 16_384, false, 'avif'],
    ['image/avif', 16_385, false, 'jpeg'],
    ['image/png', 30_000, false, 'png'],
    ['image/heic', 30, true, 'webp'],
  ] as const)('of %s with a side of %d pixels, alpha %s, is %s', (type, width, hasAlpha, format) => {
    expect(compressedFormat(type, { width, height: 10 }, hasAlpha)).toBe(format)
  })
})

describe('colourOf', () => {
  const profileOf = async (bytes: Buffer) => (await sharp(bytes).metadata()).icc as Buffer

  it('sees a wide gamut by the primaries of the profile, whatever it is called', async () => {
    expect(colourOf('srgb', await profileOf(await odd.displayP3()))).toEqual({
      name: 'wide-gamut RGB',
      wideGamut: true,
      needsNoProfile: false,
    })
    const plain = await sharp(await original('coffee.png'))
      .withIccProfile('srgb')
      .jpeg()
      .toBuffer()
    expect(colourOf('srgb', await profileOf(plain))).toMatchObject({ wideGamut: false, needsNoProfile: true })
  })

  it('knows the profiles that everybody has by name, in both ways of writing it', async () => {
    const profile = await profileOf(await odd.displayP3())
    const named = (type: 'desc' | 'mluc', name: string) => {
      const tag = Buffer.alloc(200)
      tag.write(type, 'latin1')
      if (type === 'desc') tag.writeUInt32BE(name.length + 1, 8)
      if (type === 'desc') tag.write(name, 12, 'latin1')
      for (const [at, value] of type === 'mluc'
        ? [
            [8, 1],
            [12, 12],
            [20, name.length * 2],
            [24, 28],
          ]
        : []) {
        tag.writeUInt32BE(value ?? 0, at)
      }
      if (type === 'mluc') Buffer.from(name, 'utf16le').swap16().copy(tag, 28)
      const whole = Buffer.concat([profile, tag])
      for (let entry = 132; entry < 132 + 12 * profile.readUInt32BE(128); entry += 12) {
        if (whole.toString('latin1', entry, entry + 4) === 'desc') whole.writeUInt32BE(profile.length, entry + 4)
      }
      return colourOf('srgb', whole).name
    }
    expect(named('desc', 'Display P3')).toBe('Display P3')
    expect(named('mluc', 'Adobe RGB (1998)')).toBe('Adobe RGB (1998)')
    expect(named('mluc', "Ada's MacBook")).toBe('wide-gamut RGB')
  })

  it('treats a damaged profile as none', async () => {
    const profile = await profileOf(await odd.displayP3())
    for (let length = 0; length < profile.length; length += 7) {
      expect(colourOf('srgb', profile.subarray(0, length)).name).toMatch(/RGB$/)
    }
    for (let at = 128; at < profile.length; at += 3) {
      const damaged = Buffer.from(profile)
      damaged.fill(0xff, at, Math.min(at + 8, profile.length))
      expect(colourOf('srgb', damaged).name).toMatch(/RGB$/)
    }
  })

  it('names what is no RGB by its own name, whatever profile it carries', () => {
    expect(['cmyk', 'b-w', 'rgb16', 'srgb'].map((space) => colourOf(space, undefined).name)).toEqual([
      ...['CMYK', 'Greyscale', 'sRGB', 'sRGB'],
    ])
  })
})

describe('breaksOff', () => {
  it.each(formats)('tells a whole %s from one that is cut anywhere', async (format) => {
    const type: ImageType = `image/${format}`
    const bytes = await sharp(await original('chelsea.png'))
      .toFormat(format)
      .toBuffer()
    expect(breaksOff(bytes, type)).toBe(false)
    for (let n = 1; n < 60; n += 1) {
      const length = Math.floor((bytes.length * n) / 60)
      expect([length, breaksOff(bytes.subarray(0, length), type)]).toEqual([length, true])
    }
  })

  it.each(formats)('ends for a %s that is full of nonsense', async (format) => {
    const bytes = await sharp(await original('chelsea.png'))
      .resize(64)
      .toFormat(format)
      .toBuffer()
    for (let at = 12; at < bytes.length; at += Math.ceil(bytes.length / 300)) {
      for (const value of [0x00, 0xff]) {
        const damaged = Buffer.from(bytes)
        damaged.fill(value, at, Math.min(at + 6, bytes.length))
        expect(typeof breaksOff(damaged, `image/${format}`)).toBe('boolean')
      }
    }
  })
})

describe('readExif', () => {
  it('survives any damage', async () => {
    const { exif = Buffer.alloc(0) } = await sharp(await odd.telltale('jpeg')).metadata()
    expect(readExif(exif, undefined)).toMatchObject({ hasGps: true, camera: { make: 'Zenit' } })
    for (let at = 0; at < exif.length; at += 1) {
      const damaged = Buffer.from(exif)
      damaged.fill(0xff, at, Math.min(at + 4, exif.length))
      expect(typeof readExif(damaged, undefined).hasGps).toBe('boolean')
      expect(typeof readExif(exif.subarray(0, at), undefined).hasGps).toBe('boolean')
    }
  })

  it('is not led into reading more than there is', () => {
    // One directory of 5,000 entries, each of which claims the whole block as its values.
    const block = Buffer.alloc(64_000)
    block.write('II*\0\x08\0\0\0', 'latin1')
    block.writeUInt16LE(5_000, 8)
    for (let entry = 10; entry + 12 < 60_000; entry += 12) {
      block.writeUInt16LE(0x010f, entry)
      block.writeUInt16LE(2, entry + 2)
      block.writeUInt32LE(60_000, entry + 4)
    }
    const started = performance.now()
    expect(readExif(block, undefined).camera?.make?.length ?? 0).toBeLessThanOrEqual(64)
    expect(performance.now() - started).toBeLessThan(100)
  })

  it('does not believe in a thirtieth of February', async () => {
    const dated = async (DateTimeOriginal: string) => {
      const blank = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000000' } })
      const jpeg = await blank.withExif({ IFD2: { DateTimeOriginal } }).jpeg().toBuffer()
      return readExif((await sharp(jpeg).metadata()).exif, undefined).capturedAt
    }
    expect(await dated('2026:02:28 23:59:59')).toBe('2026-02-28T23:59:59')
    expect(await dated('2026:02:30 23:59:59')).toBeUndefined()
    expect(await dated('0000:00:00 00:00:00')).toBeUndefined()
  })

  it('sees a position that only XMP tells', () => {
    expect(readExif(undefined, '<rdf:Description exif:GPSLatitude="59,56.3N"/>')).toEqual({ hasGps: true })
    expect(readExif(undefined, undefined)).toEqual({ hasGps: false })
  })
})

describe('dominantColour', () => {
  const pixels = (...list: [number, number, number, number][]) => Uint8Array.from(list.flat())
  it('is the mean of the most frequent colours, not of all', () => {
    expect(dominantColour(pixels([16, 0, 0, 255], [18, 0, 0, 255], [250, 250, 250, 255]))).toBe('#110000')
  })
  it('leaves out what cannot be seen', () => {
    expect(dominantColour(pixels([9, 9, 9, 0], [9, 9, 9, 0], [255, 0, 128, 255]))).toBe('#ff0080')
    expect(dominantColour(pixels([9, 9, 9, 0]))).toBe('#000000')
  })
})

describe('jpegQuality', () => {
  it.each([30, 55, 80, 95])('finds the quality %d at which a JPEG was saved', async (quality) => {
    const bytes = await sharp(await original('rocket.jpg'))
      .jpeg({ quality })
      .toBuffer()
    expect(Math.abs((jpegQuality(bytes) ?? 0) - quality)).toBeLessThanOrEqual(2)
  })
  it('knows nothing about what is no JPEG', () => {
    expect(jpegQuality(new Uint8Array(200))).toBeUndefined()
    expect(jpegQuality(Buffer.from([0xff, 0xd8]))).toBeUndefined()
  })
})

describe('the log and the metrics', () => {
  const observed = () => {
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const metrics = { addMetric: vi.fn(), publishStoredMetrics: vi.fn(() => undefined) }
    return { logger, metrics, observer: createObserver(logger, metrics as never) }
  }

  it('carry the image id, the place in the stream and how it ended', async () => {
    const { logger, metrics, observer } = observed()
    const row = imageRow()
    const end = { outcome: 'processed', processingMs: 5, latencyMs: 9, bytesSaved: 7 } as const
    await observer.watch(recordOf(row), async () => end)
    expect(logger.info).toHaveBeenCalledWith('record processed', {
      imageId: row.id,
      topic: 'images',
      partition: 3,
      offset: 41,
      ...end,
    })
    expect(metrics.addMetric).toHaveBeenCalledWith('ImagesProcessed', 'Count', 1)
    expect(metrics.addMetric).toHaveBeenCalledWith('Latency', 'Milliseconds', 9)
  })

  it('count failures and pass them on', async () => {
    const { logger, metrics, observer } = observed()
    await expect(observer.watch(recordOf(imageRow()), () => Promise.reject(unavailable()))).rejects.toThrow('Not now')
    expect(metrics.addMetric).toHaveBeenCalledWith('RecordsFailed', 'Count', 1)
    expect(logger.error).toHaveBeenCalledOnce()
  })

  it('never repeat what a stranger wrote into the topic', async () => {
    const { logger, observer } = observed()
    const path = `/images/date=2026-05-17/${newImageId()}/../canary.jpg`
    for (const value of [
      'canary',
      JSON.stringify({ image_path: '/home/canary' }),
      JSON.stringify({ image_path: path }),
    ]) {
      await observer.watch(rawRecord(value), async () => ({ outcome: 'quarantined', code: 'foreign-path' }))
    }
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain('canary')
  })
})
