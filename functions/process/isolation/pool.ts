/**
 * Children that decode and encode images, kept warm, one image in each at a time. A child that ends costs its image
 * one more try in a fresh child; what happens there decides.
 */
import PQueue from 'p-queue'
import { type ImageType, limits as platformLimits } from '../../../platform.ts'
import { PoisonError } from '../../shared/errors.ts'
import { type ImageLimits, imageLimits, wallFactor } from '../limits.ts'
import type { ProcessedImage } from '../process-image.ts'
import { type Child, ChildEndedError, childEntry, startChild } from './child.ts'
import type { Answer, Made, Usage } from './messages.ts'

export type PoolOptions = {
  /** Children, and so images in work at the same time. */
  readonly size: number
  readonly limits?: ImageLimits
  /** Resident memory above which a child is ended. */
  readonly memoryBytes?: number
  /** Wall clock after which a child counts as stuck. */
  readonly wallSeconds?: number
  /** Module that a child runs; tests bring others. */
  readonly entry?: string
  /** Told what a child has used so far, after each of its images. */
  readonly onUsage?: (usage: Usage, pid: number | undefined) => void
}

export type Pool = {
  /**
   * Settles when the first child can take an image; rejects where it could not start. The others start after it: all at
   * once they would keep each other, and the function's start, waiting for the same few cores.
   */
  readonly ready: Promise<void>
  /**
   * @throws PoisonError when the image can never be processed, also where it ends its child; any other error is a fault
   *   of the code or of the machine, and says nothing about the image
   */
  processImage(bytes: Uint8Array, declared: ImageType): Promise<ProcessedImage>
  stop(): void
}

/** A failure of the processor's own code in its child; `cause` has the child's name and stack for it. */
export class ChildFaultError extends Error {
  override readonly name = 'ChildFaultError'
  readonly retriable = false
}

/** A child that holds more than this while idle is replaced: its allocator no longer gives back what images took. */
const idleBytes = 200 * 1024 * 1024
/** The child's own clock comes first, because its message says more; this one is for code that cannot be interrupted. */
const graceSeconds = 1

type Slot = { child: Child | undefined }

export function createPool({
  size,
  limits = imageLimits,
  memoryBytes = platformLimits.imageMemoryBytes,
  wallSeconds = limits.seconds * wallFactor,
  entry = childEntry,
  onUsage = () => {},
}: PoolOptions): Pool {
  let stopped = false
  const start = () => {
    if (stopped) throw new Error('The pool has been stopped')
    return startChild({ entry, memoryBytes })
  }
  const first = start()
  const slots = Array.from({ length: size }, (_, n): Slot => ({ child: n === 0 ? first : undefined }))
  const ready = first.ready.then(() => {
    if (!stopped) for (const slot of slots) slot.child ??= start()
  })
  ready.catch(() => {})
  // The first is taken first.
  const idle = slots.toReversed()
  const queue = new PQueue({ concurrency: size })

  async function inSlot(bytes: Uint8Array, declared: ImageType): Promise<ProcessedImage> {
    // There are as many slots as the queue lets through.
    const slot = idle.pop() as Slot
    try {
      if (!slot.child || slot.child.gone()) slot.child = start()
      return await attempt(slot.child).catch((error) => {
        if (!(error instanceof ChildEndedError)) throw error
        // A warm child may have been ended by what earlier images left behind, or from outside.
        slot.child = start()
        if (error.reason === 'time' || error.reason === 'stuck') throw verdict(error)
        return attempt(slot.child).catch((again) => {
          slot.child = start()
          throw again instanceof ChildEndedError ? verdict(again) : again
        })
      })
    } finally {
      idle.push(slot)
    }

    async function attempt(child: Child): Promise<ProcessedImage> {
      const { answer, body } = await child.run({ declared, limits }, bytes, {
        cpu: limits.seconds + graceSeconds,
        wall: wallSeconds + graceSeconds,
      })
      onUsage(answer.usage, child.pid)
      if (answer.usage.residentBytes > idleBytes) {
        child.stop()
        slot.child = start()
      }
      return imageOf(answer, body)
    }
  }

  /** What the end of a fresh child says about the one image that it had. */
  function verdict(error: ChildEndedError): Error {
    if (error.reason === 'time') {
      const message = `Processing took longer than ${limits.seconds} s; scale the image down and upload it again`
      return new PoisonError('too-slow', message, { cause: error })
    }
    if (error.reason === 'memory') {
      const message = `Processing took more than ${Math.round(memoryBytes / 1e6)} MB; scale the image down, or save it without interlacing or layers, and upload it again`
      return new PoisonError('too-much-memory', message, { cause: error })
    }
    if (error.reason === 'crash') {
      return new PoisonError('crashes-the-processor', 'Decoding this file ends the decoder', { cause: error })
    }
    return error
  }

  return {
    ready,
    processImage: (bytes, declared) => queue.add(() => inSlot(bytes, declared)),
    stop: () => {
      stopped = true
      for (const { child } of slots) child?.stop()
    },
  }
}

function imageOf(answer: Answer, body: Buffer): ProcessedImage {
  if (answer.type === 'made') return { metadata: answer.metadata, renditions: parted(answer, body) }
  if (answer.type === 'poison') throw new PoisonError(answer.code, answer.message)
  const { name, message, stack } = answer
  throw new ChildFaultError(`${name}: ${message}`, { cause: Object.assign(new Error(message), { name, stack }) })
}

function parted({ renditions }: Made, body: Buffer): ProcessedImage['renditions'] {
  let at = 0
  return renditions.map((rendition) => {
    const bytes = body.subarray(at, at + rendition.bytes)
    at += rendition.bytes
    return { ...rendition, bytes }
  })
}
