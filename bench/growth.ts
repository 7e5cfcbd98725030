/** How figures grow: measures every panel, writes `bench/results/growth.json` and draws docs/pictures/growth.svg. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localConfig } from '../config.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { run } from '../scripts/bootstrap/command.mjs'
import { createReport } from '../scripts/bootstrap/progress.mjs'
import { growAcceptance } from './growth/acceptance.ts'
import { growLedger } from './growth/ledger.ts'
import type { Panel } from './growth/panel.ts'
import { growPartitions } from './growth/partitions.ts'
import { growProcessing } from './growth/processing.ts'
import { machine, show } from './report.ts'

const measurements = [growProcessing, growAcceptance, growPartitions, growLedger]

/** @returns the path of the picture */
export async function measureGrowth(progress: (text: string) => void): Promise<string> {
  const about = { at: new Date().toISOString(), machine: machine() }
  const panels: Panel[] = []
  for (const grow of measurements) panels.push(...(await grow((text) => progress(`growth: ${text}`))))
  for (const panel of panels) console.log(tableOf(panel))
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'growth.json')
  writeFileSync(file, JSON.stringify({ ...about, panels }, null, 2))
  return draw(file, join(import.meta.dirname, '../docs/pictures/growth.svg'))
}

/** Matplotlib is in the notebooks' own environment. */
async function draw(file: string, picture: string): Promise<string> {
  const requirements = join(import.meta.dirname, '../databricks/requirements.txt')
  const { python } = await ensureVenv(localConfig(), createReport(), requirements)
  await run(python, [join(import.meta.dirname, 'plot.py'), file, picture])
  return picture
}

function tableOf({ of, what, points }: Panel): string {
  const lines = points.map(({ x, value }) => `  ${String(x).padStart(8)}   ${show(value, 2)}`)
  return [`\n${what}, by ${of}`, ...lines].join('\n')
}
