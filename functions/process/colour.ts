/** What an image's colours mean: the name of its colour space, and whether sRGB would be too small for it. Pure. */
import { tagAt } from './profile-tags.ts'
import { saysSrgb } from './srgb.ts'

export type Colour = {
  readonly name: string
  /** RGB whose primaries span clearly more than sRGB's (Display P3, Adobe RGB, ProPhoto, …). */
  readonly wideGamut: boolean
  /** RGB whose profile asks for no conversion to sRGB: it is sRGB's. */
  readonly needsNoProfile: boolean
}

/**
 * @param space libvips' interpretation of the pixels
 * @param icc the embedded profile, if any; a damaged one counts as none, as it does for libvips
 */
export function colourOf(space: string, icc: Buffer | undefined): Colour {
  const plain = spaceNames[space] ?? space
  const unmanaged = { name: plain, wideGamut: false, needsNoProfile: false }
  if (!icc || plain !== 'sRGB') return unmanaged
  const ratio = gamutRatio(icc)
  if (ratio === undefined) return unmanaged
  const wideGamut = ratio > 1.1
  return {
    name: wellKnownName(icc) ?? (wideGamut ? 'wide-gamut RGB' : 'RGB'),
    wideGamut,
    needsNoProfile: saysSrgb(icc),
  }
}

const spaceNames: Record<string, string> = {
  srgb: 'sRGB',
  rgb: 'sRGB',
  rgb16: 'sRGB',
  scrgb: 'sRGB',
  'b-w': 'Greyscale',
  grey16: 'Greyscale',
  cmyk: 'CMYK',
  lab: 'CIELAB',
  labs: 'CIELAB',
}

/** Profiles made by calibration carry names of people's screens, so only names that everybody's profile has count. */
const wellKnown: readonly [RegExp, string][] = [
  [/display p3/i, 'Display P3'],
  [/adobe rgb/i, 'Adobe RGB (1998)'],
  [/prophoto|romm/i, 'ProPhoto RGB'],
  [/(rec\.? ?|bt\.? ?)2020/i, 'Rec. 2020'],
  [/dci.?p3/i, 'DCI-P3'],
  [/srgb/i, 'sRGB'],
]

function wellKnownName(icc: Buffer): string | undefined {
  const description = describedAs(icc) ?? ''
  return wellKnown.find(([pattern]) => pattern.test(description))?.[1]
}

/** The start of the profile's description. ICC.1:2022, 10.15 (multi-localised Unicode); ICC.1:2001, 6.5.17 (ASCII). */
function describedAs(icc: Buffer): string | undefined {
  try {
    const at = tagAt(icc, 'desc')
    if (at === undefined) return undefined
    if (icc.toString('latin1', at, at + 4) === 'desc') return icc.toString('latin1', at + 12, at + 76)
    const text = icc.subarray(at + icc.readUInt32BE(at + 24))
    return Buffer.from(text.subarray(0, Math.min(icc.readUInt32BE(at + 20), 128) & ~1))
      .swap16()
      .toString('utf16le')
  } catch (error) {
    return unlessOutside(error)
  }
}

/** The triangle that the profile's primaries span in xy, against sRGB's; undefined where it has none. */
function gamutRatio(icc: Buffer): number | undefined {
  try {
    const [red, green, blue] = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => chromaticity(icc, tag))
    return red && green && blue ? triangle(red, green, blue) / srgbArea : undefined
  } catch (error) {
    return unlessOutside(error)
  }
}

/** A damaged profile has offsets that point outside it; it tells nothing then. */
function unlessOutside(error: unknown): undefined {
  if (!(error instanceof RangeError)) throw error
}

type Point = readonly [x: number, y: number]

const triangle = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point) =>
  Math.abs(ax * (by - cy) + bx * (cy - ay) + cx * (ay - by)) / 2

/** sRGB's primaries as its ICC profile has them, adapted to D50. */
const srgbArea = triangle([0.6485, 0.3309], [0.3212, 0.5978], [0.1559, 0.066])

/** ICC.1:2022, 10.31: XYZType. */
function chromaticity(icc: Buffer, tag: string): Point | undefined {
  const at = tagAt(icc, tag)
  if (at === undefined) return undefined
  const [x, y, z] = [icc.readInt32BE(at + 8), icc.readInt32BE(at + 12), icc.readInt32BE(at + 16)]
  const sum = x + y + z
  return sum > 0 ? [x / sum, y / sum] : undefined
}
