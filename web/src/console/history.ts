/** How the stream was: what was measured before the page was opened, and what the page has seen since. */
import { signal } from '@preact/signals'
import type { StreamHistory } from '../../../contract/stream-history-schemas.ts'
import type { StreamOverview } from '../../../contract/stream-schemas.ts'

export type Sample = {
  /** Epoch milliseconds. */
  readonly at: number
  /** Null where nobody looked. */
  readonly lag: number | null
  readonly rateIn: number | null
  readonly rateOut: number | null
  readonly quarantine: number | null
}

const keptMs = 10 * 60_000

/** The samples of the last ten minutes with a new one. Pure. */
export function withSample(samples: readonly Sample[], overview: StreamOverview): Sample[] {
  const at = Date.parse(overview.at)
  const sample = {
    at,
    lag: overview.lag,
    rateIn: overview.rate_in ?? null,
    rateOut: overview.rate_out ?? null,
    quarantine: overview.quarantine,
  }
  return [...samples.filter((one) => one.at > at - keptMs && one.at < at), sample]
}

/** Survives going to another view and back. */
export const live = signal<readonly Sample[]>([])

/** Where points are further apart than so many steps, the line is broken: nobody knows what was between. */
const gapSteps = 3

/** What was measured, then what was seen, with a break where nobody looked. Pure. */
export function joined(measured: StreamHistory | undefined, seen: readonly Sample[]): Sample[] {
  const before: Sample[] = (measured?.points ?? []).map((point) => ({
    at: Date.parse(point.at),
    lag: point.lag,
    rateIn: point.rate_in ?? null,
    rateOut: point.rate_out ?? null,
    quarantine: point.quarantine,
  }))
  const first = seen[0]?.at ?? Number.POSITIVE_INFINITY
  const all = [...before.filter(({ at }) => at < first), ...seen]
  const stepMs = (measured?.step_seconds ?? 60) * 1000
  return all.flatMap((sample, n) => {
    const last = all[n - 1]
    return last && sample.at - last.at > gapSteps * stepMs ? [nothingAt(last.at + 1), sample] : [sample]
  })
}

const nothingAt = (at: number): Sample => ({ at, lag: null, rateIn: null, rateOut: null, quarantine: null })
