/**
 * Whether a file that cannot be decoded breaks off before its own structure says it ends. It decides between two
 * reasons, `truncated` and `undecodable`, which lead people to different remedies: upload again, or export again.
 */
import type { ImageType } from '../../platform.ts'

/** Looks at the structure only; call it for bytes that a decoder has refused. */
export function breaksOff(bytes: Uint8Array, type: ImageType): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return checks[type](buffer)
  } catch (error) {
    // A length field lies outside what is there.
    if (error instanceof RangeError) return true
    throw error
  }
}

const checks: Record<ImageType, (bytes: Buffer) => boolean> = {
  'image/jpeg': jpegBreaksOff,
  'image/png': pngBreaksOff,
  'image/webp': (bytes) => bytes.readUInt32LE(4) + 8 > bytes.length,
  'image/gif': gifBreaksOff,
  'image/avif': boxesBreakOff,
  'image/heic': boxesBreakOff,
  'image/tiff': tiffBreaksOff,
}

/** Walks the segments to the scan (an EXIF thumbnail has an end marker of its own), then looks for the end marker. */
function jpegBreaksOff(bytes: Buffer): boolean {
  let at = 2
  while (bytes.readUInt8(at) === 0xff && bytes.readUInt8(at + 1) !== 0xda) at += 2 + bytes.readUInt16BE(at + 2)
  return bytes.indexOf(Buffer.from([0xff, 0xd9]), at) === -1
}

/** Walks the chunks; a type that is no four letters means damage on the way, not a missing end. */
function pngBreaksOff(bytes: Buffer): boolean {
  let at = 8
  for (let type = ''; type !== 'IEND'; ) {
    at += type === '' ? 0 : 12 + bytes.readUInt32BE(at)
    type = bytes.toString('latin1', at + 4, at + 8)
    if (type.length < 4) return true
    if (!/^[A-Za-z]{4}$/.test(type)) return false
  }
  return at + 12 > bytes.length
}

/** Walks extensions and images to the trailer; any other introducer means damage. */
function gifBreaksOff(bytes: Buffer): boolean {
  const colours = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let at = 13 + colours(bytes.readUInt8(10))
  const skipData = () => {
    while (bytes.readUInt8(at) !== 0) at += 1 + bytes.readUInt8(at)
    at += 1
  }
  for (let introducer = bytes.readUInt8(at); introducer !== 0x3b; introducer = bytes.readUInt8(at)) {
    if (introducer === 0x21) at += 2
    else if (introducer === 0x2c) at += 11 + colours(bytes.readUInt8(at + 9))
    else return false
    skipData()
  }
  return false
}

function boxesBreakOff(bytes: Buffer): boolean {
  let at = 0
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at)
    // 0: to the end of the file; 1: a 64-bit size follows the type.
    if (size === 0) return false
    // Never less than a header, or nonsense would keep us here for ever.
    at += Math.max(size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size, 8)
  }
  return at > bytes.length
}

/**
 * TIFF 6.0: whether the first directory, a value that it points to, or pixels lie outside the file. Tags 273 and 279 are
 * the strips' offsets and lengths, 324 and 325 the tiles'. BigTIFF is judged by its header.
 */
function tiffBreaksOff(bytes: Buffer): boolean {
  const little = bytes.readUInt8(0) === 0x49
  const uint16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const uint32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  if (uint16(2) === 43) return Number(little ? bytes.readBigUInt64LE(8) : bytes.readBigUInt64BE(8)) > bytes.length

  const values = new Map<number, { from: number; size: number; count: number }>()
  const directory = uint32(4)
  for (let entry = directory + 2; entry < directory + 2 + uint16(directory) * 12; entry += 12) {
    const [size, count] = [typeSizes[uint16(entry + 2)] ?? 1, uint32(entry + 4)]
    const from = size * count <= 4 ? entry + 8 : uint32(entry + 8)
    if (from + size * count > bytes.length) return true
    values.set(uint16(entry), { from, size, count })
  }
  const numbers = (tag: number): number[] => {
    const { from, size, count } = values.get(tag) ?? { from: 0, size: 4, count: 0 }
    const read = size === 2 ? uint16 : uint32
    return Array.from({ length: Math.min(count, 65_536) }, (_, n) => read(from + n * size))
  }
  const lengths = [...numbers(279), ...numbers(325)]
  return [...numbers(273), ...numbers(324)].some((offset, n) => offset + (lengths[n] ?? 0) > bytes.length)
}

/** Bytes of a value by its type's number, 1 (BYTE) to 12 (DOUBLE). */
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
