/** Getting files to the platform, whatever comes in between: breaks, reloads, folders, duplicates. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { apiClient } from '../support/api.ts'
import { launchBrowser, seriousViolations } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { countParts, holdAfter, largeFile, sha256 } from './large.ts'
import { choose, hand, photograph, processedWithin, row } from './photographs.ts'
import { signedIn } from './visitor.ts'

const platform = sharedPlatform()
const { url } = platform
const MiB = 1024 * 1024
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const uploader = () => signedIn(browser, 'uploaders', url)
const client = async () => apiClient(url, await platform.token('uploaders'))

/** What the platform has under this name, with the bytes of its original. */
async function stored(name: string) {
  const api = await client()
  const listed = (await api.all()).filter((image) => image.name === name)
  const [image] = await Promise.all(listed.map(({ id }) => api.image(id)))
  const original = await fetch(image?.json.original_url ?? '')
  return { count: listed.length, sha256: sha256(new Uint8Array(await original.arrayBuffer())) }
}

/** Leaving while something is sent asks whether one means it. */
const meansIt = (page: Page) => page.on('dialog', (dialog) => void dialog.accept())

describe('a large photograph', () => {
  it('goes on after the network was cut and after a reload: each part is sent once, and every byte arrives', async () => {
    const { page, context, faults } = await uploader()
    meansIt(page)
    const file = await largeFile(21 * MiB)
    const taken = countParts(page)
    const first = await holdAfter(page, 1)
    await page.getByTestId('file-input').setInputFiles(file.path)
    await expect.poll(() => taken.size, { timeout: 30_000 }).toBe(1)

    await context.setOffline(true)
    await page.getByText('Waiting for the network').waitFor()
    await first.letGo()
    const second = await holdAfter(page, 2)
    await context.setOffline(false)
    await expect.poll(() => taken.size, { timeout: 30_000 }).toBe(3)

    await page.reload()
    await second.letGo()
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect(Object.fromEntries(taken)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 })
    expect(await stored(file.name)).toEqual({ count: 1, sha256: file.sha256 })
    expect(faults).toEqual([])
  })

  it('is asked for again where the browser had no room for it, and only the rest is sent', async () => {
    const { page, context } = await uploader()
    meansIt(page)
    await context.addInitScript(() => {
      navigator.storage.estimate = async () => ({ quota: 1_000, usage: 0 })
    })
    await page.reload()
    const file = await largeFile(16 * MiB)
    const taken = countParts(page)
    const held = await holdAfter(page, 2)
    await page.getByTestId('file-input').setInputFiles(file.path)
    await expect.poll(() => taken.size, { timeout: 30_000 }).toBe(2)
    await page.reload()
    await held.letGo()
    const asked = page.getByRole('status').filter({ hasText: 'was not sent to its end' })
    await asked.getByText(/10\.5 MB of 16\.\d MB are there/).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: `Choose again: ${file.name}` }).click()
    await (await chooser).setFiles(file.path)
    await asked.waitFor({ state: 'detached' })
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect([...taken.values()]).toEqual([1, 1, 1, 1])
    expect(await stored(file.name)).toEqual({ count: 1, sha256: file.sha256 })
  })

  it('that is given up leaves nothing on the platform', async () => {
    const { page } = await uploader()
    const file = await largeFile(11 * MiB)
    const taken = countParts(page)
    await holdAfter(page, 1)
    await page.getByTestId('file-input').setInputFiles(file.path)
    await expect.poll(() => taken.size, { timeout: 30_000 }).toBe(1)
    const aborted = page.waitForResponse((response) => response.request().method() === 'DELETE')
    await page.getByRole('button', { name: `Cancel ${file.name}` }).click()
    expect((await aborted).status()).toBe(200)
    expect((await (await client()).all()).filter(({ name }) => name === file.name)).toEqual([])
  })

  it('tells when the storage alone cannot be reached, and goes on when it can', async () => {
    const { page } = await uploader()
    const file = await largeFile(6 * MiB)
    await page.route(/partNumber=/, (route) => route.abort())
    await page.getByTestId('file-input').setInputFiles(file.path)
    await page.getByText(/The storage at 127\.0\.0\.1:\d+ cannot be reached/).waitFor({ timeout: 60_000 })
    await page.unroute(/partNumber=/)
    await page.getByRole('button', { name: `Try ${file.name} again` }).click()
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
  })
})

