/**
 * `npm run screenshots`: makes the pictures in docs/pictures from a running platform, with photographs in it.
 * `npm run screenshots -- console` makes those of the console alone, from what the platform holds.
 * It uploads what it shows, so run it against a platform of its own: DARKROOM_HOME=… npm start.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { launchBrowser, openPage, screens, signInAs } from '../__tests__/support/browser.ts'
import { type OriginalName, original } from '../__tests__/support/corpus/originals.ts'
import { localConfig } from '../config.ts'
import { notebooksPage } from '../contract/notebook-routes.ts'
import { showConsole } from './screenshots/console.ts'

const pictures = join(import.meta.dirname, '../docs/pictures')
const { gateway: url } = localConfig().urls

type Sample = { source: OriginalName; name: string; width: number; make: string; model: string }

/** The test photographs under the names and sizes of a holiday's. */
const samples: readonly Sample[] = [
  { source: 'retina.jpg', name: 'Check-up, left eye.jpg', width: 1411, make: 'Topcon', model: 'NW400' },
  { source: 'hubble_deep_field.jpg', name: 'Deep field.jpg', width: 1000, make: 'NASA', model: 'WFPC2' },
  { source: 'rocket.jpg', name: 'Launch day.jpg', width: 1280, make: 'Canon', model: 'Canon EOS R5' },
  {
    source: 'astronaut.png',
    name: 'Eileen, portrait.jpg',
    width: 1600,
    make: 'NIKON CORPORATION',
    model: 'NIKON D850',
  },
  { source: 'motorcycle_left.png', name: 'Garage.jpg', width: 3000, make: 'Canon', model: 'Canon EOS R5' },
  { source: 'coffee.png', name: 'Coffee after lunch.jpg', width: 2400, make: 'FUJIFILM', model: 'X-T5' },
  { source: 'chelsea.png', name: 'Chelsea.jpg', width: 1800, make: 'Apple', model: 'iPhone 15 Pro' },
]

const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer })

async function photographs() {
  const files = await Promise.all(
    samples.map(async ({ source, name, width, make, model }) => {
      const exif = { IFD0: { Make: make, Model: model }, IFD2: { DateTimeOriginal: '2026:11:21 16:42:07' } }
      const image = sharp(await original(source)).resize(width)
      return file(name, await image.jpeg({ quality: 93 }).withExif(exif).toBuffer())
    }),
  )
  const [first, cat] = [files[0], files.at(-1)]
  if (!first || !cat) throw new Error('There are no photographs to show')
  return [file('Broken off.jpg', first.buffer.subarray(0, 90_000)), ...files, file('Chelsea, again.jpg', cat.buffer)]
}

/** As WebP, which shows text and photographs well in little space. */
async function shoot(page: Page, name: string, options: { whole?: boolean } = {}) {
  const png = await page.screenshot({ fullPage: options.whole ?? false, animations: 'disabled' })
  await writeFile(join(pictures, `${name}.webp`), await sharp(png).webp({ quality: 88, effort: 6 }).toBuffer())
  process.stderr.write(`${name}\n`)
}

const settled = (page: Page) => page.waitForLoadState('networkidle')

