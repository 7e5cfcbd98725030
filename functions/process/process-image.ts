/** From an original's bytes to its renditions and metadata. Knows nothing of Kafka, S3 or DynamoDB. */
import type { ImageType } from '../../platform.ts'
import { PoisonError } from '../shared/errors.ts'
import type { ImageMetadata } from '../shared/image.ts'
import { startClock, within } from './clock.ts'
import { describe } from './describe.ts'
import { decodeHeicInThread } from './heic/in-thread.ts'
import { inspect, undecodable } from './inspect.ts'
import type { ImageLimits } from './limits.ts'
import type { PreparedRecipe } from './prepare.ts'
import { type MadeRendition, makeRenditions, type Original } from './renditions.ts'

export type ProcessedImage = { readonly metadata: ImageMetadata; readonly renditions: readonly MadeRendition[] }

/**
 * @param declared the content type under which the image was accepted
 * @throws PoisonError when the image can never be processed; its code says why
 */
export async function processImage(
  bytes: Uint8Array,
  declared: ImageType,
  { recipe, limits }: { recipe: PreparedRecipe; limits: ImageLimits },
): Promise<ProcessedImage> {
  const header = await inspect(bytes, declared, limits)
  const clock = startClock(limits.seconds, () => tooSlow(limits.seconds))
  const work = async () => {
    const original = { bytes, header, limits }
    const readable = header.type === 'image/heic' ? await fromHeic(original, clock.signal) : original
    const { base, renditions } = await makeRenditions(readable, recipe)
    return { metadata: await describe(readable.header, base), renditions }
  }
  try {
    return await within(clock, work())
  } catch (cause) {
    if (cause instanceof PoisonError) throw cause
    throw undecodable(bytes, header.type, cause)
  } finally {
    clock.stop()
  }
}

/** The same picture as a file that libvips reads. Its size counts, where a damaged header tells another. */
async function fromHeic({ bytes, header, limits }: Original, signal: AbortSignal): Promise<Original> {
  const options = { pixels: limits.pixels, alpha: header.hasAlpha, icc: header.icc }
  const { tiff, width, height } = await decodeHeicInThread(bytes, options, signal)
  return { bytes: tiff, header: { ...header, width, height }, limits }
}

const tooSlow = (seconds: number) =>
  new PoisonError('too-slow', `Processing took longer than ${seconds} s; scale the image down and upload it again`)
