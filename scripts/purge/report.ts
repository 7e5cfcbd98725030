/** What runs of the purge did, as text for a terminal. */
import type { PurgeRun } from '../../contract/schemas.ts'

/** Which counts are shown, and what they are called. */
const labels = {
  images: 'images',
  versions: 'object versions',
  markers: 'delete markers',
  uploads: 'unfinished uploads',
  metadata_files: 'metadata files',
  rows: 'ledger rows',
  orphan_objects: 'of these: orphaned objects',
  orphan_rows: 'orphaned rows',
  failure_records: 'copies of failed batches',
  failed: 'deletions that failed',
} as const satisfies Partial<Record<keyof PurgeRun, string>>

type Count = keyof typeof labels

/** The sum of what several runs counted. */
export function totals(runs: readonly PurgeRun[]): Record<Count, number> {
  const names = Object.keys(labels) as Count[]
  return Object.fromEntries(names.map((name) => [name, runs.reduce((sum, run) => sum + run[name], 0)])) as Record<
    Count,
    number
  >
}

export function table(runs: readonly PurgeRun[]): string {
  const counts = totals(runs)
  const width = Math.max(...Object.values(labels).map(({ length }) => length))
  return (Object.keys(labels) as Count[])
    .map((name) => `  ${labels[name].padEnd(width)}  ${String(counts[name]).padStart(9)}`)
    .join('\n')
}

/** In plain words, whether everything that was due is gone. */
export function verdict(runs: readonly PurgeRun[], time: string): string {
  const last = runs.at(-1)
  const times = runs.length === 1 ? '1 run' : `${runs.length} runs`
  if (last?.complete) return `Everything that was due at ${time} is gone (${times}).`
  if (last && last.failed > 0) {
    return `Not everything is gone: ${last.failed} deletions failed in the last of ${times}. See the log of the purge.`
  }
  return `Not everything is gone after ${times}. Run the same command again to go on.`
}
