/** The lag of a group over time, partition by partition. */
import { useMemo } from 'preact/hooks'
import type { StreamHistory } from '../../../contract/stream-history-schemas.ts'
import type { ConsoleApi } from './api.ts'
import { type Line, LineChart } from './LineChart.tsx'
import { useLive } from './live.ts'
import { Spans, useSpan } from './Spans.tsx'
import { words } from './text.ts'

const { group: own } = words
const paceMs = 30_000
/** More lines than this nobody tells apart; those with the most lag are shown. */
const linesShown = 12

export function GroupChart({ api, group, lag }: { api: ConsoleApi; group: string; lag: number }) {
  const [span, setSpan] = useSpan()
  const { value } = useLive(() => api.history(span, group), paceMs, `history ${span} ${group}`)
  const times = useMemo(() => (value?.points ?? []).map(({ at }) => Date.parse(at)), [value])
  const lines = useMemo(() => linesOf(value), [value])
  const all = value?.partitions?.length ?? 0
  return (
    <LineChart
      title={own.chart}
      lead={all > linesShown ? own.chartMost(linesShown, all) : own.chartLead}
      label={own.chartLabel(lag)}
      times={times}
      lines={lines}
      actions={<Spans value={span} set={setSpan} />}
    />
  )
}

/** Colours around the wheel, light enough for a dark ground and dark enough for a light one. */
const colourOf = (n: number, of: number) =>
  `light-dark(oklch(0.55 0.15 ${Math.round((360 * n) / of + 40)}), oklch(0.76 0.13 ${Math.round((360 * n) / of + 40)}))`

function linesOf(history: StreamHistory | undefined): Line[] {
  const { partitions = [], points = [] } = history ?? {}
  const topics = new Set(partitions.map(({ topic }) => topic))
  const most = partitions
    .map(({ topic, partition }, n) => ({
      name: topics.size > 1 ? `${topic}-${partition}` : String(partition),
      values: points.map((point) => point.partitions?.[n] ?? null),
    }))
    .map((line) => ({ ...line, peak: Math.max(0, ...line.values.map((value) => value ?? 0)) }))
  const shown = new Set(most.toSorted((a, b) => b.peak - a.peak).slice(0, linesShown))
  return most
    .filter((line) => shown.has(line))
    .map(({ name, values }, n, all) => ({ name, values, colour: colourOf(n, all.length) }))
}
