/** Images deleted over time, as bars. The table below says the same in figures. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { PurgeRun } from '../../../contract/schemas.ts'
import { formatCount, formatDay, formatHour } from '../format.ts'
import { text } from '../text.ts'
import { theme } from '../theme.ts'
import { type Buckets, bucketsOf } from './buckets.ts'

const heightPx = 180
/** Axis steps: images come whole. */
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000]

export function RunChart({ runs }: { runs: readonly PurgeRun[] }) {
  const box = useRef<HTMLDivElement>(null)
  const buckets = bucketsOf(runs, Date.now())
  const total = buckets.images.reduce((sum, images) => sum + images, 0)
  const scheme = theme.value

  useEffect(() => {
    const element = box.current
    if (!element) return
    const dark = matchMedia('(prefers-color-scheme: dark)')
    let chart = draw(element, buckets)
    const redraw = () => {
      chart.destroy()
      chart = draw(element, buckets)
    }
    const resized = new ResizeObserver(() => chart.setSize({ width: widthOf(element), height: heightPx }))
    resized.observe(element)
    dark.addEventListener('change', redraw)
    return () => {
      resized.disconnect()
      dark.removeEventListener('change', redraw)
      chart.destroy()
    }
  }, [runs, scheme])

  return (
    <section class="panel" aria-labelledby="chart-heading">
      <div class="panel-head">
        <h2 id="chart-heading">{text.purges.chart[buckets.unit]}</h2>
      </div>
      <div class="chart" ref={box} role="img" aria-label={text.purges.chartLabel(total)} />
    </section>
  )
}

/** Inside the padding. */
function widthOf(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element)
  return element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
}

function draw(element: HTMLElement, { unit, starts, images }: Buckets): uPlot {
  const style = getComputedStyle(element)
  const [ink, line, bar] = [style.color, style.borderColor, style.getPropertyValue('accent-color')]
  const axis = { stroke: ink, ticks: { show: false }, font: `12px ${style.fontFamily}` }
  const bars = uPlot.paths.bars?.({ size: [0.7, 40], radius: 0.15 })
  const format = unit === 'day' ? formatDay : formatHour
  const step = ((starts[1] ?? 0) - (starts[0] ?? 0)) / 1000
  const options: uPlot.Options = {
    width: widthOf(element),
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // Half a bar of room at both ends.
      x: { range: (_chart, min, max) => [min - step / 2, max + step / 2] },
      y: { range: (_chart, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 32, grid: { show: false }, values: (_chart, times) => times.map((time) => format(time * 1000)) },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 48,
        incrs: wholeSteps,
        values: (_chart, values) => values.map(formatCount),
      },
    ],
    series: [{}, { fill: bar, stroke: bar, points: { show: false }, ...(bars && { paths: bars }) }],
  }
  return new uPlot(options, [starts.map((start) => start / 1000), images.map((count) => count || null)], element)
}
