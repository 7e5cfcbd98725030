/** The whole way in a real browser: sign in, upload, watch, open, erase, come back. */
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { heic } from '../support/corpus/heic.ts'
import { sharedPlatform } from '../support/platform.ts'
import {
  brokenOff,
  choose,
  hand,
  largePhotograph,
  openDialog,
  photograph,
  processedWithin,
  row,
} from './photographs.ts'
import { signedIn, visitor } from './visitor.ts'

const { url } = sharedPlatform()
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const uploader = () => signedIn(browser, 'uploaders', url)

describe('somebody who uploads', () => {
  it('drops photographs, watches them become renditions, opens these, erases one, and finds the rest again', async () => {
    const { page, context, faults } = await uploader()
    const files = await Promise.all([photograph('chelsea.png', 'Cat'), photograph('coffee.png', 'Coffee')])
    const [cat, coffee] = files as [(typeof files)[0], (typeof files)[0]]
    await hand(page, 'drop', files)
    for (const file of files) {
      await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
      const timeline = row(page, file).getByRole('list', { name: 'What has happened' })
      expect(await timeline.innerText()).toMatch(/received\s+\d.*(ms|s)\s+published\s+\d.*(ms|s)\s+processed/s)
      expect(await row(page, file).innerText()).toMatch(/images-\d@\d+/)
      expect(await row(page, file).innerText()).toMatch(/gone in 6 d 23 h|gone in 7 d/)
      expect(await row(page, file).innerText()).toContain('Canon EOS R5')
      await row(page, file).locator('img.picture-image.shown').waitFor()
    }

    await page.getByRole('link', { name: `Open ${cat.name}` }).click()
    await page.getByRole('dialog', { name: cat.name }).waitFor()
    const dialog = openDialog(page)
    const links = dialog.getByRole('link', { name: /in a new tab/ })
    await expect.poll(() => links.count()).toBeGreaterThanOrEqual(3)
    for (const link of await links.all()) {
      const response = await context.request.get((await link.getAttribute('href')) ?? '')
      expect([response.status(), response.headers()['content-type']]).toEqual([200, expect.stringMatching(/^image\//)])
    }
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('slider').fill('20')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')

    await page.getByRole('button', { name: `Erase ${coffee.name} now` }).click()
    await page.getByRole('button', { name: 'Erase now', exact: true }).click()
    await row(page, coffee).waitFor({ state: 'detached' })

    await page.reload()
    await row(page, cat).getByText('Ready', { exact: true }).waitFor()
    expect(await row(page, coffee).count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('sends what the gateway is too small for straight to the storage', async () => {
    const { page, faults } = await uploader()
    const file = await largePhotograph()
    const put = page.waitForRequest((request) => request.method() === 'PUT')
    await choose(page, [file])
    expect((await put).url().startsWith(url)).toBe(false)
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect(faults).toEqual([])
  })

  it('pastes a picture, and takes one with the camera', async () => {
    const { page, faults } = await uploader()
    const file = await photograph('astronaut.png', 'Pasted')
    await hand(page, 'paste', [file])
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    await page.getByRole('button', { name: 'Take a picture' }).click()
    const shoot = page.getByRole('button', { name: 'Take it' })
    await expect.poll(() => shoot.isEnabled(), { timeout: 20_000 }).toBe(true)
    const accepted = page.waitForResponse(
      (response) => response.request().method() === 'POST' && new URL(response.url()).pathname === '/images',
    )
    await shoot.click()
    expect((await accepted).status()).toBe(202)
    await page
      .getByRole('link', { name: /Open Picture \d\d/ })
      .first()
      .waitFor()
    expect(faults).toEqual([])
  })

  it('is told in plain words why a file is not taken, and why another is in quarantine', async () => {
    const { page } = await uploader()
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
    await choose(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') }])
    await page.getByText('This is not a kind of image that Darkroom reads.').waitFor()
    expect(sent).toEqual([])
    const broken = await brokenOff()
    await choose(page, [broken])
    await row(page, broken).getByText('In quarantine').waitFor(processedWithin)
    expect(await row(page, broken).innerText()).toMatch(/ends too early|damaged/)
  })

  it('uploads a HEIC photograph from a phone and sees it, upright', async () => {
    const { page } = await uploader()
    const file = { name: `Phone ${crypto.randomUUID().slice(0, 8)}.HEIC`, mimeType: '', buffer: await heic('turned') }
    await choose(page, [file])
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect(await row(page, file).innerText()).toMatch(/3,?024 × 4,?032/)
  })

  it('sees that the same bytes have been uploaded before', async () => {
    const { page } = await uploader()
    const file = await photograph('rocket.jpg', 'Twice')
    const again = { ...file, name: `Again ${file.name}` }
    await choose(page, [file, again])
    await page.getByText(`The same photograph is being sent as ${file.name}.`).waitFor()
    await page.getByRole('button', { name: `Send anyway: ${again.name}` }).click()
    for (const each of [file, again]) {
      await row(page, each).getByText('Duplicate').waitFor(processedWithin)
    }
  })

  it('loads at most 150 kB of compressed script to begin with', async () => {
    const { page } = await visitor(browser)
    const sizes: Promise<number>[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) sizes.push(response.body().then((body) => gzipSync(body).length))
    })
    await page.goto(url)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    expect(total).toBeGreaterThan(20_000)
    expect(total).toBeLessThanOrEqual(150_000)
  })
})

describe('when something is in the way', () => {
  it('a broken connection is tried again by itself, and stores the photograph once', async () => {
    const { page } = await uploader()
    const file = await photograph('coffee.png', 'Retried')
    let attempts = 0
    // The first answer is lost after the platform has stored the file.
    await page.route('**/images', async (route) => {
      if (route.request().method() !== 'POST' || ++attempts > 1) return route.continue()
      await route.fetch()
      return route.abort()
    })
    await choose(page, [file])
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
    expect(attempts).toBe(2)
    expect(await row(page, file).count()).toBe(1)
  })

  it('a request that cannot succeed shows its reason, and goes through when tried again', async () => {
    const { page } = await uploader()
    const file = await photograph('coffee.png', 'Refused')
    const problem = { code: 'full', title: 'Full', status: 413, detail: 'There is no room.', hint: 'Make some.' }
    await page.route('**/images', (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 413, json: problem }) : route.continue(),
    )
    await choose(page, [file])
    await page.getByText('There is no room. Make some.').waitFor()
    await page.unroute('**/images')
    await page.getByRole('button', { name: `Try ${file.name} again` }).click()
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
  })

  it('without a network uploads wait, and go on when it is back', async () => {
    const { page, context } = await uploader()
    const file = await photograph('astronaut.png', 'Offline')
    await context.setOffline(true)
    await page.getByText('You are offline.').waitFor()
    await choose(page, [file])
    await page.getByText('Waiting for the network').waitFor()
    await context.setOffline(false)
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
  })

  it('a session that has ended is renewed in another window, and the queue goes on', async () => {
    const { page, context } = await uploader()
    const file = await photograph('chelsea.png', 'Patient')
    // Neither the token nor its renewal is accepted any more.
    await page.route('**/images*', (route) => route.fulfill({ status: 401, body: '{}' }))
    await page.route('**/token', (route) => route.fulfill({ status: 400, json: { error: 'invalid_grant' } }))
    await choose(page, [file])
    await page.getByText('Your session has ended.').waitFor()
    await page.getByText('Waiting for your sign-in').waitFor()
    await page.unrouteAll()
    const opened = context.waitForEvent('page')
    await page.getByRole('link', { name: 'Sign in again' }).click()
    const other = await opened
    if (!other.isClosed()) await other.waitForEvent('close')
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
  })

  it('a photograph that is not there says so', async () => {
    const { page } = await uploader()
    await page.goto(`${url}/?image=${crypto.randomUUID()}`)
    await page.getByText('This photograph is no longer here').waitFor()
  })
})

describe('leaving', () => {
  it('signs out for good: going back asks for the password again', async () => {
    const { page } = await uploader()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Photographs, kept for seven days.' }).waitFor()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Password').waitFor()
  })
})
