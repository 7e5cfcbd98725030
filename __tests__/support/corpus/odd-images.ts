/** Images made to be odd in one known way, valid ones and hostile ones; each function makes the same bytes each time. */
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { type OriginalName, original } from './originals.ts'
import { telltaleTiff } from './telltale-tiff.ts'

const photo = async (name: OriginalName = 'coffee.png'): Promise<Sharp> => sharp(await original(name))

const exif = {
  IFD0: { Make: 'Zenit', Model: 'TTL 50', Artist: 'Ada Canary', ImageDescription: 'canary-description' },
  IFD2: { DateTimeOriginal: '2026:05:17 09:41:30', UserComment: 'canary-comment' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '59/1 56/1 21/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '30/1 18/1 50/1',
  },
}
const xmp = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>canary-xmp</rdf:li></rdf:Seq></dc:creator>
 </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

/** A photograph with camera, time, position, names and XMP, in a format that can carry them. */
export async function telltale(format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff'): Promise<Buffer> {
  if (format === 'tiff') return telltaleTiff()
  return (await photo()).withExif(exif).withXmp(xmp).toFormat(format).toBuffer()
}

/** A JPEG with a comment segment, an IPTC block and bytes behind its end. */
export async function talkativeJpeg(): Promise<Buffer> {
  const jpeg = await (await photo()).jpeg().toBuffer()
  const segment = (marker: number, body: Buffer) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(body.length + 2, 2)
    return Buffer.concat([head, body])
  }
  const caption = Buffer.from('canary-iptc')
  const iptc = Buffer.concat([Buffer.from([0x1c, 0x02, 0x78, 0, caption.length]), caption])
  const resource = Buffer.concat([Buffer.from('8BIM\x04\x04\0\0\0\0\0'), Buffer.from([iptc.length]), iptc])
  const photoshop = Buffer.concat([Buffer.from('Photoshop 3.0\0'), resource, Buffer.alloc(iptc.length % 2)])
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xed, photoshop),
    segment(0xfe, Buffer.from('canary-comment')),
    jpeg.subarray(2),
    Buffer.from('PK\x03\x04canary-trailer<script>'),
  ])
}

/** Four quarters, red, green, blue and white, stored so that EXIF orientation `n` turns them upright; 48 × 32 upright. */
export async function oriented(orientation: number): Promise<Buffer> {
  const quarter = (background: string) => ({ create: { width: 24, height: 16, channels: 3 as const, background } })
  const upright = await sharp({ create: { width: 48, height: 32, channels: 3, background: '#ffffff' } })
    .composite([
      { input: quarter('#ff0000'), left: 0, top: 0 },
      { input: quarter('#00ff00'), left: 24, top: 0 },
      { input: quarter('#0000ff'), left: 0, top: 16 },
    ])
    .png()
    .toBuffer()
  // The inverse of what a viewer does for each value (EXIF 2.32, tag 274).
  const stored: Record<number, (image: Sharp) => Sharp> = {
    1: (image) => image,
    2: (image) => image.flop(),
    3: (image) => image.rotate(180),
    4: (image) => image.flip(),
    5: (image) => image.rotate(270).flop(),
    6: (image) => image.rotate(270),
    7: (image) => image.rotate(90).flop(),
    8: (image) => image.rotate(90),
  }
  const turn = stored[orientation]
  if (!turn) throw new RangeError(`EXIF orientation ${orientation}`)
  const turned = await turn(sharp(upright)).png().toBuffer()
  return sharp(turned).withMetadata({ orientation }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
}

/** Pure Display-P3 red, green and blue bars, which sRGB cannot show, with the profile that says so. */
export async function displayP3(format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> {
  const bar = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255])
  // 16-bit pixels are taken as P3 by sharp, so these values keep their meaning under the profile.
  const pixels = new Uint16Array(96 * 32 * 3)
  for (let at = 0; at < 96 * 32; at += 1) {
    const third = Math.floor((at % 96) / 32) * 3
    for (let channel = 0; channel < 3; channel += 1) pixels[at * 3 + channel] = (bar[third + channel] ?? 0) * 257
  }
  const image = sharp(pixels, { raw: { width: 96, height: 32, channels: 3 } })
    .pipelineColourspace('rgb16')
    .withIccProfile('p3')
  return format === 'png' ? image.png().toBuffer() : image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
}

