import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notebookList } from '../../../contract/notebooks.ts'
import {
  abandonRun,
  beginRun,
  createGallery,
  finishRun,
  galleryFolder,
  runFolder,
} from '../../../local/notebooks/gallery.ts'

const madeAt = Date.UTC(2026, 10, 23, 12)
const iso = (time: number) => new Date(time).toISOString()
const facts = { made_at: iso(madeAt), as_of: iso(madeAt), lake: '/mnt/images' }
const minutes = (count: number) => count * 60_000
let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'darkroom-gallery-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function leave(folder: string, name: string, expiresAt: number | null, failure?: { cell: number; error: string }) {
  writeFileSync(join(folder, `${name}.html`), `<p>${name}</p>`)
  const result = failure ? null : { expires_at: expiresAt === null ? null : iso(expiresAt), images: 3 }
  const outcome = { title: `<${name}>`, lead: `What ${name} tells`, ok: !failure, result, ...failure }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(outcome))
}
const galleryAt = (at: number, removedAt?: number) =>
  createGallery(
    home,
    async () => removedAt,
    () => at,
  )
const runAt = async (at: number, removedAt?: number) => (await galleryAt(at, removedAt).list()).run

describe('the gallery', () => {
  it('lists what has run, with titles as text', async () => {
    const folder = await beginRun(home, facts)
    leave(folder, 'b', null)
    leave(folder, 'a', null)
    await finishRun(home, facts)
    const list = await galleryAt(madeAt).list()
    expect(notebookList.parse(list)).toEqual(list)
    expect(list).toMatchObject({ running_since: null, run: { ...facts, expires_at: null } })
    expect(list.run?.notebooks).toMatchObject([
      { name: 'a', title: '<a>', lead: 'What a tells', ok: true, images: 3, failure: null },
      { name: 'b' },
    ])
    expect(readFileSync(join(galleryFolder(home), 'index.html'), 'utf8')).toContain('<a href="a.html">&lt;a&gt;</a>')
    expect(await galleryAt(madeAt).html('a')).toBe('<p>a</p>')
    expect(await galleryAt(madeAt).html('c')).toBeUndefined()
  })

  it('says in which cell a notebook failed, and why', async () => {
    leave(await beginRun(home, facts), 'a', null, { cell: 4, error: 'ValueError: no' })
    await finishRun(home, facts)
    expect((await runAt(madeAt))?.notebooks).toMatchObject([
      { ok: false, images: null, failure: { cell: 4, error: 'ValueError: no' } },
    ])
  })

  it('is deleted at the first expiry among all images that it shows', async () => {
    const folder = await beginRun(home, facts)
    leave(folder, 'a', madeAt + minutes(90))
    leave(folder, 'b', madeAt + minutes(30))
    await finishRun(home, facts)
    expect(await runAt(madeAt + minutes(30) - 1)).not.toBeNull()
    expect(await runAt(madeAt + minutes(30))).toBeNull()
    expect(existsSync(galleryFolder(home))).toBe(false)
  })

  it('is deleted when anything has been removed from the lake since the run began', async () => {
    leave(await beginRun(home, facts), 'a', null)
    await finishRun(home, facts)
    expect(await galleryAt(madeAt, madeAt - 1).html('a')).toBeDefined()
    expect(await galleryAt(madeAt, madeAt).html('a')).toBeUndefined()
    expect(existsSync(galleryFolder(home))).toBe(false)
  })

  it('is deleted after an hour where a notebook failed, because nobody knows what that shows', async () => {
    leave(await beginRun(home, facts), 'a', null, { cell: 1, error: 'x' })
    await finishRun(home, facts)
    expect(await runAt(madeAt + minutes(59))).not.toBeNull()
    expect(await runAt(madeAt + minutes(60))).toBeNull()
  })

  it('that does not exist is none', async () => {
    expect(await galleryAt(madeAt).list()).toEqual({ run: null, running_since: null })
  })
})

describe('a run that is under way', () => {
  const later = { ...facts, made_at: iso(madeAt + minutes(5)) }

  it('leaves the pages of the one before until it has ended, and is announced', async () => {
    leave(await beginRun(home, facts), 'a', null)
    await finishRun(home, facts)
    leave(await beginRun(home, later), 'b', null)
    expect(await galleryAt(madeAt).list()).toMatchObject({
      run: { made_at: facts.made_at, notebooks: [{ name: 'a' }] },
      running_since: later.made_at,
    })
    expect(await galleryAt(madeAt).html('b')).toBeUndefined()
    await finishRun(home, later)
    expect(await galleryAt(madeAt).list()).toMatchObject({ run: { notebooks: [{ name: 'b' }] }, running_since: null })
    expect(existsSync(runFolder(home))).toBe(false)
  })

  it('leaves nothing when it is interrupted', async () => {
    leave(await beginRun(home, facts), 'a', null)
    abandonRun(home)
    expect(await galleryAt(madeAt).list()).toEqual({ run: null, running_since: null })
    expect(existsSync(runFolder(home))).toBe(false)
  })

  it('is cleared away where it was given up, and something that had not noticed still wrote a page', async () => {
    const folder = await beginRun(home, facts)
    abandonRun(home)
    mkdirSync(folder)
    leave(folder, 'a', null)
    expect(await galleryAt(madeAt).list()).toEqual({ run: null, running_since: null })
    expect(existsSync(folder)).toBe(false)
  })

  it('is never without its name, not even while the gateway looks all the time', async () => {
    const gallery = galleryAt(madeAt)
    for (let round = 0; round < 20; round++) {
      const [folder] = await Promise.all([beginRun(home, facts), gallery.list(), gallery.list()])
      leave(folder, 'a', null)
      await Promise.all([finishRun(home, facts), gallery.list(), gallery.list()])
      expect((await gallery.list()).run?.notebooks).toHaveLength(1)
      rmSync(galleryFolder(home), { recursive: true })
    }
  })

  it('is cleared away where its process was killed', async () => {
    const folder = await beginRun(home, facts)
    leave(folder, 'a', null)
    const began = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    // The same number, given to another process later.
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...began, process: `${process.pid} 1` }))
    expect(await galleryAt(madeAt).list()).toEqual({ run: null, running_since: null })
    expect(existsSync(folder)).toBe(false)
  })
})
