/** How figures are shown: a table for people, JSON for whoever plots them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Summary } from './contest.ts'
import { type Figure, isFailed, isSkipped, type Row, reached } from './measurement.ts'

export type Results = Readonly<Record<string, readonly Row[]>>

/** The table, a line for each figure: median, least and most, unit, goal and verdict. */
export function table(results: Results): string {
  const lines = Object.entries(results).flatMap(([name, rows]) => ['', name, ...rows.map(line)])
  return [...lines, '', 'Median (least–most). × is speed against the other side: 1 is as fast, 2 twice as fast.'].join(
    '\n',
  )
}

function line(row: Row): string {
  if (isFailed(row)) return `  ${'FAILED'.padEnd(60)}${row.what}: ${row.failure}`
  if (isSkipped(row)) return `  ${'skipped'.padEnd(40)}${''.padEnd(20)}${row.what}: ${row.because}`
  return `  ${`${show(row.value, digits(row))} ${row.unit}`.padEnd(40)}${verdict(row).padEnd(20)}${row.what}`
}

function verdict(figure: Figure): string {
  if (!figure.goal) return ''
  const goal = 'atLeast' in figure.goal ? `≥ ${figure.goal.atLeast}` : `≤ ${figure.goal.atMost}`
  return `${goal} ${reached(figure) ? 'reached' : 'MISSED'}`
}

const digits = ({ unit }: Figure) => ({ '×': 2, '× as long': 2, s: 1, ms: 0, MB: 1, 'a second': 1, 'CPU ms': 1 })[unit]

/** Median, with the least and the most. */
export const show = ({ median, least, most }: Summary, places: number) =>
  `${median.toFixed(places)} (${least.toFixed(places)}–${most.toFixed(places)})`

/** Processor, cores, memory, load, Node and commit. */
export function machine(): string {
  const [cpu] = cpus()
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  }).trim()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, commit ${commit}`
}

/** Writes `bench/results/latest.json`. @returns its path */
export function save(results: Results, options: object): string {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'latest.json')
  const content = { at: new Date().toISOString(), machine: machine(), options, results }
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  return file
}
