/** `npm run purge`: runs the purge on the running local platform, as of any moment, until everything due is gone. */
import { parseArgs } from 'node:util'
import { ConfigError, localConfig } from '../config.ts'
import { type PurgeRun, purgeRun } from '../contract/schemas.ts'
import { invokeScheduled, PlatformNotRunningError, ScheduledInvocationError } from '../local/schedule/client.ts'
import { InvalidMomentError, momentOf } from './purge/moment.ts'
import { table, verdict } from './purge/report.ts'

const help = `npm run purge -- [--now MOMENT]

Runs the purge on the running local platform, as of a moment: whatever is due by then is deleted for good.

  --now MOMENT   2026-12-01T00:00:00Z, 2026-12-01, or +8d (s, m, h, d) from now; by default now
  --help         this text

Ends with 0 when everything due is gone, with 1 when something is left or failed, with 2 when nothing was done.`

/** A run has 15 minutes; a backlog that does not fit into so many needs somebody who looks. */
const mostRuns = 20

/** The command was not understood; nothing has been done. */
class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly retriable = false
}

function readArguments(given: readonly string[]): { now: string | undefined; help: boolean } {
  // `--now` alone means now, which parseArgs would take for a missing value.
  const args = given.filter((arg, n) => arg !== '--now' || (given[n + 1] ?? '--').startsWith('--') === false)
  try {
    const { values } = parseArgs({ args, options: { now: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
    return { now: values.now, help: values.help ?? false }
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}

async function purgeUntilDone(time: string): Promise<PurgeRun[]> {
  const config = localConfig()
  const runs: PurgeRun[] = []
  while (runs.length < mostRuns) {
    const run = purgeRun.parse(await invokeScheduled(config, 'purge', time))
    runs.push(run)
    console.log(`run ${runs.length}: ${run.images} images, ${run.versions} object versions, ${run.failed} failed`)
    if (run.complete || !hasProgressed(run)) break
  }
  return runs
}

/** A run that removed nothing and is not complete will not do better the next time. */
const hasProgressed = (run: PurgeRun) =>
  run.versions + run.markers + run.uploads + run.metadata_files + run.rows + run.failure_records > 0

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2))
  if (options.help) {
    console.log(help)
    return 0
  }
  const time = momentOf(options.now, Date.now())
  console.log(`Purging as of ${time} …`)
  const runs = await purgeUntilDone(time)
  console.log(`${table(runs)}\n\n${verdict(runs, time)}`)
  return runs.at(-1)?.complete ? 0 : 1
}

const expected = [UsageError, InvalidMomentError, PlatformNotRunningError, ConfigError]

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof ScheduledInvocationError) {
    console.error(`The purge failed: ${error.message}`)
    process.exitCode = 1
  } else if (expected.some((kind) => error instanceof kind)) {
    console.error((error as Error).message)
    process.exitCode = 2
  } else throw error
}
