/** Images deleted in each run, as bars over time. The table below says the same in figures. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { PurgeRun } from '../../../contract/schemas.ts'
import { formatCount } from '../format.ts'
import { text } from '../text.ts'
import { theme } from '../theme.ts'

const heightPx = 180

export function RunChart({ runs }: { runs: readonly PurgeRun[] }) {
  const box = useRef<HTMLDivElement>(null)
  const total = runs.reduce((sum, { images }) => sum + images, 0)
  const scheme = theme.value

  useEffect(() => {
    const element = box.current
    if (!element) return
    const chart = new uPlot(options(element), dataOf(runs), element)
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightPx }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      chart.destroy()
    }
  }, [runs, scheme])

  return (
    <section class="panel" aria-labelledby="chart-heading">
      <div class="panel-head">
        <h2 id="chart-heading">{text.purges.chart}</h2>
      </div>
      <div class="chart" ref={box} role="img" aria-label={text.purges.chartLabel(runs.length, total)} />
    </section>
  )
}

/** Oldest first; times in seconds, as uPlot wants them. */
function dataOf(runs: readonly PurgeRun[]): uPlot.AlignedData {
  const inOrder = runs.toSorted((a, b) => a.started_at.localeCompare(b.started_at))
  return [inOrder.map(({ started_at }) => Date.parse(started_at) / 1000), inOrder.map(({ images }) => images)]
}

function options(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element)
  const [ink, line, bar] = [style.color, style.borderColor, style.getPropertyValue('accent-color')]
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  }
  const bars = uPlot.paths.bars?.({ size: [0.7, 24] })
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false } },
      {
        ...axis,
        size: 48,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000],
        values: (_chart, values) => values.map(formatCount),
      },
    ],
    series: [{}, { fill: bar, stroke: bar, ...(bars && { paths: bars }), points: { show: false } }],
  }
}
