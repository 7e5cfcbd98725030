/**
 * Whether an embedded profile says nothing but sRGB, which is what renditions are in anyway. Converting by such a profile
 * changes no pixel by more than rounding, yet costs as much CPU time as decoding. Pure.
 */
import { tagAt } from './profile-tags.ts'

/** sRGB's colorants adapted to D50, as its own profile has them (IEC 61966-2-1, ICC's registry). */
const colorants = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const
/** Profiles in use differ by 0.0004; half a level of 255 is 0.002. */
const colorantTolerance = 0.001
/** Of 255 levels: no more than rounding. Profiles that approximate the curve by a few points are converted as others are. */
const curveTolerance = 0.5

/**
 * @param icc an embedded profile; a damaged one says nothing
 * @returns true where it is an RGB profile of colorants and curves only, and both are sRGB's
 */
export function saysSrgb(icc: Buffer): boolean {
  try {
    if (icc.toString('latin1', 16, 24) !== 'RGB XYZ ') return false
    // Tables come before colorants and curves where a profile has both (ICC.1:2022, 8.3); ours could not be told from others.
    if (['A2B0', 'A2B1', 'A2B2', 'D2B0', 'D2B1', 'D2B2', 'D2B3'].some((tag) => tagAt(icc, tag) !== undefined))
      return false
    return (
      Object.entries(colorants).every(([tag, values]) => hasColorant(icc, tag, values)) &&
      // The three share one curve, as a rule.
      [...new Set(['rTRC', 'gTRC', 'bTRC'].map((tag) => tagAt(icc, tag)))].every((at) => hasCurve(icc, at))
    )
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return false
  }
}

/** ICC.1:2022, 10.31: XYZType. */
function hasColorant(icc: Buffer, tag: string, values: readonly number[]): boolean {
  const at = tagAt(icc, tag)
  if (at === undefined || icc.toString('latin1', at, at + 4) !== 'XYZ ') return false
  return values.every((value, n) => Math.abs(icc.readInt32BE(at + 8 + 4 * n) / 65536 - value) <= colorantTolerance)
}

function hasCurve(icc: Buffer, at: number | undefined): boolean {
  const curve = at === undefined ? undefined : curveAt(icc, at)
  if (!curve) return false
  return Array.from({ length: 256 }, (_, level) => Math.abs(encode(curve(level / 255)) * 255 - level)).every(
    (error) => error <= curveTolerance,
  )
}

/** sRGB's own curve, from linear light to what is stored. */
const encode = (linear: number): number => (linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055)

/** ICC.1:2022, 10.6 (a table of 16-bit values) and 10.18 (parameters; sRGB is of type 3). Other curves are not sRGB's. */
function curveAt(icc: Buffer, at: number): ((value: number) => number) | undefined {
  const type = icc.toString('latin1', at, at + 4)
  if (type === 'para' && icc.readUInt16BE(at + 8) === 3) {
    const [g, a, b, c, d] = [0, 1, 2, 3, 4].map((n) => icc.readInt32BE(at + 12 + 4 * n) / 65536) as FiveNumbers
    return (value) => (value >= d ? Math.max(0, a * value + b) ** g : c * value)
  }
  const points = type === 'curv' ? icc.readUInt32BE(at + 8) : 0
  if (points < 2) return undefined
  const point = (n: number) => icc.readUInt16BE(at + 12 + 2 * n) / 65535
  return (value) => {
    const place = value * (points - 1)
    const left = Math.min(Math.floor(place), points - 2)
    return point(left) + (point(left + 1) - point(left)) * (place - left)
  }
}

type FiveNumbers = [number, number, number, number, number]
