/** From the samples that were kept to the points of a chart. Pure. */
import type { StreamHistory } from '../../contract/stream-history-schemas.ts'
import { type HistorySpan, historySpans } from '../../platform.ts'

/** How the stream was at one moment. */
export type Sample = {
  /** Epoch milliseconds. */
  readonly at: number
  /** Counters that only grow: where `images` ends, and what the processor has committed of it. */
  readonly in: number
  readonly out: number
  readonly lag: number
  readonly quarantine: number
  readonly underReplicated: number
  /** Lag by partition, in their order. */
  readonly groups: readonly { readonly group: string; readonly topic: string; readonly lag: readonly number[] }[]
}

/** Where samples are further apart than so many steps, nobody measured: a rate across it would be made up. */
const gapSteps = 3

/**
 * One point for each step in which something was measured. Of several samples in a step the highest lag counts, so that
 * a short peak stays visible, and the last of everything else.
 * @param samples of any order; those outside of the span are left out
 * @param now epoch milliseconds, the end of the span
 * @param group its lag by partition is added
 */
export function pointsOf(
  samples: readonly Sample[],
  span: HistorySpan,
  now: number,
  group?: string,
): Pick<StreamHistory, 'points' | 'partitions'> {
  const { lengthMs, stepMs } = historySpans[span]
  const inSpan = samples.filter(({ at }) => at > now - lengthMs && at <= now).sort((a, b) => a.at - b.at)
  const steps = [...Map.groupBy(inSpan, ({ at }) => Math.floor(at / stepMs)).values()]
  const partitions = group === undefined ? undefined : partitionsOf(inSpan, group)
  const points = steps.map((step, n) => {
    const last = step.at(-1) as Sample
    const before = steps[n - 1]?.at(-1)
    const rate = (name: 'in' | 'out') => before && rateOf(before, last, name, stepMs)
    const [rateIn, rateOut] = [rate('in'), rate('out')]
    return {
      at: new Date(last.at).toISOString(),
      lag: Math.max(...step.map(({ lag }) => lag)),
      quarantine: last.quarantine,
      under_replicated: last.underReplicated,
      ...(rateIn !== undefined && { rate_in: rateIn }),
      ...(rateOut !== undefined && { rate_out: rateOut }),
      ...(partitions && { partitions: partitions.map((partition) => highestLag(step, group as string, partition)) }),
    }
  })
  return { points, ...(partitions && { partitions }) }
}

function rateOf(before: Sample, after: Sample, name: 'in' | 'out', stepMs: number): number | undefined {
  const seconds = (after.at - before.at) / 1000
  // A counter that fell is another one: the topic was made anew.
  if (seconds * 1000 > gapSteps * stepMs || after[name] < before[name]) return undefined
  return Math.round(((after[name] - before[name]) / seconds) * 1000) / 1000
}

type PartitionName = { readonly topic: string; readonly partition: number }

function partitionsOf(samples: readonly Sample[], group: string): PartitionName[] {
  const counts = new Map<string, number>()
  for (const { topic, lag } of samples.flatMap(({ groups }) => groups.filter((one) => one.group === group))) {
    counts.set(topic, Math.max(counts.get(topic) ?? 0, lag.length))
  }
  return [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  )
}

const highestLag = (step: readonly Sample[], group: string, { topic, partition }: PartitionName): number =>
  Math.max(
    0,
    ...step.flatMap(({ groups }) =>
      groups.filter((one) => one.group === group && one.topic === topic).map(({ lag }) => lag[partition] ?? 0),
    ),
  )
