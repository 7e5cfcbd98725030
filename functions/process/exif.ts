/**
 * The few EXIF tags that are recorded. Libraries read every tag that a file claims to have, and a block of 64 kB can
 * claim gigabytes; this reads only what is wanted, a bounded number of entries of bounded length. Pure.
 */
import type { ImageMetadata } from '../shared/image.ts'

/** Tag numbers of Exif 2.32, 4.6. */
const tags = {
  make: 0x010f,
  model: 0x0110,
  exif: 0x8769,
  gps: 0x8825,
  dateTimeOriginal: 0x9003,
  dateTimeDigitized: 0x9004,
  gpsLatitude: 0x0002,
  gpsLongitude: 0x0004,
} as const

/** What fits a column of a notebook. */
const longestText = 64
/** Cameras write some dozens of entries in a directory. */
const mostEntries = 512

type Told = Pick<ImageMetadata, 'camera' | 'capturedAt' | 'hasGps'>

/**
 * Camera, time of capture and whether there is a position. Damaged EXIF counts as none: the pixels may be fine.
 * @param exif a TIFF structure, with or without `Exif\0\0` in front
 */
export function readExif(exif: Buffer | undefined, xmp: string | undefined): Told {
  const gpsInXmp = /GPSL(atitude|ongitude)/.test(xmp ?? '')
  try {
    return exif ? told(exif, gpsInXmp) : { hasGps: gpsInXmp }
  } catch (error) {
    // An offset points outside the block.
    if (error instanceof RangeError) return { hasGps: gpsInXmp }
    throw error
  }
}

function told(exif: Buffer, gpsInXmp: boolean): Told {
  const block = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif
  const little = block.toString('latin1', 0, 2) === 'II'
  const uint16 = (at: number) => (little ? block.readUInt16LE(at) : block.readUInt16BE(at))
  const uint32 = (at: number) => (little ? block.readUInt32LE(at) : block.readUInt32BE(at))
  // BigTIFF has another layout, and cameras do not write it.
  if (uint16(2) !== 42) return { hasGps: gpsInXmp }

  /** Where the entries of a directory are, by tag. */
  const directory = (at: number | undefined): Map<number, number> => {
    if (at === undefined) return new Map()
    const count = Math.min(uint16(at), mostEntries)
    return new Map(Array.from({ length: count }, (_, n) => [uint16(at + 2 + n * 12), at + 2 + n * 12]))
  }
  const offset = (entry: number | undefined) => (entry === undefined ? undefined : uint32(entry + 8))
  const text = (entry: number | undefined): string | undefined => {
    if (entry === undefined || uint16(entry + 2) !== 2) return undefined
    const length = uint32(entry + 4)
    const from = length <= 4 ? entry + 8 : uint32(entry + 8)
    return plainText(block.toString('utf8', from, from + Math.min(length, longestText)))
  }

  const main = directory(uint32(4))
  const photo = directory(offset(main.get(tags.exif)))
  const gps = directory(offset(main.get(tags.gps)))
  const make = text(main.get(tags.make))
  const model = text(main.get(tags.model))
  const capturedAt = localTime(text(photo.get(tags.dateTimeOriginal)) ?? text(photo.get(tags.dateTimeDigitized)))
  return {
    ...((make || model) && { camera: { ...(make && { make }), ...(model && { model }) } }),
    ...(capturedAt && { capturedAt }),
    hasGps: gpsInXmp || gps.has(tags.gpsLatitude) || gps.has(tags.gpsLongitude),
  }
}

/** Texts end at a NUL and may hold anything. */
export function plainText(value: string): string | undefined {
  const text = value
    .replace(/\0.*$/s, '')
    .replace(/[\p{C}\uFFFD]/gu, '')
    .trim()
  return text === '' ? undefined : text
}

/** `2026:05:17 09:41:30`, without zone. */
function localTime(text: string | undefined): string | undefined {
  const [, year, month, day, time] = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? '') ?? []
  if (!year) return undefined
  const iso = `${year}-${month}-${day}T${time}`
  // Also refuses days that no month has: parsing would carry them over into the next.
  const parsed = new Date(`${iso}Z`)
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 19) !== iso ? undefined : iso
}
