/** Small real images to upload, each with bytes of its own where that is wanted. */
import { createHash, randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { type ImageType, limits } from '../../platform.ts'
import type { Random } from '../random.ts'

export type Sample = {
  readonly source: string
  readonly contentType: ImageType
  readonly bytes: Buffer
  readonly expect: 'processed' | 'quarantined'
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const picture = (width: number, height: number, random: Random) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: { r: random.integer(0, 255), g: random.integer(0, 255), b: random.integer(0, 255) },
      noise: { type: 'gaussian', mean: 128, sigma: random.integer(5, 40) },
    },
  })

/** Seven that are fine and two that break off, of 3 to 60 kB, but for one that takes two parts; made anew for each run. */
export async function makeSamples(random: Random): Promise<Sample[]> {
  const jpegs = await Promise.all(
    [160, 240, 320].map((side) =>
      picture(side, Math.round(side * 0.75), random)
        .jpeg({ quality: 80 })
        .toBuffer(),
    ),
  )
  const png = await picture(120, 90, random).png().toBuffer()
  const webp = await picture(200, 150, random).webp().toBuffer()
  const gif = await picture(96, 96, random).gif().toBuffer()
  const fine = (source: string, contentType: ImageType, bytes: Buffer): Sample => ({
    source,
    contentType,
    bytes,
    expect: 'processed',
  })
  return [
    ...jpegs.map((bytes, n) => fine(`jpeg-${n}`, 'image/jpeg', bytes)),
    fine('png', 'image/png', png),
    fine('webp', 'image/webp', webp),
    fine('gif', 'image/gif', gif),
    ...jpegs.slice(0, 1).map((bytes) => fine('jpeg-of-two-parts', 'image/jpeg', padded(bytes, limits.uploadPartBytes))),
    ...jpegs.slice(0, 2).map(
      (bytes, n): Sample => ({
        source: `broken-off-${n}`,
        contentType: 'image/jpeg',
        bytes: bytes.subarray(0, Math.floor(bytes.length * 0.6)),
        expect: 'quarantined',
      }),
    ),
  ]
}

/** The same picture in bytes that were never sent before: a JPEG gets a comment. Other formats stay as they are. */
export function unique(sample: Sample): Sample {
  if (sample.contentType !== 'image/jpeg') return sample
  return { ...sample, bytes: commented(sample.bytes, Buffer.from(randomBytes(8).toString('hex'))) }
}

/** The same picture in more than so many bytes. */
function padded(jpeg: Buffer, bytes: number): Buffer {
  // Two bytes of a segment say its length, and these two count.
  const longest = Buffer.alloc(0xffff - 2, 'darkroom')
  return commented(jpeg, ...Array.from({ length: Math.ceil(bytes / longest.byteLength) }, () => longest))
}

/** Puts segments with comments behind SOI, which is two bytes. */
function commented(jpeg: Buffer, ...comments: readonly Buffer[]): Buffer {
  const segments = comments.flatMap((comment) => {
    const start = Buffer.alloc(4)
    start.writeUInt16BE(0xfffe)
    start.writeUInt16BE(comment.length + 2, 2)
    return [start, comment]
  })
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}
