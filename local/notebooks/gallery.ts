/**
 * The HTML that notebooks have left. It shows images as they were, so it goes with them: when the first of the images
 * that it counts or shows expires, and as soon as a purge or an erasure has removed any.
 */
import { existsSync, globSync, rmSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { NotebookEntry, NotebookList, NotebookRun } from '../../contract/notebooks.ts'
import { identify } from '../../scripts/bootstrap/lock.mjs'
import { removal } from '../spark/scratch.ts'
import type { NotebookResult } from './execute.ts'

export const galleryFolder = (home: string): string => join(home, 'notebooks')
/** Where a run leaves its pages until it is whole; there is one run at a time. */
export const runFolder = (home: string): string => join(home, 'notebooks-run')

const indexFile = 'index.json'
const beganFile = 'run.json'
/** A notebook that failed may show anything, and does not say until when. */
const failedLifeMs = 3_600_000

/** What is known of a run when it begins. */
export type RunFacts = Pick<NotebookRun, 'made_at' | 'as_of' | 'lake'>
type Began = RunFacts & { readonly process: string | undefined }

/** What the runner leaves beside each page. */
type Outcome = {
  readonly title: string
  readonly lead: string
  readonly ok: boolean
  readonly result: NotebookResult | null
  readonly cell?: number
  readonly error?: string
}

/** Begins a run: an empty folder. What is shown meanwhile are the pages of the run before. @returns the folder */
export async function beginRun(home: string, facts: RunFacts): Promise<string> {
  const folder = runFolder(home)
  const draft = `${folder}-new`
  for (const place of [folder, draft]) await rm(place, removal)
  await mkdir(draft, { recursive: true })
  const began: Began = { ...facts, process: identify(process.pid) }
  await writeFile(join(draft, beganFile), JSON.stringify(began))
  // A folder that does not say whose it is counts as abandoned.
  await rename(draft, folder)
  return folder
}

/** Puts the run's pages into the place of the ones before, with a list of them. */
export async function finishRun(home: string, facts: RunFacts): Promise<void> {
  const folder = runFolder(home)
  const files = globSync('*.json', { cwd: folder }).filter((file) => file !== beganFile)
  const outcomes = await Promise.all(
    files.sort().map(async (file) => ({
      name: basename(file, '.json'),
      ...(JSON.parse(await readFile(join(folder, file), 'utf8')) as Outcome),
    })),
  )
  const expiries = outcomes.flatMap(({ ok, result }) => {
    if (!ok) return [Date.parse(facts.made_at) + failedLifeMs]
    return result?.expires_at ? [Date.parse(result.expires_at)] : []
  })
  const run: NotebookRun = {
    ...facts,
    expires_at: expiries.length > 0 ? new Date(Math.min(...expiries)).toISOString() : null,
    notebooks: outcomes.map(entryOf),
  }
  await writeFile(join(folder, indexFile), JSON.stringify(run))
  await writeFile(join(folder, 'index.html'), page(run))
  await removeGallery(galleryFolder(home))
  await rename(folder, galleryFolder(home))
  await rm(join(galleryFolder(home), beganFile))
}

const entryOf = ({ name, title, lead, ok, result, cell, error }: Outcome & { name: string }): NotebookEntry => ({
  name,
  title,
  lead,
  ok,
  images: typeof result?.images === 'number' ? result.images : null,
  failure: ok ? null : { cell: cell ?? 0, error: error ?? 'unknown' },
})

/** Nothing of a run that did not end stays. Synchronous, for a process that is about to exit. */
export function abandonRun(home: string): void {
  rmSync(runFolder(home), removal)
}

async function removeGallery(folder: string): Promise<void> {
  await rm(folder, removal)
}

export type Gallery = ReturnType<typeof createGallery>

/**
 * @param lastRemoval when something was last removed from the lake, epoch milliseconds; undefined where nothing was
 */
export function createGallery(home: string, lastRemoval: () => Promise<number | undefined>, clock = Date.now) {
  const folder = galleryFolder(home)

  /** The run that may still be shown; where an image has gone since, everything is deleted, and there is none. */
  async function current(): Promise<NotebookRun | null> {
    const run = await read<NotebookRun>(join(folder, indexFile))
    if (!run) return null
    const expired = run.expires_at !== null && Date.parse(run.expires_at) <= clock()
    if (!expired && ((await lastRemoval()) ?? 0) < Date.parse(run.made_at)) return run
    await removeGallery(folder)
    return null
  }

  /** The run that is under way. One whose process was killed, or that nobody began, has left pages: they are removed. */
  async function running(): Promise<Began | null> {
    // Asked first: a run that begins or ends meanwhile must not be taken for one that nobody began.
    if (!existsSync(runFolder(home))) return null
    const began = await read<Began>(join(runFolder(home), beganFile))
    const pid = Number.parseInt(began?.process ?? '', 10)
    if (began && Number.isInteger(pid) && identify(pid) === began.process) return began
    await rm(runFolder(home), removal)
    return null
  }

  /** What may be shown; everything else is deleted. */
  async function list(): Promise<NotebookList> {
    const [run, began] = await Promise.all([current(), running()])
    return { run, running_since: began?.made_at ?? null }
  }

  /** A page of the gallery, or undefined where there is none by this name. @param name as in the list */
  async function html(name: string): Promise<string | undefined> {
    const run = await current()
    const known = run?.notebooks.some((notebook) => notebook.name === name)
    return known ? readFile(join(folder, `${name}.html`), 'utf8') : undefined
  }

  return { list, html }
}

/** A file's JSON, or undefined where there is no such file; it may go while we look. */
async function read<T>(file: string): Promise<T | undefined> {
  if (!existsSync(file)) return undefined
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text ? (JSON.parse(text) as T) : undefined
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const page = ({ as_of, notebooks }: NotebookRun) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Notebooks · Darkroom</title>
<style>body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif }</style>
<h1>Notebooks</h1>
<ul>
${notebooks.map(({ name, title, ok }) => `<li><a href="${escaped(name)}.html">${escaped(title)}</a>${ok ? '' : ' (failed)'}</li>`).join('\n')}
</ul>
<p>As of ${as_of.slice(0, 16).replace('T', ' ')} UTC.</p>
</html>
`
