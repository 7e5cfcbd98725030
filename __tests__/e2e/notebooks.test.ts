/** The analysts' page of notebooks in a real browser, with pages as a run leaves them. Spark itself: integration tests. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { notebooksPage } from '../../contract/notebook-routes.ts'
import { abandonRun, beginRun, finishRun, galleryFolder } from '../../local/notebooks/gallery.ts'
import { launchBrowser, openPage, overflow, screens, seriousViolations, signInAs } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { signedIn } from './visitor.ts'

const { url, home } = sharedPlatform()
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** In the future, so that what other tests erase meanwhile does not end it. */
const made_at = new Date(Date.now() + 3_600_000).toISOString()
const facts = { made_at, as_of: '2026-11-23T12:00:00.000Z', lake: '/mnt/images' }

const html = (body: string) =>
  `<!doctype html><html lang="en"><head><title>x</title><style>h1 { color: rgb(1, 2, 3) } body { margin: 0 }</style></head><body>${body}</body></html>`

async function leave(folder: string, name: string, outcome: object, body: string) {
  await writeFile(join(folder, `${name}.html`), html(body))
  await writeFile(
    join(folder, `${name}.json`),
    JSON.stringify({ lead: `What ${name} tells.`, result: null, ...outcome }),
  )
}

async function run() {
  const folder = await beginRun(home, facts)
  const expires_at = new Date(Date.now() + 86_400_000).toISOString()
  const script = `<script>document.body.dataset.ran = 'yes'</script><img src="x" onerror="this.remove()" alt="">`
  await leave(
    folder,
    '1_day',
    { title: 'The day', ok: true, result: { expires_at, images: 1234 } },
    `<h1>The day</h1><p style="padding-top: 7px">Twelve hundred</p><div style="height: 1500px"></div><details><summary>Code</summary><pre>x</pre></details>${script}`,
  )
  await leave(
    folder,
    '2_health',
    { title: 'Health', ok: false, cell: 3, error: 'ValueError: no latency' },
    '<h1>Health</h1>',
  )
  await finishRun(home, facts)
}

async function openNotebooks(page: Page) {
  await page.getByRole('navigation').getByRole('link', { name: 'Notebooks' }).click()
  await page.getByRole('heading', { name: 'Notebooks', level: 1 }).waitFor()
}
const inFrame = (page: Page) => page.frameLocator('iframe.notebook-frame')

