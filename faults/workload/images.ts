/** Small real images to upload, each with bytes of its own where that is wanted. */
import { createHash, randomBytes } from 'node:crypto'
import sharp from 'sharp'
import type { ImageType } from '../../platform.ts'
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

/** Six that are fine and two that break off, of 3 to 60 kB; made anew for each run. */
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
  const comment = Buffer.from(randomBytes(8).toString('hex'))
  const segment = Buffer.alloc(4)
  segment.writeUInt16BE(0xfffe)
  segment.writeUInt16BE(comment.length + 2, 2)
  // Behind SOI, which is two bytes.
  return { ...sample, bytes: Buffer.concat([sample.bytes.subarray(0, 2), segment, comment, sample.bytes.subarray(2)]) }
}
