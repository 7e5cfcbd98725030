/** What an image's colours mean: the name of its colour space, and whether sRGB would be too small for it. Pure. */
import { parse } from 'icc'

export type Colour = {
  readonly name: string
  /** RGB whose primaries span clearly more than sRGB's (Display P3, Adobe RGB, ProPhoto, …). */
  readonly wideGamut: boolean
}

/**
 * @param space libvips' interpretation of the pixels
 * @param icc the embedded profile, if any; a damaged one counts as none, as it does for libvips
 */
export function colourOf(space: string, icc: Buffer | undefined): Colour {
  const plain = spaceNames[space] ?? space
  if (!icc || plain !== 'sRGB') return { name: plain, wideGamut: false }
  const ratio = gamutRatio(icc)
  if (ratio === undefined) return { name: plain, wideGamut: false }
  const wideGamut = ratio > 1.1
  return { name: wellKnownName(icc) ?? (wideGamut ? 'wide-gamut RGB' : 'RGB'), wideGamut }
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
  try {
    const { description = '' } = parse(icc)
    return wellKnown.find(([pattern]) => pattern.test(description))?.[1]
  } catch {
    return undefined
  }
}

/** The triangle that the profile's primaries span in xy, against sRGB's; undefined where it has none. */
function gamutRatio(icc: Buffer): number | undefined {
  try {
    const [red, green, blue] = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => chromaticity(icc, tag))
    return red && green && blue ? triangle(red, green, blue) / srgbArea : undefined
  } catch {
    // Offsets that point outside the profile.
    return undefined
  }
}

type Point = readonly [x: number, y: number]

const triangle = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point) =>
  Math.abs(ax * (by - cy) + bx * (cy - ay) + cx * (ay - by)) / 2

/** sRGB's primaries as its ICC profile has them, adapted to D50. */
const srgbArea = triangle([0.6485, 0.3309], [0.3212, 0.5978], [0.1559, 0.066])

/** ICC.1:2022, 7.3: tag count at byte 128, then 12 bytes a tag (signature, offset, size); 10.31: XYZType. */
function chromaticity(icc: Buffer, tag: string): Point | undefined {
  const tags = Math.min(icc.readUInt32BE(128), 100)
  for (let n = 0; n < tags; n += 1) {
    const entry = 132 + n * 12
    if (icc.toString('latin1', entry, entry + 4) !== tag) continue
    const at = icc.readUInt32BE(entry + 4) + 8
    const [x, y, z] = [icc.readInt32BE(at), icc.readInt32BE(at + 4), icc.readInt32BE(at + 8)]
    const sum = x + y + z
    return sum > 0 ? [x / sum, y / sum] : undefined
  }
  return undefined
}
