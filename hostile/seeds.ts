/**
 * Small valid images to mutate, in every accepted type and the variants that take other paths through decoders. Each
 * that can carries EXIF, a position, XMP, a comment or trailing bytes with a word that no rendition may hold.
 */
import sharp, { type Sharp } from 'sharp'
import { telltaleTiff } from '../__tests__/support/corpus/telltale-tiff.ts'
import type { ImageType } from '../platform.ts'
import { fromCorpus } from './corpora.ts'

export type Seed = {
  readonly name: string
  readonly type: ImageType
  readonly bytes: Buffer
  /** How often it is taken, against the others' 1. */
  readonly weight: number
}

/** Stands wherever a file can tell something. */
export const canary = 'canary-4711'

const exif = {
  IFD0: { Make: canary, Model: canary, Artist: canary, ImageDescription: canary },
  IFD2: { DateTimeOriginal: '2026:05:17 09:41:30', UserComment: canary },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '59/1 56/1 21/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '30/1 18/1 50/1',
  },
}
const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="${canary}"/></rdf:RDF></x:xmpmeta>`

/** Structured enough that every block differs, small enough that a decoder is done at once. */
function picture(width = 40, height = 24, channels: 3 | 4 = 3): Sharp {
  const data = Buffer.alloc(width * height * channels)
  for (let at = 0; at < data.length; at += 1) data[at] = (at * 37 + ((at / 7) | 0) * 11) & 0xff
  return sharp(data, { raw: { width, height, channels } })
}
const telling = (image: Sharp) => image.withExif(exif).withXmp(xmp).withIccProfile('p3')

export async function makeSeeds(): Promise<Seed[]> {
  const seeds: Seed[] = []
  const add = async (name: string, type: ImageType, bytes: Buffer | Promise<Buffer>, weight = 1) => {
    seeds.push({ name, type, bytes: await bytes, weight })
  }
  await add('baseline', 'image/jpeg', telling(picture()).jpeg().toBuffer(), 3)
  await add('progressive', 'image/jpeg', picture().jpeg({ progressive: true }).toBuffer(), 2)
  await add('cmyk', 'image/jpeg', picture().toColourspace('cmyk').jpeg().toBuffer())
  await add(
    'grey',
    'image/jpeg',
    picture()
      .greyscale()
      .jpeg({ restartInterval: 1 } as object)
      .toBuffer(),
  )
  await add('talkative', 'image/jpeg', talkative(await picture().jpeg().toBuffer()))
  await add('rgb', 'image/png', telling(picture()).png().toBuffer(), 2)
  await add('rgba-interlaced', 'image/png', picture(24, 24, 4).png({ progressive: true }).toBuffer())
  await add('palette', 'image/png', picture().png({ palette: true }).toBuffer())
  await add('sixteen', 'image/png', picture(16, 16).toColourspace('rgb16').png().toBuffer())
  await add('lossy', 'image/webp', telling(picture()).webp().toBuffer(), 2)
  await add('lossless', 'image/webp', picture(24, 24, 4).webp({ lossless: true }).toBuffer())
  await add('alpha', 'image/webp', picture(24, 24, 4).webp().toBuffer())
  await add('animated', 'image/webp', animation().webp().toBuffer())
  await add('still', 'image/gif', picture().gif().toBuffer(), 2)
  await add('animated', 'image/gif', animation().gif().toBuffer())
  await add('8-bit', 'image/avif', telling(picture()).avif({ effort: 0 }).toBuffer(), 2)
  await add('lossless-alpha', 'image/avif', picture(24, 24, 4).avif({ lossless: true, effort: 0 }).toBuffer())
  await add('telling', 'image/tiff', telltaleTiff())
  await add('lzw', 'image/tiff', telling(picture()).tiff({ compression: 'lzw' }).toBuffer())
  await add(
    'deflate-tiles',
    'image/tiff',
    picture(32, 32).tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
  )
  await add('jpeg', 'image/tiff', picture().tiff({ compression: 'jpeg' }).toBuffer())
  await add(
    'fax',
    'image/tiff',
    picture().threshold().toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
  )
  await add('big', 'image/tiff', picture().tiff({ bigtiff: true }).toBuffer())
  // Starting WebAssembly takes ten times what everything else here does.
  await add('8-bit', 'image/heic', fromCorpus('pillow-heif', 'heif/RGB_8__29x100.heif'), 0.3)
  await add('12-bit-alpha', 'image/heic', fromCorpus('pillow-heif', 'heif/RGBA_12__29x100.heif'), 0.1)
  await add('meta', 'image/heic', fromCorpus('pillow-heif', 'heif_other/L_xmp_latin1.heic'), 0.2)
  return seeds
}

const animation = () => {
  const frames = 3
  const height = 12
  const data = Buffer.alloc(16 * height * frames * 3)
  for (let at = 0; at < data.length; at += 1) data[at] = (at * 29) & 0xff
  return sharp(data, { raw: { width: 16, height: height * frames, channels: 3, pageHeight: height } })
}

/** A comment, an application segment, and a zip and a script behind the end. */
function talkative(jpeg: Buffer): Buffer {
  const segment = (marker: number) => {
    const body = Buffer.from(`${canary}<script>alert(1)</script>`)
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(body.length + 2, 2)
    return Buffer.concat([head, body])
  }
  const behind = Buffer.from(`PK\x03\x04${canary}<script>%PDF-1.4`)
  return Buffer.concat([jpeg.subarray(0, 2), segment(0xfe), segment(0xed), jpeg.subarray(2), behind])
}
