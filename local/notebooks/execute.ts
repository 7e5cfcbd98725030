/** Runs notebooks in the project's Python environment and tells how far they are. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, globSync, openSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { environmentWith } from '../../config.ts'

export const notebooksFolder = join(import.meta.dirname, '../../databricks/notebooks')
export const requirementsFile = join(import.meta.dirname, '../../databricks/requirements.txt')

/** File names without `.py`, in the order of their numbers. */
export const notebookNames = (): string[] =>
  globSync('*.py', { cwd: notebooksFolder })
    .map((file) => basename(file, '.py'))
    .sort()

/** What the runner tells while it works. Cells are counted from 1, code cells only. */
export type NotebookEvent =
  | { readonly event: 'cell'; readonly notebook: string; readonly cell: number; readonly of: number }
  | { readonly event: 'done'; readonly notebook: string; readonly result: NotebookResult | null }
  | { readonly event: 'failed'; readonly notebook: string; readonly cell: number; readonly error: string }

/** What a notebook hands to `dbutils.notebook.exit`. */
export type NotebookResult = {
  /** When something that it shows must be gone (ISO 8601); null where it shows nothing. */
  readonly expires_at: string | null
  readonly [fact: string]: unknown
}

export type Job = {
  readonly notebooks: readonly string[]
  /** Absolute folder; `<name>.html` and `<name>.json` of each notebook go there. */
  readonly output: string
  readonly spark: Readonly<Record<string, string>>
  /** Values of the notebooks' widgets, such as `LAKE_ROOT` and `NOW`. */
  readonly parameters: Readonly<Record<string, string>>
}

/** The runner itself ended without having run everything. */
export class NotebookRunError extends Error {
  override readonly name = 'NotebookRunError'
  readonly retriable = true
}

/**
 * Runs the notebooks one after the other.
 * @param python of the environment that `requirementsFile` makes
 * @param log absolute path of the file for what Spark says; it is written anew
 * @returns whether all ran to their end
 * @throws NotebookRunError where the runner itself failed
 */
export async function executeNotebooks(
  job: Job,
  python: string,
  log: string,
  onEvent: (event: NotebookEvent) => void,
): Promise<boolean> {
  const output = openSync(log, 'w')
  const scratch = job.spark['spark.local.dir']
  const child = spawn(python, [join(import.meta.dirname, 'run.py')], {
    env: environmentWith({
      PYTHONDONTWRITEBYTECODE: '1',
      SPARK_LOCAL_IP: '127.0.0.1',
      ...(scratch && { TMPDIR: scratch }),
    }),
    stdio: ['pipe', 'pipe', output],
  })
  closeSync(output)
  const end = () => child.kill('SIGTERM')
  process.once('exit', end)
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new NotebookRunError('The runner has no pipes')
  stdin.end(JSON.stringify({ ...job, notebooks: job.notebooks.map((name) => join(notebooksFolder, `${name}.py`)) }))
  const ended = new Set<string>()
  const exit = once(child, 'close')
  for await (const line of createInterface({ input: stdout })) {
    const event: NotebookEvent = JSON.parse(line)
    if (event.event !== 'cell') ended.add(event.notebook)
    onEvent(event)
  }
  const [code, signal] = await exit
  process.off('exit', end)
  if (ended.size < job.notebooks.length)
    throw new NotebookRunError(`The notebooks' runner ended with ${signal ?? code}; see ${log}`)
  return code === 0
}
