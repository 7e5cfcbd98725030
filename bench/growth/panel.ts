/** What every measurement of growth gives: a curve to draw, with the least and the most of all rounds at each point. */
import type { Summary } from '../contest.ts'

export type Panel = {
  /** Label of the horizontal axis: what is made larger. */
  readonly of: string
  /** Label of the vertical axis, with its unit. */
  readonly what: string
  readonly points: readonly { readonly x: number; readonly value: Summary }[]
  /** Where a line is drawn that the curve should keep above. */
  readonly goal?: number
  /** For axes whose points lie far apart. */
  readonly logarithmic?: boolean
}

export type Grow = (progress: (text: string) => void) => Promise<readonly Panel[]>

/** Rounds after one to warm up. */
export const rounds = 3