describe('an analyst', () => {
  beforeEach(run)
  afterEach(() => rm(galleryFolder(home), { recursive: true, force: true }))

  it('sees which notebooks there are, from when, of which lake and how many images', async () => {
    const { page, faults } = await signedIn(browser, 'analysts', url)
    await openNotebooks(page)
    const day = page.getByRole('link', { name: /The day/ })
    await day.getByText('1,234 images').waitFor()
    await page.getByText('/mnt/images', { exact: true }).waitFor()
    await page.getByText('as of 23 Nov 2026, 12:00').waitFor()
    await page
      .getByRole('link', { name: /Health/ })
      .getByText('In cell 3: ValueError: no latency')
      .waitFor()
    expect(faults).toEqual([])
  })

  it('opens one in the page, as it was drawn, and goes on to the next', async () => {
    const { page, faults } = await signedIn(browser, 'analysts', url)
    await openNotebooks(page)
    await page.getByRole('link', { name: /The day/ }).click()
    const heading = inFrame(page).getByRole('heading', { name: 'The day' })
    await heading.waitFor()
    expect(await heading.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(1, 2, 3)')
    const padding = await inFrame(page)
      .getByText('Twelve hundred')
      .evaluate((element) => getComputedStyle(element).paddingTop)
    expect(padding).toBe('7px')
    // As tall as what is in it: the page scrolls, and not the frame.
    await expect.poll(async () => (await page.locator('iframe').boundingBox())?.height ?? 0).toBeGreaterThan(1500)
    await page.getByRole('link', { name: 'The next notebook: Health' }).click()
    await inFrame(page).getByRole('heading', { name: 'Health' }).waitFor()
    await page.goBack()
    await heading.waitFor()
    await page.getByRole('link', { name: 'All notebooks' }).click()
    await page.getByRole('heading', { name: 'Notebooks', level: 1 }).waitFor()
    expect(faults).toEqual([])
  })

  it('is not reached by what a notebook has written into its page', async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    await page.goto(`${url}${notebooksPage}?notebook=1_day`)
    await inFrame(page).getByText('Twelve hundred').waitFor()
    expect(await inFrame(page).locator('body').getAttribute('data-ran')).toBeNull()
    expect(await inFrame(page).locator('img').count()).toBe(1)
  })

  it('loses an opened notebook when its pages are deleted', { timeout: 60_000 }, async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    await page.goto(`${url}${notebooksPage}?notebook=1_day`)
    await inFrame(page).getByText('Twelve hundred').waitFor()
    await rm(galleryFolder(home), { recursive: true })
    await page.getByText('This notebook is no longer here').waitFor({ timeout: 45_000 })
    expect(await page.locator('iframe').count()).toBe(0)
  })

  it('reaches everything by keyboard', async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    await page.goto(`${url}${notebooksPage}`)
    await page.getByRole('link', { name: /The day/ }).waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
    for (let presses = 0; presses < 20 && !(await focused()).startsWith('The day'); presses++) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await inFrame(page).getByText('Twelve hundred').waitFor()
    const inside = () => inFrame(page).locator('summary:focus').count()
    for (let presses = 0; presses < 20 && !(await inside()); presses++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await inFrame(page).locator('details[open]').waitFor()
  })

  it.each([
    ['wide', 'light'],
    ['wide', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('has no barrier on a %s screen in %s, and no overflow', async (width, colorScheme) => {
    const { page } = await signedIn(browser, 'analysts', url, { viewport: screens[width], colorScheme })
    await openNotebooks(page)
    await page.getByRole('link', { name: /The day/ }).waitFor()
    expect([await seriousViolations(page), await overflow(page)]).toEqual([[], 0])
    await page.getByRole('link', { name: /The day/ }).click()
    await inFrame(page).getByText('Twelve hundred').waitFor()
    expect([await seriousViolations(page), await overflow(page)]).toEqual([[], 0])
  })
})

describe('where there is nothing to read', () => {
  afterEach(() => abandonRun(home))

  it('an analyst is told what to run, then that it runs, and then sees the pages', { timeout: 90_000 }, async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    await openNotebooks(page)
    await page.getByText('No notebook has been run').waitFor()
    await page.getByText('npm run notebooks').waitFor()
    expect([await seriousViolations(page), await overflow(page)]).toEqual([[], 0])
    const folder = await beginRun(home, facts)
    await page.getByText('The notebooks are being run').waitFor({ timeout: 45_000 })
    await leave(folder, '1_day', { title: 'The day', ok: true, result: { expires_at: null, images: 0 } }, '<h1>x</h1>')
    await finishRun(home, facts)
    await page.getByRole('link', { name: /The day/ }).waitFor({ timeout: 45_000 })
    await rm(galleryFolder(home), { recursive: true })
  })

  it('an analyst learns that the list cannot be loaded, and that it could after all', async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    const list = '**/notebooks/index.json'
    await page.route(list, (route) => route.abort())
    await openNotebooks(page)
    await page.getByText('The notebooks could not be loaded').waitFor()
    await page.unroute(list)
    await page.getByText('No notebook has been run').waitFor()
  })
})

describe('in the cloud', () => {
  const elsewhere = async (notebooks: object) => {
    const { page, context } = await openPage(browser)
    await page.route('**/config.json', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), notebooks } })
    })
    await signInAs(page, 'analysts', url)
    await openNotebooksIn(page)
    return { page, context }
  }
  const openNotebooksIn = (page: Page) => page.getByRole('navigation').getByRole('link', { name: 'Notebooks' }).click()

  it('the page leads to the folder in the workspace', async () => {
    const place = { at: 'workspace', folder: '/Darkroom/notebooks', url: 'https://dbc-1.cloud.databricks.com' }
    const { page, context } = await elsewhere(place)
    const link = page.getByRole('link', { name: 'Open the folder in Databricks' })
    expect(await link.getAttribute('href')).toBe('https://dbc-1.cloud.databricks.com/#workspace/Darkroom/notebooks')
    await context.close()
  })

  it('or says whom to ask for its address, or that there is none', async () => {
    const unknown = await elsewhere({ at: 'workspace', folder: '/Darkroom/notebooks', url: null })
    await unknown.page.getByText('Ask whoever runs this platform for the address').waitFor()
    await unknown.context.close()
    const none = await elsewhere({ at: 'nowhere' })
    await none.page.getByRole('heading', { name: 'There are no notebooks here' }).waitFor()
    await none.context.close()
  })
})

describe('people of other groups', () => {
  it.each(['uploaders', 'engineers'] as const)(
    'such as %s, are told that notebooks are for analysts',
    async (group) => {
      const { page } = await signedIn(browser, group, url)
      expect(await page.getByRole('link', { name: 'Notebooks' }).count()).toBe(0)
      await page.goto(`${url}${notebooksPage}?notebook=1_day`)
      await page.getByRole('heading', { name: 'Notebooks are for analysts' }).waitFor()
      await page.getByText(`You are in ${group}.`).waitFor()
      expect(await page.locator('iframe').count()).toBe(0)
    },
  )

  it('find nothing of theirs in an analyst’s hands: neither uploads nor the stream', async () => {
    const { page } = await signedIn(browser, 'analysts', url)
    expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(0)
    await page.goto(`${url}/console`)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })
})
