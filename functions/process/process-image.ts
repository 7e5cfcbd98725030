/** From an original's bytes to its renditions and metadata. Knows nothing of Kafka, S3 or DynamoDB. */
import type { ImageType } from '../../platform.ts'
import { PoisonError } from '../shared/errors.ts'
import type { ImageMetadata } from '../shared/image.ts'
import { describe } from './describe.ts'
import { inspect, undecodable } from './inspect.ts'
import type { ImageLimits } from './limits.ts'
import type { PreparedRecipe } from './prepare.ts'
import { type MadeRendition, makeRenditions } from './renditions.ts'

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
    const { base, renditions } = await makeRenditions({ bytes, header, limits }, recipe)
    return { metadata: await describe(header, base), renditions }
  }
  return withClock(work(), limits.seconds).catch((cause) => {
    if (cause instanceof PoisonError) throw cause
    // sharp's own clock stops a pipeline at the same limit, with an error like any other.
    if (performance.now() - started >= limits.seconds * 1000) throw tooSlow(limits.seconds)
    throw undecodable(bytes, header.type, cause)
  })
}

const tooSlow = (seconds: number) =>
  new PoisonError('too-slow', `Processing took longer than ${seconds} s; scale the image down and upload it again`)

/** An encoder that cannot be interrupted goes on in its thread; nobody waits for it any more. */
function withClock<T>(work: Promise<T>, seconds: number): Promise<T> {
  const clock = Promise.withResolvers<never>()
  const timer = setTimeout(() => clock.reject(tooSlow(seconds)), seconds * 1000)
  return Promise.race([work, clock.promise]).finally(() => clearTimeout(timer))
}
