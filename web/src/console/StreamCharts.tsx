/** The stream over time: how much waits, how much goes in and out, and how much is in quarantine. */
import { useMemo } from 'preact/hooks'
import type { ConsoleApi } from './api.ts'
import { joined, live } from './history.ts'
import { LineChart } from './LineChart.tsx'
import { useLive } from './live.ts'
import { Spans, useSpan } from './Spans.tsx'
import { words } from './text.ts'

const own = words.overview
/** The stream is measured once a minute. */
const paceMs = 30_000

export function StreamCharts({ api, lag }: { api: ConsoleApi; lag: number }) {
  const [span, setSpan] = useSpan()
  const { value: measured } = useLive(() => api.history(span), paceMs, `history ${span}`)
  // What the page itself has seen is finer than a minute; over days that would be a thick line at the end.
  const seen = span === '1h' ? live.value : []
  const samples = useMemo(() => joined(measured, seen), [measured, seen])
  const times = useMemo(() => samples.map(({ at }) => at), [samples])
  const flow = useMemo(
    () => [
      { name: own.series.lag, colour: 'var(--safelight)', values: samples.map((one) => one.lag) },
      {
        name: own.series.rateIn,
        colour: 'var(--busy)',
        values: samples.map((one) => one.rateIn),
        axis: 'right' as const,
      },
      {
        name: own.series.rateOut,
        colour: 'var(--good)',
        values: samples.map((one) => one.rateOut),
        axis: 'right' as const,
        dashed: true,
      },
    ],
    [samples],
  )
  const quarantine = useMemo(
    () => [{ name: own.quarantine, colour: 'var(--warn)', values: samples.map((one) => one.quarantine) }],
    [samples],
  )
  return (
    <>
      <LineChart
        title={own.chart}
        lead={own.chartLead}
        label={own.chartLabel(lag)}
        times={times}
        lines={flow}
        actions={<Spans value={span} set={setSpan} />}
      />
      <LineChart
        title={own.quarantineChart}
        lead={own.quarantineChartLead}
        label={own.quarantineChartLabel}
        times={times}
        lines={quarantine}
      />
    </>
  )
}
