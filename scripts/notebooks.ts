/** `npm run notebooks`: runs the analysts' notebooks on Spark against the running local platform, as HTML. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, localConfig } from '../config.ts'
import { notebooksPage } from '../contract/notebook-routes.ts'
import {
  executeNotebooks,
  type NotebookEvent,
  NotebookRunError,
  notebookNames,
  requirementsFile,
} from '../local/notebooks/execute.ts'
import { abandonRun, beginRun, finishRun, galleryFolder } from '../local/notebooks/gallery.ts'
import { jupyterRequirements, openInJupyter } from '../local/notebooks/jupyter.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { openScratch } from '../local/spark/scratch.ts'
import { ensureSparkJars, localLakeRoots, sparkSettings } from '../local/spark/settings.ts'
import { SetupError } from './bootstrap/command.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { createReport, type Report, type Step } from './bootstrap/progress.mjs'

/** Pages on this machine are deleted with the first image that goes, so that they may show some. */
const thumbnails = 12

const help = `npm run notebooks -- [--only NAME]… [--now MOMENT] [--root PATH]
npm run notebooks -- --open NAME

Runs the analysts' notebooks on Spark against the running local platform and writes HTML to .darkroom/notebooks.

  --only NAME    this one; a part of its name is enough, and the option may be repeated
  --now MOMENT   report as of a moment, such as 2026-12-01T00:00:00Z; by default now
  --root PATH    where the notebooks find the lake: ${Object.values(localLakeRoots).join(' (default), or ')}
  --open NAME    opens one in JupyterLab instead
  --help         this text

The notebooks: ${notebookNames().join(', ')}
Ends with 0 when all ran, with 1 when one failed, with 2 when nothing was done.`

/** The command was not understood, or the platform does not run; nothing has been done. */
class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly retriable = false
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        now: { type: 'string', default: '' },
        root: { type: 'string', default: localLakeRoots.mount },
        open: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}

/** @throws UsageError listing the names, where none or several fit */
function chosen(part: string): string {
  const names = notebookNames()
  const found = names.filter((name) => name.includes(part.replace(/\.py$/, '')))
  if (found.length === 1 && found[0]) return found[0]
  throw new UsageError(
    `${found.length === 0 ? 'No notebook is' : 'Several notebooks are'} named ${part}; there are ${names.join(', ')}`,
  )
}

/** @throws UsageError where the text is no time; undefined where it is empty */
function momentOf(text: string): string | undefined {
  if (!text) return undefined
  const moment = new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment.toISOString()
  throw new UsageError(`--now must be an ISO 8601 time such as 2026-12-01T00:00:00Z, and is "${text}"`)
}

function requireRoot(root: string) {
  const roots: readonly string[] = Object.values(localLakeRoots)
  if (!roots.includes(root)) throw new UsageError(`--root must be ${roots.join(' or ')}, and is "${root}"`)
}

async function requirePlatform(s3: string) {
  try {
    await fetch(s3, { signal: AbortSignal.timeout(5_000) })
  } catch (cause) {
    throw new UsageError(`The local platform does not run: nothing answers at ${s3}. Start it with npm start.`, {
      cause,
    })
  }
}

/** One step of the report for each notebook; failures are told at the end, where people look. */
function progress(report: Report) {
  const failures: string[] = []
  const steps = new Map<string, Step>()
  const onEvent = (event: NotebookEvent) => {
    const step = steps.get(event.notebook) ?? report.step(event.notebook)
    steps.set(event.notebook, step)
    if (event.event === 'cell') {
      step.update(event.cell === 0 ? 'starting Spark' : `cell ${event.cell} of ${event.of}`)
    } else if (event.event === 'done') {
      step.done()
    } else {
      step.fail()
      failures.push(
        `${event.notebook} failed in ${event.cell === 0 ? 'its beginning' : `cell ${event.cell}`}: ${event.error}`,
      )
    }
  }
  return { onEvent, failures }
}

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2))
  if (options.help) {
    console.log(help)
    return 0
  }
  const config = localConfig()
  const opened = options.open === undefined ? undefined : chosen(options.open)
  const notebooks = options.only?.map(chosen) ?? notebookNames()
  const now = momentOf(options.now)
  requireRoot(options.root)
  await requirePlatform(config.urls.s3)
  const report = createReport()
  const { python } = await ensureVenv(config, report, requirementsFile)
  const classpath = await ensureSparkJars(config, report)
  const spark = sparkSettings(config, { classpath, scratch: openScratch(config.home) })
  const parameters = { LAKE_ROOT: options.root, NOW: now ?? '', SAMPLE: String(thumbnails) }
  if (opened) {
    const { python: jupyter } = await ensureVenv(config, report, jupyterRequirements)
    return openInJupyter(opened, { python, jupyter, folder: join(config.home, 'build', 'jupyter'), spark, parameters })
  }

  const { onEvent, failures } = progress(report)
  const onWait = (pid: number) => report.line(`… process ${pid} is running the notebooks; waiting for it`)
  const ok = await withLock(
    `${galleryFolder(config.home)}.lock`,
    async () => {
      const madeAt = new Date().toISOString()
      const facts = { made_at: madeAt, as_of: now ?? madeAt, lake: options.root }
      // An exit takes the runner along, and that the kernel with its JVM; and nothing half written stays.
      const abandon = () => abandonRun(config.home)
      process.once('exit', abandon)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
      const output = await beginRun(config.home, facts)
      const job = { notebooks, output, spark, parameters }
      const allRan = await executeNotebooks(job, python, join(output, 'spark.log'), onEvent)
      await finishRun(config.home, facts)
      // From here on the folder is that of whoever waits for the lock.
      process.off('exit', abandon)
      return allRan
    },
    { onWait },
  )
  for (const failure of failures) console.error(failure)
  console.log(
    `Open ${config.urls.gateway}${notebooksPage} as an analyst, or ${join(galleryFolder(config.home), 'index.html')}.`,
  )
  return ok ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof UsageError || error instanceof ConfigError) {
    console.error(error.message)
    process.exitCode = 2
  } else if (error instanceof SetupError || error instanceof NotebookRunError) {
    console.error(error.message)
    process.exitCode = 1
  } else throw error
}
