/** What the processor and its child say to each other, each in one frame (`functions/shared/frames.ts`). */
import type { ImageType } from '../../../platform.ts'
import type { PoisonCode } from '../../shared/errors.ts'
import type { ImageMetadata } from '../../shared/image.ts'
import type { ImageLimits } from '../limits.ts'
import type { MadeRendition } from '../renditions.ts'

/** File descriptor of the channel in the child. */
export const channelDescriptor = 3

/** The image's bytes are the frame's body. */
export type Job = { readonly declared: ImageType; readonly limits: ImageLimits }

/** What the child has used, over all its images. */
export type Usage = {
  /** Milliseconds of CPU time, all threads. */
  readonly cpuMs: number
  readonly residentBytes: number
}

/** The renditions' bytes are the frame's body, one behind the other. */
export type Made = {
  readonly type: 'made'
  readonly metadata: ImageMetadata
  readonly renditions: readonly (Omit<MadeRendition, 'bytes'> & { readonly bytes: number })[]
  readonly usage: Usage
}
/** The image can never be processed. */
export type Poison = {
  readonly type: 'poison'
  readonly code: PoisonCode
  readonly message: string
  readonly usage: Usage
}
/** The code failed, not the image. */
export type Fault = {
  readonly type: 'fault'
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly usage: Usage
}
export type Ready = { readonly type: 'ready' }
export type Answer = Made | Poison | Fault