describe('many photographs', () => {
  it('that wait go on after a reload', async () => {
    const { page } = await uploader()
    meansIt(page)
    const files = await Promise.all(['Left', 'Right'].map((name) => photograph('rocket.jpg', name)))
    // Neither answered nor refused.
    await page.route('**/images', () => {})
    await choose(page, files)
    // Small files are kept when they have waited for a while.
    const keptNames = () =>
      page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const opening = indexedDB.open('darkroom')
            opening.onsuccess = () => {
              const { result: database } = opening
              const all = database.transaction('uploads').objectStore('uploads').getAll()
              all.onsuccess = () => resolve(all.result.map(({ name }: { name: string }) => name).sort())
            }
          }),
      )
    await expect.poll(keptNames, { timeout: 30_000 }).toEqual(files.map(({ name }) => name).sort())
    await page.unroute('**/images')
    await page.reload()
    for (const file of files) await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    // The list may know of it before the answer to its upload is here.
    await expect.poll(keptNames, { timeout: 30_000 }).toEqual([])
  })

  it('go in batches; where answers are lost on the way, each is stored once all the same', async () => {
    const { page } = await uploader()
    const files = await Promise.all(Array.from({ length: 12 }, (_, n) => photograph('rocket.jpg', `Batch ${n}`, 300)))
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(new URL(request.url()).pathname))
    const statuses: number[] = []
    page.on('response', (answer) => answer.request().method() === 'PUT' && statuses.push(answer.status()))
    // The platform and the storage have done it; the page never hears of it.
    let [lostPut, lostCompletion] = [false, false]
    await page.route(/X-Amz-Signature=/, async (route) => {
      if (lostPut || route.request().method() !== 'PUT') return route.continue()
      lostPut = true
      await route.fetch()
      await route.abort()
    })
    await page.route('**/batches/complete', async (route) => {
      if (lostCompletion) return route.continue()
      lostCompletion = true
      await route.fetch()
      await route.abort()
    })
    await choose(page, files)
    for (const file of files) await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect([lostPut, lostCompletion]).toEqual([true, true])
    expect(statuses).toContain(412)
    expect(sent).toContain('/batches')
    expect(sent).not.toContain('/images')
    const listed = (await (await client()).all()).map(({ name }) => name)
    for (const { name } of files) expect(listed.filter((other) => other === name)).toHaveLength(1)
    expect(await stored(files[0]?.name ?? '')).toEqual({ count: 1, sha256: sha256(files[0]?.buffer ?? Buffer.of()) })
  })

  it('of a batch that had arrived when the page was left are completed after a reload, and sent no second time', async () => {
    const { page } = await uploader()
    meansIt(page)
    const files = await Promise.all(Array.from({ length: 10 }, (_, n) => photograph('rocket.jpg', `Left ${n}`, 300)))
    // Neither answered nor refused.
    await page.route('**/batches/complete', () => {})
    await choose(page, files)
    const announced = () =>
      page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const opening = indexedDB.open('darkroom')
            opening.onsuccess = () => {
              const all = opening.result.transaction('uploads').objectStore('uploads').getAll()
              all.onsuccess = () =>
                resolve(
                  all.result.filter((kept: { announcedId?: string; file?: Blob }) => kept.announcedId && kept.file)
                    .length,
                )
            }
          }),
      )
    await expect.poll(announced, { timeout: 30_000 }).toBe(files.length)
    await page.unroute('**/batches/complete')
    const bodies: string[] = []
    await page.reload()
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (request.method() === 'PUT' || (request.method() === 'POST' && pathname === '/images')) bodies.push(pathname)
    })
    for (const file of files) await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect(bodies).toEqual([])
    const listed = (await (await client()).all()).map(({ name }) => name)
    for (const { name } of files) expect(listed.filter((other) => other === name)).toHaveLength(1)
  })

  it('of a folder are taken with those in the folders below; what is no image is named and left out', async () => {
    const { page, faults } = await uploader()
    const [top, below] = (await Promise.all([photograph('chelsea.png', 'Top'), photograph('coffee.png', 'Below')])) as [
      Awaited<ReturnType<typeof photograph>>,
      Awaited<ReturnType<typeof photograph>>,
    ]
    const folder = await mkdtemp(join(tmpdir(), 'darkroom-folder-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await mkdir(join(folder, 'trip', 'day one'), { recursive: true })
    await writeFile(join(folder, 'trip', top.name), top.buffer)
    await writeFile(join(folder, 'trip', 'day one', below.name), below.buffer)
    await writeFile(join(folder, 'trip', 'day one', 'notes.txt'), 'no picture')
    await page.getByTestId('folder-input').setInputFiles(join(folder, 'trip'))
    for (const file of [top, below]) await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    await page.getByText('One file was not taken').waitFor()
    await page.getByText('trip/day one/notes.txt').waitFor()
    expect(faults).toEqual([])
  })

  it('of a folder that is dropped are found however deep they lie', async () => {
    const { page } = await uploader()
    const file = await photograph('astronaut.png', 'Deep')
    // A script cannot make a dropped folder, so the browser's own entries are put in its place.
    await page.evaluate(
      ({ name, base64 }) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
        type Entry = { isFile: boolean; isDirectory: boolean; name: string; fullPath: string }
        const leaf = (fullPath: string, data: File): Entry =>
          Object.assign(
            { isFile: true, isDirectory: false, name: data.name, fullPath },
            { file: (done: (found: File) => void) => done(data) },
          )
        const folder = (fullPath: string, inside: Entry[]): Entry =>
          Object.assign(
            { isFile: false, isDirectory: true, name: fullPath.split('/').at(-1) ?? '', fullPath },
            {
              createReader: () => {
                const batches = [inside, []]
                return { readEntries: (done: (found: Entry[]) => void) => done(batches.shift() ?? []) }
              },
            },
          )
        const root = folder('/trip', [
          folder('/trip/one', [
            folder('/trip/one/two', [leaf(`/trip/one/two/${name}`, new File([bytes], name, { type: 'image/jpeg' }))]),
            leaf('/trip/one/list.txt', new File(['text'], 'list.txt', { type: 'text/plain' })),
          ]),
        ])
        const event = new DragEvent('drop', { bubbles: true, cancelable: true })
        const item = { kind: 'file', type: '', webkitGetAsEntry: () => root, getAsFile: () => null }
        const transfer = { types: ['Files'], files: [], items: [item] }
        Object.defineProperty(event, 'dataTransfer', { value: transfer })
        document.body.dispatchEvent(event)
      },
      { name: file.name, base64: file.buffer.toString('base64') },
    )
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    await page.getByText(/trip\/one\/list\.txt/).waitFor()
  })
})

describe('what is there already', () => {
  it('is recognised before a byte of it is sent: the person skips it, or sends it anyway', async () => {
    const { page, faults } = await uploader()
    const file = await photograph('rocket.jpg', 'First')
    await choose(page, [file])
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)

    const posts: string[] = []
    page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
    const [again, other] = [
      { ...file, name: `Again ${file.name}` },
      { ...file, name: `Other ${file.name}` },
    ]
    await hand(page, 'drop', [again, other])
    await page.getByText(`ago, as ${file.name}`).first().waitFor()
    await page.getByText('2 you have already').waitFor()
    expect(posts).toEqual(['/images/duplicates'])
    expect(await seriousViolations(page)).toEqual([])
    await page.getByRole('button', { name: `Skip ${again.name}` }).click()
    await page.getByRole('button', { name: `Send anyway: ${other.name}` }).click()
    await row(page, other).getByText('Duplicate').waitFor(processedWithin)
    expect(await row(page, again).count()).toBe(0)
    expect(faults).toEqual([])
  })
})
