/** Lines over time, with what they say at the pointer. The tables and figures beside it say the same for now. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatClock, formatCount, formatDateTime, formatDay, formatHour } from '../format.ts'
import { theme } from '../theme.ts'
import { Panel } from './parts.tsx'

export type Line = {
  readonly name: string
  /** A colour as CSS knows it, variables included. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** Lines of another unit have their axis on the right. */
  readonly axis?: 'left' | 'right'
  readonly dashed?: boolean
}
type ChartProps = {
  readonly title: string
  readonly lead?: ComponentChildren
  /** What a screen reader says instead of the picture. */
  readonly label: string
  /** Epoch milliseconds, rising. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly actions?: ComponentChildren
}

const heightPx = 200
/** A chart of a moment would be all slope. */
const leastSpanSeconds = 60
const daySeconds = 86_400

export function LineChart({ title, lead, label, times, lines, actions }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const reading = useRef<HTMLParagraphElement>(null)
  const chart = useRef<uPlot>(undefined)
  const shown = useRef({ times, lines })
  shown.current = { times, lines }
  const scheme = theme.value
  const looks = lines.map(({ name, colour }) => `${name} ${colour}`).join()

  useEffect(() => {
    const element = box.current
    if (!element) return
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => {
      chart.current?.destroy()
      chart.current = draw(element, shown.current.lines, dataOf(shown.current), (at) => {
        if (reading.current) reading.current.textContent = at === undefined ? '' : readingAt(shown.current, at)
      })
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
  }, [scheme, looks])
  useEffect(() => chart.current?.setData(dataOf({ times, lines })), [times, lines])

  return (
    <Panel title={title} lead={lead} actions={actions}>
      <div class="chart-head panel-foot">
        <ul class="legend small">
          {lines.map(({ name, colour, dashed }) => (
            <li key={name}>
              <span
                class="legend-line"
                style={{ borderBlockStartColor: colour, borderBlockStartStyle: dashed ? 'dashed' : 'solid' }}
              />
              {name}
            </li>
          ))}
        </ul>
        <p class="chart-reading small" ref={reading} aria-hidden="true" />
      </div>
      <div class="chart console-chart" ref={box} role="img" aria-label={label} />
    </Panel>
  )
}

type Shown = Pick<ChartProps, 'times' | 'lines'>

const dataOf = ({ times, lines }: Shown): uPlot.AlignedData => [
  times.map((at) => at / 1000),
  ...lines.map(({ values }) => [...values]),
]

const readingAt = ({ times, lines }: Shown, at: number): string => {
  const values = lines.flatMap(({ name, values: of }) => {
    const value = of[at]
    return value === null || value === undefined ? [] : [`${name} ${formatCount(Math.round(value * 10) / 10)}`]
  })
  return [formatDateTime(times[at] ?? 0), ...values].join(' · ')
}

function widthOf(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element)
  return element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
}

/** The canvas knows no variables: an element says what a colour comes to. A new one each time, which has no transition. */
function colourIn(element: HTMLElement, value: string): string {
  const probe = document.createElement('span')
  probe.style.color = value
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function draw(
  element: HTMLElement,
  lines: readonly Line[],
  data: uPlot.AlignedData,
  read: (at: number | undefined) => void,
): uPlot {
  const colour = (value: string) => colourIn(element, value)
  const [ink, line] = [colour('var(--ink-quiet)'), colour('var(--line)')]
  const font = `12px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: ink, ticks: { show: false }, font }
  const fromZero = {
    range: (_chart: uPlot, _min: number, max: number): [number, number] => [0, Math.max(5, max * 1.15)],
  }
  const counts = (_chart: uPlot, values: number[]) => values.map(formatCount)
  const hasRight = lines.some((one) => one.axis === 'right')
  const options: uPlot.Options = {
    width: widthOf(element),
    height: heightPx,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { setCursor: [({ cursor }) => read(cursor.idx ?? undefined)] },
    scales: {
      x: { range: (_chart, min, max) => [Math.min(min, max - leastSpanSeconds), max] },
      left: fromZero,
      right: fromZero,
    },
    axes: [
      { ...axis, size: 32, space: 80, grid: { show: false }, values: (chart, times) => timesOf(chart, times) },
      { ...axis, scale: 'left', size: 52, grid: { stroke: line, width: 1 }, values: counts },
      { ...axis, scale: 'right', side: 1, size: 52, show: hasRight, grid: { show: false }, values: counts },
    ],
    series: [
      {},
      ...lines.map(({ name, colour: of, axis: side = 'left', dashed }) => ({
        label: name,
        stroke: colour(of),
        scale: side,
        width: 2,
        points: { show: false },
        ...(dashed && { dash: [5, 4] }),
      })),
    ],
  }
  return new uPlot(options, data, element)
}

/** Seconds, minutes or days, as the span asks for. */
function timesOf({ scales }: uPlot, times: readonly number[]): string[] {
  const span = (scales.x?.max ?? 0) - (scales.x?.min ?? 0)
  const format = span > 2 * daySeconds ? formatDay : span > 600 ? formatHour : formatClock
  return times.map((time) => format(time * 1000))
}
