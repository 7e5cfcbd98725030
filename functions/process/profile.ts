/**
 * The one colour profile that renditions may carry. Where an image's own profile is damaged so that nothing can be
 * converted from it, sharp leaves it in the result instead of ours: whatever its owner wrote into it would be published.
 */
import sharp from 'sharp'

let displayP3: Promise<Buffer | undefined> | undefined

/** sharp's own Display P3, as it writes it. */
const ourProfile = (): Promise<Buffer | undefined> => {
  displayP3 ??= sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .withIccProfile('p3')
    .png()
    .toBuffer()
    .then(profileOf)
  return displayP3
}

const profileOf = async (bytes: Uint8Array): Promise<Buffer | undefined> => (await sharp(bytes).metadata()).icc

/** Whether an encoded rendition carries a profile that came out of a file. */
export async function hasForeignProfile(bytes: Uint8Array): Promise<boolean> {
  const [found, ours] = await Promise.all([profileOf(bytes), ourProfile()])
  return found !== undefined && ours !== undefined && !found.equals(ours)
}
