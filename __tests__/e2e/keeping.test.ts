/** What one keeps, in a real browser: finding, erasing many, sharing, and everything that is known, erased. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { choose, openDialog, photograph, processedWithin, row, type TestFile } from './photographs.ts'
import { signedIn, visitor } from './visitor.ts'

const { url } = sharedPlatform()
/** Nobody else's test uses her: she erases everything. */
const lena = 'lena@darkroom.example'
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function uploaded(page: Page, files: readonly TestFile[]) {
  await choose(page, files)
  for (const file of files) await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)
}
const photographs = (word: string, count: number): Promise<TestFile[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => photograph('rocket.jpg', `${word} ${n}`, 300 + 10 * n)))
/** A busy machine takes longer than vitest's second. */
const soon = { timeout: 30_000 }
const rows = (page: Page) => page.locator('li[data-image]')
const box = (page: Page, { name }: TestFile) => page.getByRole('checkbox', { name: `Select ${name}` })

describe('finding', () => {
  it('keeps search, filter and order in the address, through details, Back and reload', async () => {
    const { page, faults } = await signedIn(browser, 'uploaders', url)
    const word = crypto.randomUUID().slice(0, 8)
    const files = await photographs(word, 3)
    await uploaded(page, files)

    await page.getByRole('searchbox', { name: 'Search by name' }).fill(word.toUpperCase())
    await expect.poll(() => rows(page).count(), soon).toBe(3)
    await expect.poll(() => page.locator('.list-count').innerText(), soon).toMatch(/^3 ·/)
    await page.getByRole('combobox', { name: 'Order' }).selectOption('Largest first')
    await expect.poll(async () => (await rows(page).first().innerText()).includes(`${word} 2`), soon).toBe(true)
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByRole('combobox', { name: 'State' }).selectOption('In quarantine')
    await page.getByText('Nothing matches').waitFor()
    expect(new URL(page.url()).search).toBe(`?name=${word.toUpperCase()}&state=quarantined&order=largest`)
    await page.goBack()
    await expect.poll(() => rows(page).count(), soon).toBe(3)

    await row(page, files[0] as TestFile)
      .getByRole('link', { name: /^Open/ })
      .click()
    await page.getByRole('dialog').waitFor()
    expect(page.url()).toContain('order=largest')
    await page.keyboard.press('Escape')
    await openDialog(page).waitFor({ state: 'detached' })
    await page.reload()
    await expect.poll(() => rows(page).count(), soon).toBe(3)
    expect(await page.getByRole('searchbox', { name: 'Search by name' }).inputValue()).toBe(word.toUpperCase())
    expect(faults).toEqual([])
  })
})

