/** Records, images and topics in the console, in a real browser, on the platform that tests share. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StreamTopic, StreamTopicPage } from '../../contract/stream-schemas.ts'
import type { StreamMessage } from '../../contract/stream-work-schemas.ts'
import { type Api, apiClient } from '../support/api.ts'
import { launchBrowser } from '../support/browser.ts'
import { longestTask, watchLongTasks } from '../support/long-tasks.ts'
import { sharedPlatform } from '../support/platform.ts'
import { produce } from '../support/topic.ts'
import { signedIn } from './visitor.ts'

const platform = sharedPlatform()
let browser: Browser
let engineer: Api
let uploader: Api
beforeAll(async () => {
  browser = await launchBrowser()
  engineer = apiClient(platform.url, await platform.token('engineers'))
  uploader = apiClient(platform.url, await platform.token('uploaders'))
})
afterAll(() => browser?.close())

const soon = { timeout: 20_000 }
const newName = () => `test-${randomUUID().slice(0, 8)}`
const json = { 'content-type': 'application/json' }

async function upload(): Promise<string> {
  const noise = { type: 'gaussian', mean: 90, sigma: 40 } as const
  const image = sharp({ create: { width: 320, height: 240, channels: 3, background: 'white', noise } })
  const { id } = (await uploader.upload(await image.jpeg().toBuffer(), 'image/jpeg')).json
  await uploader.settled(id)
  return id
}
async function newTopic(name: string, partitions = 1): Promise<void> {
  const body = JSON.stringify({ name, partitions, replicas: 1, settings: { 'retention.ms': '3600000' } })
  expect((await engineer.call('POST', '/stream/topics', { body, headers: json })).status).toBe(201)
}
const console_ = (view: string) => `${platform.url}/console?view=${view}`
async function search(page: Page, text: string): Promise<void> {
  await page.getByLabel('Holds').fill(text)
  await page.getByRole('button', { name: 'Look' }).click()
}

describe('an image behind a record', () => {
  it('is shown with thumbnail, status and purge date, and processed again after a look at what that means', async () => {
    const id = await upload()
    const { page, faults } = await signedIn(browser, 'operators', platform.url)
    await page.goto(console_('messages'))
    await search(page, id)
    const picture = page.getByRole('img', { name: `Thumbnail of image ${id.slice(0, 8)}` })
    await picture.waitFor(soon)
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), soon).toBeGreaterThan(0)
    const row = page.getByRole('row').filter({ hasText: id })
    await row.getByText('Ready').waitFor()
    await row.getByText(/^purged \d/).waitFor()

    await row.locator('summary').click()
    await row.getByRole('button', { name: 'Process this image again' }).click()
    await row.getByText('made anew from its original').waitFor()
    expect((await uploader.image(id)).json.status).toBe('processed')
    const before = (await uploader.image(id)).json.timeline.find(({ status }) => status === 'processed')?.at ?? ''
    await row.getByRole('button', { name: 'Apply' }).click()
    await expect
      .poll(
        async () =>
          (await uploader.image(id)).json.timeline.some((step) => step.status === 'processed' && step.at > before),
        soon,
      )
      .toBe(true)
    // The search finds its two events; both are of the one image.
    await expect.poll(() => page.getByRole('row').filter({ hasText: id }).count(), soon).toBe(2)
    expect(faults).toEqual([])
  })

  it('is not shown to viewers', async () => {
    const id = await upload()
    const { page } = await signedIn(browser, 'viewers', platform.url)
    await page.goto(console_('messages'))
    await search(page, id)
    const row = page.getByRole('row').filter({ hasText: id })
    await row.getByText('Ready').waitFor(soon)
    await row.locator('summary').click()
    expect(await page.getByRole('img', { name: /^Thumbnail/ }).count()).toBe(0)
    expect(await page.getByLabel('Thumbnails').count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Process this image again' }).count()).toBe(0)
    expect(await page.getByText('Send a test event').count()).toBe(0)
  })
})

it('a test event is tried, sent, and found where it was said to stand', async () => {
  const { page } = await signedIn(browser, 'operators', platform.url)
  await page.goto(console_('messages'))
  await page.getByText('Send a test event').click()
  await page.getByLabel('Value').fill('no event')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByText('It goes to quarantine.').waitFor()
  await page.getByLabel('Value').fill('')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByText('It is dropped.').waitFor()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  const place = /images-\d+@\d+/.exec(
    (await page
      .locator('.preview')
      .getByText(/^Sent: it stands at/)
      .textContent(soon)) ?? '',
  )?.[0]
  await page.getByRole('cell', { name: place ?? 'nowhere' }).waitFor(soon)
})

describe('records', () => {
  it('are followed live, paged to the oldest, searched to the end and downloaded', async () => {
    const topic = newName()
    await newTopic(topic)
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(console_(`messages&name=${topic}`))
    await page.getByText('This topic is empty').waitFor(soon)
    const records = Array.from({ length: 120 }, (_, n) => ({ key: `key-${n}`, value: `{"number":${n}}` }))
    await produce(platform.config.urls.kafka, topic, records)
    // Live: nobody presses anything.
    await page.getByText('{"number":119}').waitFor(soon)
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('{"number":60}').waitFor(soon)
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('{"number":0}').waitFor(soon)
    expect(await page.getByRole('button', { name: 'Older' }).count()).toBe(0)

    await page.getByLabel('Partition').selectOption('0')
    await page.getByLabel('From offset').fill('7')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('{"number":7}').waitFor(soon)
    expect(await page.getByText('{"number":6}', { exact: true }).count()).toBe(0)
    await page.getByLabel('From offset').fill('')
    await search(page, '"number":42')
    await page.getByText('{"number":42}').waitFor(soon)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download 1' }).click()
    const file = JSON.parse(await readFile(await (await download).path(), 'utf8')) as StreamMessage[]
    expect(file.map(({ key, offset }) => [key, offset])).toEqual([['key-42', '42']])
    await search(page, 'not to be found')
    await page.getByText('No record').waitFor(soon)
    await page.getByText('Nothing here fits').waitFor()
  })
})

describe('a topic', () => {
  it('is made after the brokers have been asked, and gets partitions after a word on the order of keys', async () => {
    const topic = newName()
    const { page } = await signedIn(browser, 'engineers', platform.url)
    await page.goto(console_('topics'))
    await page.getByText('New topic').click()
    await page.getByLabel('Topic', { exact: true }).fill(topic)
    await page.getByLabel('Partitions').fill('2')
    await page.getByLabel('Settings, a line each').fill('retention.ms=soon')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('alert').getByText('The brokers refuse a setting or its value').waitFor(soon)
    await page.getByLabel('Settings, a line each').fill('retention.ms=7200000')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('Nothing has been changed yet').waitFor(soon)
    expect((await engineer.call('GET', `/stream/topics/${topic}`)).status).toBe(404)
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: topic }).waitFor(soon)

    await page.getByLabel('New number of partitions').fill('4')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('the order of records with the same key holds only').waitFor(soon)
    await page.getByRole('button', { name: 'Apply' }).click()
    await expect
      .poll(async () => (await engineer.call<StreamTopic>('GET', `/stream/topics/${topic}`)).json.partitions, soon)
      .toBe(4)
  })

  it('is changed by one of two engineers; the other sees it, and does not write over it', async () => {
    const topic = newName()
    await newTopic(topic)
    const [first, second] = [
      (await signedIn(browser, 'engineers', platform.url)).page,
      (await signedIn(browser, 'engineers', platform.url)).page,
    ]
    const field = (page: Page) => page.getByRole('textbox', { name: 'retention.ms', exact: true })
    for (const [page, value] of [
      [first, '7200000'],
      [second, '1800000'],
    ] as const) {
      await page.goto(console_(`topics&name=${topic}`))
      await field(page).fill(value)
    }
    await second.getByRole('button', { name: 'Preview' }).click()
    await second.getByRole('button', { name: 'Apply' }).waitFor(soon)
    await first.getByRole('button', { name: 'Preview' }).click()
    await first.getByRole('button', { name: 'Apply' }).click()
    await second.getByText('Somebody else has made it 7200000 meanwhile').waitFor(soon)
    await second.getByRole('button', { name: 'Apply' }).click()
    await second.getByRole('alert').getByText('somebody else has changed it meanwhile').waitFor(soon)
    const { settings } = (await engineer.call<StreamTopic>('GET', `/stream/topics/${topic}`)).json
    expect(settings.find(({ name }) => name === 'retention.ms')?.value).toBe('7200000')
    await second.getByRole('button', { name: 'Forget my changes' }).click()
    await expect.poll(() => field(second).inputValue(), soon).toBe('7200000')
  })
})

it('the charts show the time before the page was opened, as far back as one asks', async () => {
  const { page } = await signedIn(browser, 'viewers', platform.url)
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).search))
  await page.goto(console_('overview'))
  await page.getByRole('img', { name: /^The lag is \d+ now/ }).waitFor(soon)
  await page.getByText('7 d', { exact: true }).click()
  await expect.poll(() => asked.includes('?span=7d'), soon).toBe(true)
  await page.goto(console_('groups&name=darkroom-process'))
  await page.getByRole('img', { name: /^Lag of each partition over time/ }).waitFor(soon)
})

it('a thousand topics do not freeze the page', async () => {
  const { page } = await signedIn(browser, 'engineers', platform.url)
  await watchLongTasks(page)
  // The platform's own answer, many times over; a broker with so many topics is for the long tests.
  await page.route('**/stream/topics', async (route) => {
    const answer = await route.fetch()
    const topic = ((await answer.json()) as StreamTopicPage).items.find(({ name }) => name === 'images')
    const items = Array.from({ length: 1_000 }, (_, n) => ({ ...topic, name: `many-${String(n).padStart(4, '0')}` }))
    await route.fulfill({ response: answer, json: { items } })
  })
  await page.goto(console_('topics'))
  await page.getByRole('link', { name: 'many-0000', exact: true }).waitFor(soon)
  expect(await page.getByRole('row').count()).toBeLessThan(110)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('101 to 200 of 1,000').waitFor(soon)
  await page.getByLabel('Find a topic').fill('many-0987')
  await page.getByRole('link', { name: 'many-0987', exact: true }).waitFor(soon)
  expect(await longestTask(page)).toBeLessThan(1_000)
})
