import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beginGallery, createGallery, finishGallery } from '../../../local/notebooks/gallery.ts'

const madeAt = Date.UTC(2026, 10, 23, 12)
const minutes = (count: number) => count * 60_000
let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'darkroom-gallery-')), 'notebooks')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

function leave(name: string, expiresAt: number | null, ok = true) {
  writeFileSync(join(folder, `${name}.html`), `<p>${name}</p>`)
  const result = ok ? { expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString() } : null
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ title: `<${name}>`, ok, result }))
}
const galleryAt = (at: number, removedAt?: number) =>
  createGallery(
    folder,
    async () => removedAt,
    () => at,
  )

describe('the gallery', () => {
  it('lists what has run, with titles as text', async () => {
    await beginGallery(folder, madeAt)
    leave('b', null)
    leave('a', null)
    await finishGallery(folder, madeAt)
    expect((await galleryAt(madeAt).current())?.notebooks.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('<a href="a.html">&lt;a&gt;</a>')
    expect(await galleryAt(madeAt).html('a')).toBe('<p>a</p>')
    expect(await galleryAt(madeAt).html('c')).toBeUndefined()
  })

  it('is deleted at the first expiry among all images that it shows', async () => {
    await beginGallery(folder, madeAt)
    leave('a', madeAt + minutes(90))
    leave('b', madeAt + minutes(30))
    await finishGallery(folder, madeAt)
    expect(await galleryAt(madeAt + minutes(30) - 1).current()).toBeDefined()
    expect(await galleryAt(madeAt + minutes(30)).current()).toBeUndefined()
    expect(existsSync(folder)).toBe(false)
  })

  it('is deleted when anything has been removed from the lake since the run began', async () => {
    await beginGallery(folder, madeAt)
    leave('a', null)
    await finishGallery(folder, madeAt)
    expect(await galleryAt(madeAt, madeAt - 1).html('a')).toBeDefined()
    expect(await galleryAt(madeAt, madeAt).html('a')).toBeUndefined()
    expect(existsSync(folder)).toBe(false)
  })

  it('of a run that was killed, or of a notebook that failed, is deleted after an hour', async () => {
    await beginGallery(folder, madeAt)
    leave('a', madeAt + minutes(90))
    expect(await galleryAt(madeAt + minutes(60)).current()).toBeUndefined()
    await beginGallery(folder, madeAt)
    leave('a', madeAt + minutes(90), false)
    await finishGallery(folder, madeAt)
    expect(await galleryAt(madeAt + minutes(59)).current()).toBeDefined()
    expect(await galleryAt(madeAt + minutes(60)).current()).toBeUndefined()
  })

  it('that does not exist is none', async () => {
    expect(await galleryAt(madeAt).current()).toBeUndefined()
  })
})
