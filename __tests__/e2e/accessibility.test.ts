/** Every page for everybody: axe, by keyboard alone, on a phone and on a wide screen, in dark and in light. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoPassword } from '../../local/identity/people.ts'
import { launchBrowser, openPage, overflow, screens, seriousViolations, signInAs } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { brokenOff, choose, openDialog, photograph, processedWithin, row, type TestFile } from './photographs.ts'
import { signedIn, visitor } from './visitor.ts'

const { url } = sharedPlatform()
let browser: Browser
let photo: TestFile
beforeAll(async () => {
  browser = await launchBrowser()
  const { page, context } = await openPage(browser)
  await signInAs(page, 'uploaders', url)
  const broken = await brokenOff()
  photo = await photograph('rocket.jpg', 'A long name that has to be cut off somewhere, or wrapped into several lines')
  await choose(page, [photo, broken])
  await row(page, photo).getByText('Ready', { exact: true }).waitFor(processedWithin)
  await row(page, broken).getByText('In quarantine').waitFor(processedWithin)
  await context.close()
})
afterAll(() => browser.close())

const appearances = [
  ['wide', 'light'],
  ['wide', 'dark'],
  ['phone', 'light'],
  ['phone', 'dark'],
] as const

describe.each(appearances)('on a %s screen in %s', (width, colorScheme) => {
  const options = { viewport: screens[width], colorScheme }

  async function isFine(page: Page, name: string) {
    expect(await seriousViolations(page), name).toEqual([])
    expect(await overflow(page), `${name} overflows`).toBe(0)
  }

  it('welcome, sign-in, list, details and questions have no serious faults and do not overflow', async () => {
    const { page } = await visitor(browser, options)
    await page.goto(url)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await isFine(page, 'welcome')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Password').waitFor()
    await isFine(page, 'sign-in')
    await page.getByLabel('Email').fill('uma@darkroom.example')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await isFine(page, 'refused sign-in')
    await signInAs(page, 'uploaders', url)
    await row(page, photo).waitFor()
    await choose(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') }])
    await page.getByText('One file was not taken').waitFor()
    await isFine(page, 'list')
    await page.getByRole('button', { name: `Erase ${photo.name} now` }).click()
    await page.getByRole('button', { name: 'Keep it' }).waitFor()
    await isFine(page, 'erase')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Keep it' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: `Open ${photo.name}` }).click()
    await page.getByRole('button', { name: 'Compare' }).click()
    await isFine(page, 'details')
  })

  it('the pages of engineers have no serious faults and do not overflow', async () => {
    const { page } = await signedIn(browser, 'engineers', url, options)
    await page.getByRole('heading', { name: 'You run the platform' }).waitFor()
    await isFine(page, 'group')
    await page.getByRole('link', { name: 'Purges', exact: true }).click()
    await page.getByText('Due within a day').waitFor()
    await isFine(page, 'purges')
  })
})

describe('by keyboard alone', () => {
  /** Tab until the focused element has this name. */
  async function tabTo(page: Page, name: string | RegExp) {
    const visited: string[] = []
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => {
        let element = document.activeElement
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
        const host = element?.getRootNode() instanceof ShadowRoot ? (element.getRootNode() as ShadowRoot).host : element
        return element?.getAttribute('aria-label') ?? (host?.textContent ?? '').trim()
      })
      visited.push(focused)
      if (typeof name === 'string' ? focused === name : name.test(focused)) return
    }
    throw new Error(`Tab never came to ${name}, but to: ${visited.join(' | ')}`)
  }

  it('one signs in, chooses files, opens details, returns to where one was, and erases', async () => {
    const { page } = await visitor(browser)
    await page.goto(url)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await tabTo(page, 'Sign in')
    await page.keyboard.press('Enter')
    await page.getByLabel('Password').waitFor()
    await page.keyboard.type('uma@darkroom.example')
    await page.keyboard.press('Tab')
    await page.keyboard.type(demoPassword)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Choose files' }).waitFor()

    const file = await photograph('coffee.png', 'By keyboard')
    const asked = page.waitForEvent('filechooser')
    await tabTo(page, 'Choose files')
    await page.keyboard.press('Enter')
    await (await asked).setFiles([{ ...file }])
    await row(page, file).getByText('Ready', { exact: true }).waitFor(processedWithin)

    await tabTo(page, `Open ${file.name}`)
    await page.keyboard.press('Enter')
    const dialog = openDialog(page)
    await dialog.getByRole('button', { name: 'Compare' }).waitFor()
    await tabTo(page, 'Compare')
    await page.keyboard.press('Enter')
    await dialog.getByRole('slider').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe(`Open ${file.name}`)

    await tabTo(page, `Erase ${file.name} now`)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Keep it' }).waitFor()
    await tabTo(page, 'Erase now')
    await page.keyboard.press('Enter')
    await row(page, file).waitFor({ state: 'detached' })
  })
})

describe('people of other groups', () => {
  it.each([
    ['engineers', 'You run the platform'],
    ['analysts', 'You read the figures'],
  ] as const)('%s are told what they can do, and see purges but no photographs', async (group, title) => {
    const { page } = await signedIn(browser, group, url)
    await page.getByRole('heading', { name: title }).waitFor()
    expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Go to Purges' }).click()
    await page.getByText('Overdue').waitFor()
  })

  it('uploaders do not get at the purges by their address', async () => {
    const { page } = await signedIn(browser, 'uploaders', url)
    await page.goto(`${url}/purges`)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })
})