export const cmykJpeg = async () => (await photo()).toColourspace('cmyk').jpeg().toBuffer()
export const sixteenBitPng = async () => (await photo()).toColourspace('rgb16').png().toBuffer()
export const sixteenBitGrey = async () => (await photo('camera.png')).toColourspace('grey16').png().toBuffer()
export const greyPng = async () => (await photo('camera.png')).toColourspace('b-w').png().toBuffer()
export const onePixel = async (format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff') =>
  sharp({ create: { width: 1, height: 1, channels: 3, background: '#804020' } })
    .toFormat(format)
    .toBuffer()
/** Transparent but for a disc in the middle. */
export const withAlpha = async (format: 'png' | 'webp' | 'avif' | 'tiff' | 'gif') =>
  sharp({ create: { width: 200, height: 120, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([{ input: { create: { width: 60, height: 60, channels: 4, background: '#20a040' } } }])
    // TIFF's usual compression, JPEG, has no alpha.
    .toFormat(format, format === 'tiff' ? { compression: 'lzw' } : {})
    .toBuffer()
/** 6000 × 4000. */
export const twentyFourMegapixels = async () => (await photo('retina.jpg')).resize(6000, 4000).jpeg().toBuffer()

/** A moving bar in so many frames of 160 × 120, 80 ms each. */
export async function animation(format: 'gif' | 'webp', frames = 12, brightness = 1): Promise<Buffer> {
  const background = await (await photo()).resize(160, 120, { fit: 'cover' }).modulate({ brightness }).png().toBuffer()
  const stills = await Promise.all(
    Array.from({ length: frames }, (_, n) =>
      sharp(background)
        .composite([
          {
            input: { create: { width: 12, height: 120, channels: 3, background: '#ff2020' } },
            left: Math.floor((n * 148) / frames),
            top: 0,
          },
        ])
        .png()
        .toBuffer(),
    ),
  )
  const joined = sharp(stills, { join: { animated: true } })
  const delay = stills.map(() => 80)
  return format === 'gif' ? joined.gif({ delay, loop: 0 }).toBuffer() : joined.webp({ delay, loop: 0 }).toBuffer()
}

// Hostile ones.

/** The first part of a file. */
export const truncated = (bytes: Buffer, part = 0.6): Buffer => bytes.subarray(0, Math.floor(bytes.length * part))

/** A PNG of a few hundred bytes whose header claims 50,000 × 50,000 pixels. */
export function bombPng(side = 50_000): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.alloc(100_000))
  return Buffer.concat([signature, pngChunk('IHDR', header), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))])
}

function pngChunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  checksum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, checksum])
}

/** A whole PNG whose compressed pixels are overwritten in the middle. */
export async function corruptPng(): Promise<Buffer> {
  const png = await (await photo()).png().toBuffer()
  png.fill(0xa5, Math.floor(png.length * 0.4), Math.floor(png.length * 0.5))
  return png
}

/** Valid JPEG, valid HTML for a careless browser, valid zip at the end. */
export async function polyglotJpeg(): Promise<Buffer> {
  const jpeg = await (await photo()).jpeg().toBuffer()
  const html = Buffer.from('<html><script>alert("canary-polyglot")</script>')
  const comment = Buffer.alloc(4)
  comment.set([0xff, 0xfe])
  comment.writeUInt16BE(html.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), comment, html, jpeg.subarray(2), Buffer.from('PK\x05\x06canary-polyglot')])
}

export const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
)
