/** What every measurement of `npm run bench` takes and gives. */
import type { Summary } from './contest.ts'

export type MeasureOptions = {
  /** Images a round, where a measurement works on images. */
  readonly images: number
  /** Rounds after one to warm up. */
  readonly rounds: number
  /** Requests in flight. */
  readonly concurrency: number
  /** Says how far it is. */
  readonly progress: (text: string) => void
}

/** `×` is a ratio of speed, ours against theirs: 1 is as fast. `× as long` is its inverse. */
export type Unit = '×' | '× as long' | 'ms' | 's' | 'MB' | 'a second' | 'CPU ms'

export type Figure = {
  readonly what: string
  readonly value: Summary
  readonly unit: Unit
  /** What the median must reach. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
}

/** A measurement that could not be made here, and why. */
export type Skipped = { readonly what: string; readonly because: string }

/** A measurement that broke off: the others go on, and the run ends with 1. */
export type Failed = { readonly what: string; readonly failure: string }

export type Row = Figure | Skipped | Failed

export type Measure = (options: MeasureOptions) => Promise<readonly (Figure | Skipped)[]>

export const isSkipped = (row: Row): row is Skipped => 'because' in row
export const isFailed = (row: Row): row is Failed => 'failure' in row

/** Whether a figure is as good as it must be. */
export function reached({ value, goal }: Figure): boolean {
  if (!goal) return true
  return 'atLeast' in goal ? value.median >= goal.atLeast : value.median <= goal.atMost
}
