import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sniffImageType, sniffLength } from '../../../functions/shared/sniff.ts'
import { type ImageExtension, type ImageType, imageTypes } from '../../../platform.ts'
import { heic } from '../../support/corpus/heic.ts'

const canvas = () => sharp({ create: { width: 8, height: 8, channels: 4, background: '#a06020' } })
const bytesOf = (text: string) => Buffer.from(text, 'latin1')
const encodings = {
  jpg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  avif: 'avif',
  tiff: 'tiff',
} as const satisfies Record<Exclude<ImageExtension, 'heic'>, string>

describe('sniffImageType', () => {
  for (const [type, extension] of Object.entries(imageTypes) as [ImageType, ImageExtension][]) {
    it(`recognises ${type} by its first ${sniffLength} bytes`, async () => {
      const bytes =
        extension === 'heic' ? await heic('phone') : await canvas().toFormat(encodings[extension]).toBuffer()
      expect(sniffImageType(bytes.subarray(0, sniffLength))).toBe(type)
    })
  }

  it('recognises big-endian TIFF, BigTIFF, lossless WebP, GIF87a and AVIF sequences', async () => {
    expect(sniffImageType(bytesOf('MM\0*\0\0\0\x08\0\0'))).toBe('image/tiff')
    expect(sniffImageType(await canvas().tiff({ bigtiff: true }).toBuffer())).toBe('image/tiff')
    expect(sniffImageType(await canvas().webp({ lossless: true }).toBuffer())).toBe('image/webp')
    expect(sniffImageType(bytesOf('GIF87a\x01\0\x01\0\0\0\0,'))).toBe('image/gif')
    expect(sniffImageType(bytesOf('\0\0\0\x18ftypmsf1\0\0\0\0msf1avis'))).toBe('image/avif')
  })

  it.each(['heic', 'heix', 'hevc', 'mif1'])('recognises HEIC by the brand %s, first or later', (brand) => {
    expect(sniffImageType(bytesOf(`\0\0\0\x14ftyp${brand}\0\0\0\0miaf`))).toBe('image/heic')
    expect(sniffImageType(bytesOf(`\0\0\0\x18ftypmiaf\0\0\0\0miaf${brand}`))).toBe('image/heic')
  })

  it('takes a file for AVIF that shares the container and the general brand with HEIC', () => {
    expect(sniffImageType(bytesOf('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'))).toBe('image/avif')
  })

  it.each([
    ['nothing', ''],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['an SVG with an XML declaration', '<?xml version="1.0"?><svg/>'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['a PDF', '%PDF-1.7\n'],
    ['a PDF whose first line hides a JPEG', '%PDF-1.7\n\xff\xd8\xff\xe0'],
    ['a script', '#!/bin/sh\n'],
    ['a zip file', 'PK\x03\x04\x14\0\0\0'],
    ['an ELF binary', '\x7fELF\x02\x01\x01'],
    ['white space before a PNG', ' \x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
    ['a PNG signature followed by something else', `\x89PNG\r\n\x1a\n${'<script>'.repeat(5)}`],
    ['a PNG damaged by a text-mode transfer', `\x89PNG\n\x1a\n\0\0\0\rIHDR${'\0'.repeat(32)}`],
    ['a JPEG start without a marker', '\xff\xd8\xff\x00\x00\x00'],
    ['only the start of a JPEG', '\xff\xd8\xff'],
    ['a WAV file in a RIFF container', 'RIFF\x24\0\0\0WAVEfmt '],
    ['WebP without a bitstream', 'RIFF\x24\0\0\0WEBP<svg'],
    ['an MP4 video', '\0\0\0\x18ftypisom\0\0\0\0isomavc1'],
    ['an AVIF brand that straddles two brands', '\0\0\0\x18ftypisom\0\0\0\0xxavifxx'],
    ['an ftyp box of absurd size', '\xff\xff\xff\xfcftypavif\0\0\0\0mif1avif'],
    ['a Canon raw file', 'II*\0\x10\0\0\0CR\x02\0'],
    ['a JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['a Photoshop document', '8BPS\0\x01\0\0\0\0\0\0\0\x03'],
  ])('does not take %s for an image', (_, start) => {
    expect(sniffImageType(bytesOf(start))).toBeUndefined()
  })
})
