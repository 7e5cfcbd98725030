/** Profiles that say nothing but sRGB are told from all others; only for them are pixels taken as they are. */
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { imageLimits } from '../../../functions/process/limits.ts'
import { openImage, toPixels } from '../../../functions/process/loaders.ts'
import { tagAt } from '../../../functions/process/profile-tags.ts'
import { saysSrgb } from '../../../functions/process/srgb.ts'
import { original } from '../../support/corpus/originals.ts'

let photo: Buffer
let srgb: Buffer
let p3: Buffer
const profileOf = async (bytes: Buffer) => (await sharp(bytes).metadata()).icc as Buffer
const withProfile = async (profile: string) =>
  sharp(await original('chelsea.png'))
    .withIccProfile(profile)
    .jpeg()
    .toBuffer()

beforeAll(async () => {
  photo = await withProfile('srgb')
  srgb = await profileOf(photo)
  p3 = await profileOf(await withProfile('p3'))
})

/** The profile with one thing changed at a tag. */
const changed = (tag: string, change: (profile: Buffer, at: number) => void) => {
  const copy = Buffer.from(srgb)
  change(copy, tagAt(copy, tag) as number)
  return copy
}

describe('saysSrgb', () => {
  it("knows sRGB's profile, and no other", () => {
    expect(saysSrgb(srgb)).toBe(true)
    expect(saysSrgb(p3)).toBe(false)
  })

  it.each(['rXYZ', 'gXYZ', 'bXYZ'])('asks for the colorant %s', (tag) => {
    expect(
      saysSrgb(changed(tag, (profile, at) => profile.writeInt32BE(profile.readInt32BE(at + 8) + 200, at + 8))),
    ).toBe(false)
  })

  it('asks for the curve, and knows it written as parameters too', () => {
    const parameters = (gamma: number) =>
      changed('rTRC', (profile, at) => {
        profile.write('para', at, 'latin1')
        profile.writeUInt16BE(3, at + 8)
        const values = [gamma, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
        for (const [n, value] of values.entries()) profile.writeInt32BE(Math.round(value * 65536), at + 12 + 4 * n)
      })
    expect(saysSrgb(parameters(2.4))).toBe(true)
    expect(saysSrgb(parameters(2.2))).toBe(false)
    // One value: a plain gamma.
    expect(saysSrgb(changed('rTRC', (profile, at) => profile.writeUInt32BE(1, at + 8)))).toBe(false)
  })

  it('does not take a profile with tables for sRGB, whatever its colorants are', () => {
    const tables = Buffer.from(srgb)
    for (let entry = 132; entry < 132 + 12 * tables.readUInt32BE(128); entry += 12) {
      if (tables.toString('latin1', entry, entry + 4) === 'cprt') tables.write('A2B0', entry, 'latin1')
    }
    expect(saysSrgb(tables)).toBe(false)
  })

  it('does not take a profile that is cut off for sRGB, unless only its end is missing', () => {
    for (let length = 0; length < (tagAt(srgb, 'bXYZ') as number); length += 5) {
      expect(saysSrgb(srgb.subarray(0, length))).toBe(false)
    }
  })

  it('says yes only where the conversion that is left out changes no pixel by more than a level', async () => {
    const [converted, taken] = await Promise.all(
      [false, true].map((ignoreIcc) => toPixels(openImage(photo, imageLimits, { ignoreIcc }))),
    )
    const differences = converted?.data.map((value, n) => Math.abs(value - (taken?.data[n] ?? Number.NaN)))
    expect(Math.max(...new Set(differences))).toBeLessThanOrEqual(1)
  })
})
