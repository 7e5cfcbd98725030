/** Small real images of every type that is taken, and files that only pretend. */
import sharp from 'sharp'
import { type ImageType, imageTypes } from '../../../platform.ts'

const picture = () =>
  sharp({
    create: {
      width: 48,
      height: 32,
      channels: 3,
      background: '#247',
      noise: { type: 'gaussian', mean: 120, sigma: 30 },
    },
  })

/** Types that sharp cannot write are left to the tests that fetch a sample. */
export const writable = (Object.keys(imageTypes) as ImageType[]).filter((type) => !/hei[cf]/.test(type))

/** Fresh bytes at each call: noise is never the same twice. */
export const imageBytes = (type: ImageType): Promise<Buffer> =>
  picture()
    .toFormat(type.slice('image/'.length) as 'jpeg')
    .toBuffer()

const text = (content: string) => Buffer.from(content)

/** Files that are no images, whatever they are called. */
export const pretenders: Record<string, Buffer> = {
  'an empty file': Buffer.alloc(0),
  'one byte': Buffer.from([0xff]),
  zeros: Buffer.alloc(4096),
  'an SVG with a script': text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  'an SVG with an outside entity': text('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'),
  'a page': text('<!doctype html><script>alert(1)</script>'),
  'a PDF': text('%PDF-1.7\n1 0 obj'),
  PostScript: text('%!PS-Adobe-3.0\n(%pipe%id) (w) file'),
  'an MVG of ImageMagick': text('push graphic-context\nfill url(https://example.com/x|ls)'),
  'an archive': Buffer.from('504b0304140000000800', 'hex'),
  gzip: Buffer.from('1f8b0800000000000003', 'hex'),
  'a program': Buffer.from('7f454c4602010100', 'hex'),
  'a Windows program': Buffer.from('4d5a90000300000004', 'hex'),
  'a class file': Buffer.from('cafebabe00000034', 'hex'),
  'a shell script': text('#!/bin/sh\nid'),
  'an MP4': Buffer.concat([Buffer.from('00000018', 'hex'), text('ftypisom'), Buffer.alloc(32)]),
  'a WAV': Buffer.concat([text('RIFF'), Buffer.alloc(4), text('WAVEfmt ')]),
  'a BMP': Buffer.concat([text('BM'), Buffer.alloc(60)]),
  'an icon': Buffer.from('00000100010010100000', 'hex'),
  'a Photoshop file': text('8BPS\0\x01'),
  JSON: text('{"image":"x"}'),
  'a JPEG marker behind a space': Buffer.from('20ffd8ffe000104a464946', 'hex'),
  'half a PNG signature': Buffer.from('89504e47', 'hex'),
  'a PNG signature with Unix line ends': Buffer.from('89504e470a1a0a0000000d49484452', 'hex'),
}
