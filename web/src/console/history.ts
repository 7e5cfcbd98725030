/** What the overview has seen since the page was opened. */
import { signal } from '@preact/signals'
import type { StreamOverview } from '../../../contract/stream-schemas.ts'

export type Sample = { readonly at: number; readonly lag: number; readonly rateIn: number; readonly rateOut: number }

const keptMs = 10 * 60_000

/** The samples of the last ten minutes with a new one. Pure. */
export function withSample(samples: readonly Sample[], overview: StreamOverview): Sample[] {
  const at = Date.parse(overview.at)
  const sample = { at, lag: overview.lag, rateIn: overview.rate_in ?? 0, rateOut: overview.rate_out ?? 0 }
  return [...samples.filter((one) => one.at > at - keptMs && one.at < at), sample]
}

/** Survives going to another view and back. */
export const history = signal<readonly Sample[]>([])
