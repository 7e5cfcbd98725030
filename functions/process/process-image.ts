/** From an original's bytes to its renditions and metadata. Knows nothing of Kafka, S3 or DynamoDB. */
import type { ImageType } from '../../platform.ts'
import { PoisonError } from '../shared/errors.ts'
import type { ImageMetadata } from '../shared/image.ts'
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
  const started = performance.now()
  const work = async () => {
    const original = { bytes, header, limits }
    const readable = header.type === 'image/heic' ? await fromHeic(original) : original
    const { base, renditions } = await makeRenditions(readable, recipe)
    return { metadata: await describe(readable.header, base), renditions }
  }
  return withClock(work(), limits.seconds).catch((cause) => {
    if (cause instanceof PoisonError) throw cause
    // sharp's own clock stops a pipeline at the same limit, with an error like any other.
    if (performance.now() - started >= limits.seconds * 1000) throw tooSlow(limits.seconds)
    throw undecodable(bytes, header.type, cause)
  })
}

/** The same picture as a file that libvips reads. Its size counts, where a damaged header tells another. */
async function fromHeic({ bytes, header, limits }: Original): Promise<Original> {
  const options = { pixels: limits.pixels, alpha: header.hasAlpha, icc: header.icc }
  const clock = AbortSignal.timeout(limits.seconds * 1000)
  const { tiff, width, height } = await decodeHeicInThread(bytes, options, clock)
  return { bytes: tiff, header: { ...header, width, height }, limits }
}

const tooSlow = (seconds: number) =>
  new PoisonError('too-slow', `Processing took longer than ${seconds} s; scale the image down and upload it again`)

/** An encoder that cannot be interrupted goes on in its thread; nobody waits for it any more. */
function withClock<T>(work: Promise<T>, seconds: number): Promise<T> {
  const clock = Promise.withResolvers<never>()
  const timer = setTimeout(() => clock.reject(tooSlow(seconds)), seconds * 1000)
  return Promise.race([work, clock.promise]).finally(() => clearTimeout(timer))
}
