/**
 * Whether a rendition is nothing but a picture: its container is walked from the first byte to the last, and only what a
 * picture needs may be in it. No EXIF, position, XMP, comment, foreign profile, or byte behind the end.
 */
import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import type { MadeRendition } from '../functions/process/renditions.ts'

/** @returns what should not be there; empty for a clean rendition */
export function complaintsAbout({ bytes, contentType }: Pick<MadeRendition, 'bytes' | 'contentType'>): string[] {
  const walk = walkers[contentType]
  if (!walk) return [`unexpected type ${contentType}`]
  const complaints: string[] = []
  try {
    complaints.push(...walk(bytes))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    complaints.push('its structure points outside the file')
  }
  return [...complaints, ...foreignWords.filter((word) => bytes.includes(word)).map((word) => `contains ${word}`)]
}

/** Of other formats and of what the test images tell; all too long to come about in compressed pixels by chance. */
const foreignWords = ['canary', '<script', '<html', '<?xpacket', 'x:xmpmeta', '%PDF-', 'PK\x03\x04', 'Exif\0\0', 'http']

const walkers: Record<string, (bytes: Buffer) => string[]> = {
  'image/jpeg': jpeg,
  'image/png': png,
  'image/webp': webp,
  'image/avif': avif,
  'image/tiff': tiff,
}

/** sharp's own Display P3, which wide-gamut images are given; any other profile came out of a file. */
const ourProfile = digest(
  (
    await sharp(
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .withIccProfile('p3')
        .png()
        .toBuffer(),
    ).metadata()
  ).icc ?? Buffer.alloc(0),
)

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
const profileComplaint = (icc: Uint8Array) => (digest(icc) === ourProfile ? [] : ['a foreign colour profile'])

/** Frames, tables, scans, JFIF's own segment, and a profile. */
function jpeg(bytes: Buffer): string[] {
  const complaints: string[] = []
  const profile: Buffer[] = []
  let at = 2
  for (let marker = bytes.readUInt8(at + 1); marker !== 0xda; marker = bytes.readUInt8(at + 1)) {
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    const isPlain = marker === 0xdb || marker === 0xc4 || marker === 0xdd || marker === 0xc0 || marker === 0xc2
    if (marker === 0xe2 && bytes.toString('latin1', at + 4, at + 15) === 'ICC_PROFILE') {
      profile.push(bytes.subarray(at + 18, end))
    } else if (!isPlain && !(marker === 0xe0 && end - at === 18)) {
      complaints.push(`segment ${marker.toString(16)} of ${end - at} bytes`)
    }
    at = end
  }
  // Within scans ff is followed by 00 or a restart marker; the first end marker must be the last two bytes.
  let end = at
  do end = bytes.indexOf(0xff, end + 1)
  while (end !== -1 && bytes[end + 1] !== 0xd9)
  if (end !== bytes.length - 2) complaints.push('does not end at its end marker')
  return [...complaints, ...(profile.length > 0 ? profileComplaint(Buffer.concat(profile)) : [])]
}

function png(bytes: Buffer): string[] {
  const complaints: string[] = []
  let at = 8
  for (let type = ''; type !== 'IEND'; ) {
    const length = bytes.readUInt32BE(at)
    type = bytes.toString('latin1', at + 4, at + 8)
    if (type === 'iCCP') {
      const nameEnd = bytes.indexOf(0, at + 8)
      complaints.push(...profileComplaint(inflateSync(bytes.subarray(nameEnd + 2, at + 8 + length))))
    } else if (!/^(IHDR|PLTE|IDAT|IEND|tRNS|pHYs|sRGB|gAMA|cHRM|bKGD)$/.test(type)) complaints.push(`chunk ${type}`)
    at += 12 + length
  }
  return at === bytes.length ? complaints : [...complaints, 'bytes behind its end']
}

function webp(bytes: Buffer): string[] {
  const complaints: string[] = []
  if (bytes.readUInt32LE(4) + 8 !== bytes.length) complaints.push('its length is not the file’s')
  for (let at = 12; at < bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    if (type === 'ICCP') complaints.push(...profileComplaint(bytes.subarray(at + 8, at + 8 + length)))
    else if (!/^(VP8 |VP8L|VP8X|ALPH|ANIM|ANMF)$/.test(type)) complaints.push(`chunk ${type}`)
    at += 8 + length + (length % 2)
  }
  return complaints
}

function avif(bytes: Buffer): string[] {
  const complaints: string[] = []
  let at = 0
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (!/^(ftyp|meta|mdat)$/.test(type)) complaints.push(`box ${type}`)
    if (size < 8) return [...complaints, 'a box without size']
    at += size
  }
  if (at !== bytes.length) complaints.push('bytes behind its end')
  const infe = [...bytes.toString('latin1').matchAll(/infe.{8}(.{4})/gs)].map(([, type]) => type)
  complaints.push(...infe.filter((type) => !/^(av01|grid)$/.test(type ?? '')).map((type) => `item ${type}`))
  return complaints
}

/** TIFF 6.0's tags for pixels, resolution and the profile; Exif (34665), GPS (34853), XMP (700) are not among them. */
const pixelTags = new Set([
  ...[
    254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 297, 317, 320, 322, 323, 324, 325,
  ],
  ...[338, 339, 34675],
])

function tiff(bytes: Buffer): string[] {
  const complaints: string[] = []
  const directory = bytes.readUInt32LE(4)
  const count = bytes.readUInt16LE(directory)
  let end = directory + 2 + count * 12 + 4
  const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
  const values = new Map<number, number[]>()
  for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
    const [tag, type, length] = [
      bytes.readUInt16LE(entry),
      bytes.readUInt16LE(entry + 2),
      bytes.readUInt32LE(entry + 4),
    ]
    const size = typeSizes[type] ?? 1
    const from = size * length <= 4 ? entry + 8 : bytes.readUInt32LE(entry + 8)
    if (!pixelTags.has(tag)) complaints.push(`tag ${tag}`)
    if (tag === 34675) complaints.push(...profileComplaint(bytes.subarray(from, from + length)))
    if (/^(273|279|324|325)$/.test(String(tag))) {
      const read = (n: number) => (size === 2 ? bytes.readUInt16LE(from + n * 2) : bytes.readUInt32LE(from + n * 4))
      values.set(
        tag,
        Array.from({ length }, (_, n) => read(n)),
      )
    }
    end = Math.max(end, from + size * length)
  }
  if (bytes.readUInt32LE(directory + 2 + count * 12) !== 0) complaints.push('another directory')
  const lengths = values.get(279) ?? values.get(325) ?? []
  for (const [n, offset] of (values.get(273) ?? values.get(324) ?? []).entries()) {
    end = Math.max(end, offset + (lengths[n] ?? 0))
  }
  // Offsets are even.
  if (bytes.length > end + 1) complaints.push('bytes behind its end')
  return complaints
}
