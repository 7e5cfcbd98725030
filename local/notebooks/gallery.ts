/**
 * The HTML that notebooks have left. It shows images as they were, so it goes with them: when the first of the images
 * that it counts or shows expires, and as soon as a purge or an erasure has removed any.
 */
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { NotebookResult } from './execute.ts'

export const galleryFolder = (home: string): string => join(home, 'notebooks')

export type GalleryEntry = { readonly name: string; readonly title: string; readonly ok: boolean }
export type GalleryIndex = {
  /** When the run began, epoch milliseconds; what was removed from the lake later may still be shown. */
  readonly madeAt: number
  /** Epoch milliseconds; null where nothing is shown that expires. */
  readonly expiresAt: number | null
  readonly notebooks: readonly GalleryEntry[]
}

const indexFile = 'index.json'
/** What a run that was killed has left is removed after this; a run takes minutes. */
const unfinishedMs = 3_600_000

type Outcome = { readonly title: string; readonly ok: boolean; readonly result: NotebookResult | null }

export async function removeGallery(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/** Begins a run: an empty gallery, which is forgotten by itself should the run never end. @param madeAt epoch ms */
export async function beginGallery(folder: string, madeAt: number): Promise<void> {
  await removeGallery(folder)
  await write(folder, { madeAt, expiresAt: madeAt + unfinishedMs, notebooks: [] })
}

/**
 * Writes the list of notebooks from the outcomes beside them.
 * @param madeAt epoch milliseconds at which the run began
 */
export async function finishGallery(folder: string, madeAt: number): Promise<void> {
  const files = globSync('*.json', { cwd: folder }).filter((file) => file !== indexFile)
  const outcomes = await Promise.all(
    files.sort().map(async (file) => ({
      name: basename(file, '.json'),
      ...(JSON.parse(await readFile(join(folder, file), 'utf8')) as Outcome),
    })),
  )
  const expiries = outcomes.flatMap(({ ok, result }) => {
    // A notebook that failed may show anything, and does not say until when.
    if (!ok) return [madeAt + unfinishedMs]
    return result?.expires_at ? [Date.parse(result.expires_at)] : []
  })
  await write(folder, {
    madeAt,
    expiresAt: expiries.length > 0 ? Math.min(...expiries) : null,
    notebooks: outcomes.map(({ name, title, ok }) => ({ name, title, ok })),
  })
}

async function write(folder: string, index: GalleryIndex): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, indexFile), JSON.stringify(index))
  await writeFile(join(folder, 'index.html'), page(index))
}

export type Gallery = ReturnType<typeof createGallery>

/**
 * @param lastRemoval when something was last removed from the lake, epoch milliseconds; undefined where nothing was
 */
export function createGallery(folder: string, lastRemoval: () => Promise<number | undefined>, clock = Date.now) {
  /** The list of what may still be shown; where an image has gone since, everything is deleted, and there is none. */
  async function current(): Promise<GalleryIndex | undefined> {
    const index = await readIndex(folder)
    if (!index) return undefined
    const expired = index.expiresAt !== null && index.expiresAt <= clock()
    if (!expired && ((await lastRemoval()) ?? 0) < index.madeAt) return index
    await removeGallery(folder)
    return undefined
  }

  /** A page of the gallery, or undefined where there is none by this name. @param name as in the list, or `index` */
  async function html(name: string): Promise<string | undefined> {
    const index = await current()
    const known = name === 'index' || index?.notebooks.some((notebook) => notebook.name === name)
    return index && known ? readFile(join(folder, `${name}.html`), 'utf8') : undefined
  }

  return { current, html }
}

/** The list, or undefined where there is no finished run. */
export async function readIndex(folder: string): Promise<GalleryIndex | undefined> {
  const file = join(folder, indexFile)
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as GalleryIndex) : undefined
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const page = ({ madeAt, notebooks }: GalleryIndex) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notebooks · Darkroom</title>
<style>body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif; color: #2b2f33 }</style>
<h1>Notebooks</h1>
<ul>
${notebooks.map(({ name, title, ok }) => `<li><a href="${escaped(name)}.html">${escaped(title)}</a>${ok ? '' : ' (failed)'}</li>`).join('\n')}
</ul>
<p>As of ${new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.</p>
</html>
`
