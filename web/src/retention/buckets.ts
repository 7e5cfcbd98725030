/** Runs gathered by hour or day, for the chart. Pure. */
import type { PurgeRun } from '../../../contract/schemas.ts'

const hour = 3_600_000
const day = 24 * hour

export type Buckets = {
  readonly unit: 'hour' | 'day'
  /** Beginnings of the buckets, epoch milliseconds, without gaps. */
  readonly starts: readonly number[]
  readonly images: readonly number[]
}

/** At least the last day by hours; by days where the runs go back further than two. */
export function bucketsOf(runs: readonly PurgeRun[], now: number): Buckets {
  const times = runs.map(({ started_at }) => Date.parse(started_at))
  const oldest = Math.min(now - day + hour, ...times)
  const unit = now - oldest > 2 * day ? 'day' : 'hour'
  const length = unit === 'day' ? day : hour
  const first = Math.floor(oldest / length) * length
  const count = Math.floor((now - first) / length) + 1
  const starts = Array.from({ length: count }, (_, n) => first + n * length)
  const images = starts.map((start) =>
    runs.reduce((sum, run, n) => {
      const at = times[n] ?? 0
      return at >= start && at < start + length ? sum + run.images : sum
    }, 0),
  )
  return { unit, starts, images }
}
