/** Photographs whose every part carries words of its own: pixels, EXIF, XMP, IPTC, comments, text chunks. */
import { crc32 } from 'node:zlib'
import sharp from 'sharp'

const width = 320
const height = 240

/** Pixels that spell the words again and again, and lie in the file as they are: nothing is compressed. */
function pixels(words: string): Buffer {
  return Buffer.alloc(width * height * 3, `${words} `)
}

const raw = { width, height, channels: 3 } as const
const exifOf = (words: string) => ({
  IFD0: { Make: words, Model: words, Copyright: words, ImageDescription: words, Artist: words },
})
const xmpOf = (words: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="${words}"/></rdf:RDF></x:xmpmeta>`

function segment(marker: number, content: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(content.length + 2)
  return Buffer.concat([Buffer.from([0xff, marker]), length, content])
}

/** Photoshop's block around one IPTC record, "caption" (2:120). */
function iptc(words: string): Buffer {
  const record = Buffer.concat([Buffer.from([0x1c, 2, 120, 0, words.length]), Buffer.from(words)])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(record.length)
  const padding = Buffer.alloc(record.length % 2)
  return Buffer.concat([Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0', 'latin1'), size, record, padding])
}

/** EXIF, XMP, IPTC and a comment. */
export async function jpegWith(words: string): Promise<Buffer> {
  const made = await sharp(pixels(words), { raw })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .withExif(exifOf(words))
    .withXmp(xmpOf(words))
    .toBuffer()
  const added = Buffer.concat([segment(0xed, iptc(words)), segment(0xfe, Buffer.from(words))])
  return Buffer.concat([made.subarray(0, 2), added, made.subarray(2)])
}

/** Bare pixels, EXIF, and a text chunk. */
export async function pngWith(words: string): Promise<Buffer> {
  const made = await sharp(pixels(words), { raw }).png({ compressionLevel: 0 }).withExif(exifOf(words)).toBuffer()
  const content = Buffer.from(`tEXtComment\0${words}`, 'latin1')
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length - 4)
  checksum.writeUInt32BE(crc32(content))
  // Behind the signature and the header chunk.
  return Buffer.concat([made.subarray(0, 33), length, content, checksum, made.subarray(33)])
}

/** EXIF and XMP. */
export const webpWith = (words: string): Promise<Buffer> =>
  sharp(pixels(words), { raw }).webp({ lossless: true }).withExif(exifOf(words)).withXmp(xmpOf(words)).toBuffer()
