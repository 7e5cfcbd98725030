/** The engineers' console in a real browser, against a platform of its own: it pauses the trigger and changes a topic. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topics } from '../../platform.ts'
import { apiClient } from '../support/api.ts'
import { launchBrowser, overflow, screens, seriousViolations } from '../support/browser.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { signedIn } from './visitor.ts'

let platform: Platform
let browser: Browser
beforeAll(async () => {
  platform = await startPlatform()
  browser = await launchBrowser()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await platform?.stop()
})

const soon = { timeout: 20_000 }
const open = async (page: Page, view: string) => {
  await page.getByRole('navigation', { name: 'Stream' }).getByRole('link', { name: view }).click()
}

async function upload(count: number, broken = false): Promise<void> {
  const api = apiClient(platform.url, await platform.token('uploaders'))
  for (let n = 0; n < count; n += 1) {
    const noise = { type: 'gaussian', mean: 100 + n, sigma: 30 } as const
    const bytes = await sharp({ create: { width: 200, height: 150, channels: 3, background: 'white', noise } })
      .jpeg()
      .toBuffer()
    expect((await api.upload(broken ? bytes.subarray(0, bytes.length / 2) : bytes, 'image/jpeg')).status).toBe(202)
  }
}

describe('an engineer', () => {
  it('pauses the trigger, sees uploads wait, and resumes it until nothing waits', async () => {
    const { page, faults } = await signedIn(browser, 'engineers', platform.url)
    await page.getByRole('link', { name: 'Go to Stream' }).click()
    await open(page, 'Triggers')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Disabled').waitFor(soon)
    await upload(10)
    await expect.poll(() => page.getByTestId('trigger-lag').textContent(), soon).toBe('10')
    await open(page, 'Overview')
    await expect.poll(() => page.getByTestId('lag').textContent(), soon).toBe('10')
    await open(page, 'Triggers')
    await page.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(() => page.getByTestId('trigger-lag').textContent(), soon).toBe('0')
    expect(faults).toEqual([])
  })

  it('sees what a changed setting would do before it is applied, and who applied it afterwards', async () => {
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(`${platform.url}/console?view=topics&name=images`)
    const retention = page.getByRole('textbox', { name: 'retention.ms', exact: true })
    await retention.fill('90000000')
    await page.getByRole('button', { name: 'Preview' }).click()
    const preview = page.getByRole('status').filter({ hasText: 'Nothing has been changed yet' })
    await preview.getByText('older than the new retention.ms').waitFor()
    expect(await preview.locator('del').textContent()).toContain(topics.images.settings['retention.ms'])
    const token = await platform.token('engineers')
    const settingOnBroker = async () => {
      const { json } = await apiClient(platform.url, token).call<{ settings: { name: string; value: string }[] }>(
        'GET',
        '/stream/topics/images',
      )
      return json.settings.find(({ name }) => name === 'retention.ms')?.value
    }
    expect(await settingOnBroker()).toBe(topics.images.settings['retention.ms'])
    await preview.getByRole('button', { name: 'Apply' }).click()
    await preview.waitFor({ state: 'detached' })
    expect(await settingOnBroker()).toBe('90000000')
    await open(page, 'Changes')
    await page.getByRole('cell', { name: 'topic-change' }).first().waitFor()
  })

  it('is told what is wrong with a value, and the broker keeps its own', async () => {
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(`${platform.url}/console?view=topics&name=images`)
    await page.getByRole('textbox', { name: 'retention.ms', exact: true }).fill('-1')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('alert').getByText('must not exceed the 7 days').waitFor()
    expect(await page.getByRole('button', { name: 'Apply' }).count()).toBe(0)
  })

  it('sends an image back from quarantine after a look at what would happen', async () => {
    await upload(1, true)
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(`${platform.url}/console?view=quarantine`)
    await page
      .getByRole('checkbox', { name: /^Choose / })
      .first()
      .check()
    await page.getByRole('button', { name: 'Send back 1' }).click()
    await page.getByText('1 image is sent back.').waitFor()
    await page.getByRole('button', { name: 'Apply' }).click()
    // It is as broken as before: it comes back, for the second time.
    await page.getByRole('cell', { name: '2', exact: true }).waitFor(soon)
  })

  it('sees what a reset would bring before the group is moved', async () => {
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(`${platform.url}/console?view=groups&name=darkroom-process`)
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText(/\d+ records come once more/).waitFor()
    await page.getByText('nothing is made twice').waitFor()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Stable').first().waitFor(soon)
  })
})

it('a viewer looks, and finds nothing to change', async () => {
  const { page } = await signedIn(browser, 'viewers', platform.url)
  await page.goto(`${platform.url}/console?view=triggers`)
  await page.getByText('Enabled').waitFor(soon)
  await page.getByText('You are looking on').waitFor()
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
})

it('uploaders do not get at the console by its address', async () => {
  const { page } = await signedIn(browser, 'uploaders', platform.url)
  await page.goto(`${platform.url}/console`)
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
})

describe.each([
  ['wide', 'light'],
  ['phone', 'dark'],
] as const)('on a %s screen in %s', (width, colorScheme) => {
  it('no view has serious faults or overflows', async () => {
    const { page } = await signedIn(browser, 'engineers', platform.url, { viewport: screens[width], colorScheme })
    const views = ['overview', 'topics', 'topics&name=images', 'groups', 'groups&name=darkroom-process', 'messages']
    for (const view of [...views, 'quarantine', 'triggers', 'changes']) {
      await page.goto(`${platform.url}/console?view=${view}`)
      await page.locator('.console .panel').first().waitFor(soon)
      await page.locator('.skeleton').waitFor({ state: 'detached' })
      expect(await seriousViolations(page), view).toEqual([])
      expect(await overflow(page), `${view} overflows`).toBe(0)
    }
  })
})

it('a broker that goes away is told to whoever has the console open, and the page recovers by itself', async () => {
  const { page, faults } = await signedIn(browser, 'engineers', platform.url)
  await page.goto(`${platform.url}/console`)
  await page.getByTestId('lag').waitFor(soon)
  process.kill(Number(await readFile(join(platform.home, 'pids', 'kafka.pid'), 'utf8')), 'SIGKILL')
  const alert = page.getByRole('alert').filter({ hasText: 'The stream could not be read' })
  await alert.filter({ hasText: 'Kafka did not answer' }).waitFor({ timeout: 60_000 })
  await alert.getByText('What you see may be old').waitFor()
  expect(await page.getByTestId('lag').count()).toBe(1)
  // Nobody presses anything.
  await alert.waitFor({ state: 'detached', timeout: 90_000 })
  expect(faults).toEqual([])
})