async function showUploaders(browser: Browser) {
  const { page } = await openPage(browser)
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await shoot(page, 'welcome')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Password').waitFor()
  await shoot(page, 'sign-in')
  await signInAs(page, 'uploaders', url)
  await page.getByText('No photographs yet').waitFor()
  await shoot(page, 'empty')

  const all = await photographs()
  await page.getByTestId('file-input').setInputFiles(all)
  await page.getByRole('progressbar').first().waitFor()
  await shoot(page, 'uploading')
  await page.getByRole('button', { name: 'Send anyway: Chelsea, again.jpg' }).click()
  await page
    .locator(`[data-image].processed`)
    .nth(all.length - 2)
    .waitFor({ timeout: 120_000 })
  await page.locator(`[data-image].quarantined`).waitFor()
  await settled(page)
  await shoot(page, 'photographs')

  await page.getByRole('link', { name: 'Open Launch day.jpg' }).click()
  await page.getByRole('heading', { name: 'Renditions' }).waitFor()
  await settled(page)
  await shoot(page, 'detail')
  await page.getByRole('button', { name: 'Compare' }).click()
  await settled(page)
  await shoot(page, 'compare')
  await page.getByRole('button', { name: 'Show one' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const address = page.getByRole('textbox', { name: 'Address of the link' })
  await address.waitFor()
  await address.scrollIntoViewIfNeeded()
  await settled(page)
  await shoot(page, 'share')
  await showShared(browser, await address.inputValue())
  await page.keyboard.press('Escape')
  await showKeeping(page)
  await page.getByRole('button', { name: 'Erase Broken off.jpg now' }).click()
  await page.getByRole('button', { name: 'Keep it' }).waitFor()
  await shoot(page, 'erase')

  for (const [scheme, width] of [
    ['dark', 'wide'],
    ['light', 'phone'],
    ['dark', 'phone'],
  ] as const) {
    await showAgain(browser, await page.context().storageState(), scheme, width)
  }
  // The page of purges is to have something to show.
  await page.getByRole('button', { name: 'Erase now', exact: true }).click()
  await page.locator('[data-image].quarantined').waitFor({ state: 'detached' })
}

/** The page behind a link, as somebody without an account sees it. */
async function showShared(browser: Browser, address: string) {
  const guest = await openPage(browser)
  await guest.page.goto(address)
  await settled(guest.page)
  await shoot(guest.page, 'shared')
  await guest.context.close()
}

/** Filters, a selection, and what is known about the person. */
async function showKeeping(page: Page) {
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('combobox', { name: 'Camera' }).selectOption({ index: 1 })
  await settled(page)
  await page.mouse.wheel(0, 160)
  await shoot(page, 'filters')
  await page.goto(url)
  const circles = page.getByRole('checkbox', { name: /^Select / })
  await circles.first().click()
  await circles.nth(2).click({ modifiers: ['Shift'] })
  await page.getByText('3 selected').waitFor()
  await settled(page)
  await shoot(page, 'selected')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: /About you/ }).click()
  await page.getByText('Records in the ledger').waitFor()
  await settled(page)
  await shoot(page, 'you', { whole: true })
  await page.getByRole('link', { name: 'Photographs' }).click()
}

/** The same list and detail in another scheme or at another width; the provider still knows who it is. */
async function showAgain(
  browser: Browser,
  storageState: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>,
  colorScheme: 'light' | 'dark',
  width: keyof typeof screens,
) {
  const { page, context } = await openPage(browser, { storageState, colorScheme, viewport: screens[width] })
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Open Launch day.jpg' }).waitFor()
  await settled(page)
  await shoot(page, `photographs-${width}-${colorScheme}`)
  await page.getByRole('link', { name: 'Open Launch day.jpg' }).click()
  await page.getByRole('heading', { name: 'Renditions' }).waitFor()
  await settled(page)
  await shoot(page, `detail-${width}-${colorScheme}`)
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: /About you/ }).click()
  await page.getByText('Records in the ledger').waitFor()
  await settled(page)
  await shoot(page, `you-${width}-${colorScheme}`)
  await context.close()
}

async function showEngineers(browser: Browser) {
  for (const [colorScheme, width] of [
    ['light', 'wide'],
    ['dark', 'wide'],
    ['light', 'phone'],
  ] as const) {
    const { page, context } = await openPage(browser, { colorScheme, viewport: screens[width] })
    await signInAs(page, 'engineers', url)
    if (colorScheme === 'light') await shoot(page, `engineers-${width}`)
    await page.goto(`${url}/purges`)
    await page.getByRole('heading', { name: 'Purges' }).waitFor()
    await settled(page)
    await shoot(page, `purges-${width}-${colorScheme}`)
    await context.close()
  }
}

/** The notebooks, run on what is there by now. An erasure would take their pages away, so they come last. */
async function showAnalysts(browser: Browser) {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'notebooks.ts')])
  for (const [colorScheme, width] of [
    ['light', 'wide'],
    ['dark', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page, context } = await openPage(browser, { colorScheme, viewport: screens[width] })
    await signInAs(page, 'analysts', url)
    await page.goto(`${url}${notebooksPage}`)
    await page.getByRole('link', { name: /The day at a glance/ }).waitFor()
    await settled(page)
    await shoot(page, `notebooks-${width}-${colorScheme}`)
    await page.getByRole('link', { name: /The day at a glance/ }).click()
    await page.frameLocator('iframe').getByRole('heading', { name: 'Volume' }).waitFor()
    await settled(page)
    await shoot(page, `notebooks-one-${width}-${colorScheme}`)
    await context.close()
  }
}

mkdirSync(pictures, { recursive: true })
const browser = await launchBrowser()
try {
  const only = process.argv[2]
  if (only === undefined || only === 'pages') {
    await showUploaders(browser)
    await showEngineers(browser)
    await showAnalysts(browser)
  }
  if (only === undefined || only === 'console') await showConsole(browser, url, shoot)
} finally {
  await browser.close()
}
