/**
 * Tells an image's type from its first bytes, for exactly the types that may be uploaded. General detectors know
 * hundreds of formats and search past leading junk; here anything that does not start as the format's own
 * specification says is no image at all.
 */
import type { ImageType } from '../../platform.ts'

/** As many leading bytes as `sniffImageType` looks at: an AVIF or HEIC file lists its brands in up to this many. */
export const sniffLength = 256

/**
 * @param bytes the start of the file, `sniffLength` bytes or more (fewer where the file is shorter)
 * @returns the type, or undefined where these bytes do not start one of the accepted formats
 */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  return signatures.find(({ matches }) => matches(bytes))?.type
}

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
const startsWith = (bytes: Uint8Array, ...expected: number[]) => expected.every((byte, n) => bytes[n] === byte)
const uint32 = (bytes: Uint8Array, at: number) => Buffer.from(bytes.subarray(at, at + 4)).readUInt32BE()

const signatures: readonly { type: ImageType; matches: (bytes: Uint8Array) => boolean }[] = [
  { type: 'image/jpeg', matches: isJpeg },
  { type: 'image/png', matches: isPng },
  { type: 'image/webp', matches: isWebp },
  { type: 'image/gif', matches: isGif },
  { type: 'image/avif', matches: isAvif },
  { type: 'image/heic', matches: isHeic },
  { type: 'image/tiff', matches: isTiff },
]

/** Start of image, then a marker that may follow it: a frame, a table, an application segment or a comment. */
function isJpeg(bytes: Uint8Array) {
  const marker = bytes[3] ?? 0
  const mayFollow = (marker >= 0xc0 && marker <= 0xcf) || marker === 0xdb || marker === 0xdd || marker >= 0xe0
  return startsWith(bytes, 0xff, 0xd8, 0xff) && mayFollow
}

/** The signature, then an IHDR chunk of 13 bytes, which must come first. */
function isPng(bytes: Uint8Array) {
  return (
    bytes.length >= 33 &&
    startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) &&
    uint32(bytes, 8) === 13 &&
    ascii(bytes, 12, 16) === 'IHDR'
  )
}

function isWebp(bytes: Uint8Array) {
  return ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP' && /^VP8[ LX]$/.test(ascii(bytes, 12, 16))
}

/** Version, then a logical screen of 7 bytes. */
function isGif(bytes: Uint8Array) {
  return bytes.length >= 13 && /^GIF8[79]a$/.test(ascii(bytes, 0, 6))
}

/** An ISO base media file whose brands include AVIF's. */
function isAvif(bytes: Uint8Array) {
  return brandsOf(bytes).some((brand) => brand === 'avif' || brand === 'avis')
}

/**
 * The same container with HEVC in it (ISO/IEC 23008-12, annex B), or with the general brand for still images only,
 * under which some phones write; what is in it shows when the header is read.
 */
function isHeic(bytes: Uint8Array) {
  return brandsOf(bytes).some((brand) => /^(hei[cxms]|hev[cx]|mif1)$/.test(brand))
}

/** Major brand first; none where this is no ISO base media file. */
function brandsOf(bytes: Uint8Array): string[] {
  if (bytes.length < 16 || ascii(bytes, 4, 8) !== 'ftyp') return []
  const size = uint32(bytes, 0)
  if (size < 16 || size > sniffLength || size % 4 !== 0) return []
  const brands = ascii(bytes, 8, 12) + ascii(bytes, 16, size)
  return brands.match(/.{4}/gs) ?? []
}

/** Byte order, magic number (42, or 43 for BigTIFF). Canon's raw files say so at byte 8 and are not meant. */
function isTiff(bytes: Uint8Array) {
  const order = [
    [0x49, 0x49, 0x2a, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a],
    [0x49, 0x49, 0x2b, 0x00],
    [0x4d, 0x4d, 0x00, 0x2b],
  ]
  return bytes.length >= 8 && order.some((magic) => startsWith(bytes, ...magic)) && ascii(bytes, 8, 10) !== 'CR'
}
