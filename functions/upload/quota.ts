/**
 * Whether a person may keep one more image. The use is measured by reading the person's index, because a counter would
 * cost a write with each upload, and would have to be right for ever. A measurement is relied upon for a while; in that
 * time this process counts what it accepts itself, but not what its siblings accept, nor what is erased. So a person can
 * go beyond the quota by what the other processes take in until they measure anew: seconds, where the quota is near.
 */
import { quota as platformQuota, quotaMeasure } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import { forgetOldest } from '../shared/forget-oldest.ts'

export type Amount = { readonly images: number; readonly bytes: number }

/** @throws RequestError 403 `quota-exceeded`, before anything is stored */
export type Admit = (ownerId: string, bytes: number, images?: number) => Promise<void>

type Measured = { images: number; bytes: number; readonly at: number }

/** People whose use is remembered at once. */
const remembered = 1_000

export function createQuota(
  measure: (ownerId: string) => Promise<Amount>,
  clock: () => number,
  quota: Amount = platformQuota,
): Admit {
  const known = new Map<string, Measured>()

  async function useOf(ownerId: string): Promise<Measured> {
    const last = known.get(ownerId)
    if (last && clock() - last.at < holdsFor(last, quota)) return last
    const use = { ...(await measure(ownerId)), at: clock() }
    known.delete(ownerId)
    known.set(ownerId, use)
    forgetOldest(known, remembered)
    return use
  }

  return async (ownerId, bytes, images = 1) => {
    const fits = (use: Measured) => use.images + images <= quota.images && use.bytes + bytes <= quota.bytes
    let use = await useOf(ownerId)
    if (!fits(use) && clock() - use.at >= quotaMeasure.refusalMs) {
      known.delete(ownerId)
      use = await useOf(ownerId)
    }
    if (!fits(use)) throw exceeded(use, quota)
    use.images += images
    use.bytes += bytes
  }
}

const holdsFor = (use: Amount, quota: Amount): number =>
  Math.max(use.images / quota.images, use.bytes / quota.bytes) < quotaMeasure.carefulFrom
    ? quotaMeasure.relaxedMs
    : quotaMeasure.carefulMs

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

const exceeded = (use: Amount, quota: Amount) =>
  new RequestError(
    403,
    'quota-exceeded',
    `You keep ${use.images} of ${quota.images} images and ${gigabytes(use.bytes)} of ${gigabytes(quota.bytes)}`,
    { hint: 'Erase some that you no longer need, or wait until the oldest are purged.' },
  )
