/** Lag and rates over the last minutes, as lines. The figures above say the same for now. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatClock, formatCount } from '../format.ts'
import { theme } from '../theme.ts'
import { history, type Sample } from './history.ts'
import { Panel } from './parts.tsx'
import { words } from './text.ts'

const heightPx = 200
/** A chart of a moment would be all slope. */
const leastSpanSeconds = 60
const own = words.overview

export function LagChart({ lag }: { lag: number }) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const samples = history.value
  const scheme = theme.value

  useEffect(() => {
    const element = box.current
    if (!element) return
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => {
      chart.current?.destroy()
      chart.current = draw(element, dataOf(history.value))
    }
    redraw()
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: widthOf(element), height: heightPx }))
    resized.observe(element)
    dark.addEventListener('change', redraw)
    return () => {
      resized.disconnect()
      dark.removeEventListener('change', redraw)
      chart.current?.destroy()
    }
  }, [scheme])
  useEffect(() => chart.current?.setData(dataOf(samples)), [samples])

  return (
    <Panel
      title={own.chart}
      lead={own.chartLead}
      actions={
        <ul class="legend small">
          <li class="legend-lag">{own.series.lag}</li>
          <li class="legend-in">{own.series.rateIn}</li>
          <li class="legend-out">{own.series.rateOut}</li>
        </ul>
      }
    >
      <div class="chart console-chart" ref={box} role="img" aria-label={own.chartLabel(lag)} />
    </Panel>
  )
}

const dataOf = (samples: readonly Sample[]): uPlot.AlignedData => [
  samples.map(({ at }) => at / 1000),
  samples.map(({ lag }) => lag),
  samples.map(({ rateIn }) => rateIn),
  samples.map(({ rateOut }) => rateOut),
]

function widthOf(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element)
  return element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
}

function draw(element: HTMLElement, data: uPlot.AlignedData): uPlot {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name)
  // One side's: the other sides lend their colours to the lines.
  const [ink, line] = [style.color, style.borderTopColor]
  const axis = { stroke: ink, ticks: { show: false }, font: `12px ${style.fontFamily}` }
  const series = (name: string, stroke: string, scale: string, extra: Partial<uPlot.Series> = {}): uPlot.Series => ({
    label: name,
    stroke,
    scale,
    width: 2,
    points: { show: false },
    ...extra,
  })
  const fromZero = {
    range: (_chart: uPlot, _min: number, max: number): [number, number] => [0, Math.max(5, max * 1.15)],
  }
  return new uPlot(
    {
      width: widthOf(element),
      height: heightPx,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_chart, min, max) => [Math.min(min, max - leastSpanSeconds), max] },
        lag: fromZero,
        rate: fromZero,
      },
      axes: [
        {
          ...axis,
          size: 32,
          space: 90,
          grid: { show: false },
          values: (_chart, times) => times.map((time) => formatClock(time * 1000)),
        },
        {
          ...axis,
          scale: 'lag',
          size: 48,
          grid: { stroke: line, width: 1 },
          values: (_chart, values) => values.map(formatCount),
        },
        {
          ...axis,
          scale: 'rate',
          side: 1,
          size: 48,
          grid: { show: false },
          values: (_chart, values) => values.map(formatCount),
        },
      ],
      series: [
        {},
        series(own.series.lag, colour('border-inline-start-color'), 'lag'),
        series(own.series.rateIn, colour('outline-color'), 'rate'),
        series(own.series.rateOut, colour('text-decoration-color'), 'rate', { dash: [5, 4] }),
      ],
    },
    data,
    element,
  )
}