describe('erasing many', () => {
  it('takes a range by keyboard, counts it, tells failures apart, and erases them when tried again', async () => {
    const { page, faults } = await signedIn(browser, 'uploaders', url)
    const word = crypto.randomUUID().slice(0, 8)
    const files = await photographs(word, 4)
    await uploaded(page, files)
    await page.getByRole('searchbox', { name: 'Search by name' }).fill(word)
    await page.getByRole('combobox', { name: 'Order' }).selectOption('By name')
    await expect.poll(() => rows(page).count(), soon).toBe(4)

    await box(page, files[0] as TestFile).focus()
    await page.keyboard.press('Space')
    await page.getByText('1 selected').waitFor()
    await box(page, files[2] as TestFile).focus()
    await page.keyboard.press('Shift+Space')
    await page.getByText('3 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('3 selected').waitFor({ state: 'detached' })
    await box(page, files[0] as TestFile).click()
    await box(page, files[2] as TestFile).click({ modifiers: ['Shift'] })
    await page.getByText('3 selected').waitFor()
    await page.getByRole('button', { name: 'Select all 4' }).click()
    await page.getByText('4 selected').waitFor()

    // The lake does not answer for one of them, once.
    const stuck = await row(page, files[1] as TestFile).getAttribute('data-image')
    await page.route('**/erasures', async (route) => {
      const { ids } = route.request().postDataJSON() as { ids: string[] }
      const rest = ids.filter((id) => id !== stuck)
      const response = await route.fetch({ postData: JSON.stringify({ ids: rest }) })
      const failed = [{ id: stuck, code: 'lake-unavailable', detail: 'The lake did not answer' }]
      await route.fulfill({ response, json: { ...(await response.json()), failed } })
    })
    await page.getByRole('button', { name: 'Erase', exact: true }).click()
    await page.getByText('Erase 4 photographs?').waitFor()
    await page.getByRole('button', { name: 'Erase 4', exact: true }).click()
    await page.getByText('1 photograph could not be erased').waitFor()
    await page.getByText('The lake did not answer (1)').waitFor()
    expect(await rows(page).count()).toBe(1)
    await page.unroute('**/erasures')
    await page.getByRole('button', { name: 'Try these again' }).click()
    await page.getByText('Nothing matches').waitFor()
    expect(faults).toEqual([])
  })
})

describe('sharing', () => {
  it('opens to somebody who is not signed in, until the link is ended or the photograph erased', async () => {
    const { page, faults } = await signedIn(browser, 'uploaders', url)
    const [file] = (await photographs('Shared', 1)) as [TestFile]
    await uploaded(page, [file])
    await row(page, file).getByRole('link', { name: /^Open/ }).click()
    const dialog = openDialog(page)
    const share = async () => {
      await dialog.getByRole('button', { name: 'Make a link' }).click()
      const address = dialog.getByRole('textbox', { name: 'Address of the link' })
      await address.waitFor()
      return address.inputValue()
    }
    const first = await share()

    const guest = await visitor(browser)
    const answer = await guest.page.goto(first)
    expect(answer?.status()).toBe(200)
    expect(answer?.headers()).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-robots-tag': expect.stringContaining('noindex'),
      'cache-control': 'no-store',
    })
    const width = () => guest.page.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth)
    await expect.poll(width, soon).toBeGreaterThan(0)
    expect(await guest.page.content()).not.toContain(file.name)
    expect(await guest.page.content()).not.toContain('Uma')

    await dialog.getByRole('button', { name: 'End it' }).click()
    await dialog.getByRole('button', { name: 'End it' }).waitFor({ state: 'detached' })
    expect((await guest.page.goto(first))?.status()).toBe(404)
    await guest.page.getByRole('heading', { name: 'There is nothing behind this link' }).waitFor()

    const second = await share()
    expect((await guest.page.goto(second))?.status()).toBe(200)
    await page.reload()
    await dialog.getByRole('button', { name: 'End it' }).waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Address of the link' }).count()).toBe(0)
    await dialog.getByRole('button', { name: 'Erase now' }).click()
    await page.locator('wa-dialog.erase').getByRole('button', { name: 'Erase now' }).click()
    await row(page, file).waitFor({ state: 'detached' })
    expect((await guest.page.goto(second))?.status()).toBe(404)
    expect([...faults, ...guest.faults]).toEqual([])
  })
})

describe('everything that is known', () => {
  it('is shown, taken along as a file, and erased for good; an interrupted erasure goes on', async () => {
    const { page, faults } = await signedIn(browser, lena, url)
    const files = await photographs('Lena', 3)
    await uploaded(page, files)
    await page.getByRole('link', { name: /About you/ }).click()
    await page.getByText('lena@darkroom.example').waitFor()
    await page.getByText('Records in the ledger').waitFor()
    expect(await page.locator('.profile-figure').innerText()).toContain('3 photographs')
    expect(await page.getByRole('row', { name: /^Stream/ }).innerText()).toContain('3 days 6 hours')

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as JSON' }).click()
    const saved = JSON.parse(await readFile(await (await download).path(), 'utf8'))
    expect(saved).toMatchObject({ images: 3, sign_in: { email: 'lena@darkroom.example' } })
    expect(saved.records.map(({ name }: { name: string }) => name).toSorted()).toEqual(
      files.map(({ name }) => name).toSorted(),
    )

    await page.getByRole('button', { name: 'Erase everything' }).click()
    const dialog = openDialog(page)
    const confirm = dialog.getByRole('button', { name: 'Erase everything' })
    await dialog.getByRole('textbox').fill('erase')
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('erase everything')
    // The connection breaks after the platform has begun; the person comes back and goes on.
    await page.route('**/profile?confirm=everything', (route) => route.abort())
    await confirm.click()
    await dialog.getByText('The connection broke.').waitFor()
    await page.unroute('**/profile?confirm=everything')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByText('Nothing is left.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    await page.getByText('Nothing is left. Darkroom keeps no photograph').waitFor()
    expect(await page.getByRole('button', { name: 'Erase everything' }).isDisabled()).toBe(true)
    await page.getByRole('link', { name: 'Photographs' }).click()
    await page.getByText('No photographs yet').waitFor()
    expect(faults).toEqual([])
  })
})
