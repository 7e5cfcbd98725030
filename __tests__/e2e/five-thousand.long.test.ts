/** Five thousand photographs in the list: shown, filtered and scrolled to the end without freezing the page. */
import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ImageRow } from '../../functions/shared/image.ts'
import { dateOf, originalKey } from '../../functions/shared/keys.ts'
import { expiryOf } from '../../functions/shared/ledger.ts'
import { people } from '../../local/identity/people.ts'
import { resourceName, retention, tables } from '../../platform.ts'
import { launchBrowser } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { signedIn } from './visitor.ts'

const { url, config } = sharedPlatform()
const count = 5_000
const lena = people.find(({ email }) => email === 'lena@darkroom.example')
const documents = DynamoDBDocumentClient.from(
  new DynamoDBClient({ endpoint: config.urls.dynamodb, region: config.region, credentials: config.s3Credentials }),
)
const table = resourceName(config.environment, tables.ledger.name)
// Young enough for the orphan search, which takes rows without an object for leftovers after an hour.
const start = Date.now() - 1_000
const rows: ImageRow[] = Array.from({ length: count }, (_, n) => {
  const id = randomUUID()
  const receivedAt = start - n * 200
  const date = dateOf(receivedAt)
  return {
    id,
    kind: 'image',
    ownerId: lena?.sub ?? '',
    status: n % 50 === 0 ? 'quarantined' : 'processed',
    date,
    key: originalKey({ id, date }, 'jpg'),
    contentType: 'image/jpeg',
    extension: 'jpg',
    bytes: 500_000 + n,
    name: `Photograph ${n}.jpg`,
    receivedAt,
    publishedAt: receivedAt + 40,
    processedAt: receivedAt + 900,
    attempts: 1,
    ...expiryOf(id, receivedAt + retention.images),
  }
})

/** 25 is DynamoDB's limit on one BatchWriteItem. */
async function write(request: (row: ImageRow) => object) {
  for (let n = 0; n < rows.length; n += 25) {
    const RequestItems = { [table]: rows.slice(n, n + 25).map(request) }
    await documents.send(new BatchWriteCommand({ RequestItems } as never))
  }
}

let browser: Browser
beforeAll(async () => {
  await write((Item) => ({ PutRequest: { Item } }))
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await write(({ id }) => ({ DeleteRequest: { Key: { id } } }))
  documents.destroy()
})

it('scrolls to the last of five thousand photographs, and chooses all of them, without freezing', async () => {
  const { page, faults } = await signedIn(browser, 'lena@darkroom.example', url)
  await page.locator('.list-count', { hasText: '5,000' }).waitFor()
  await page.evaluate(() => {
    const tasks: number[] = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
    Object.assign(globalThis, { longTasks: tasks })
  })
  const last = page.getByRole('link', { name: `Open Photograph ${count - 1}.jpg` })
  const until = performance.now() + 90_000
  while ((await last.count()) === 0 && performance.now() < until) {
    await page.mouse.wheel(0, 20_000)
    await page.waitForTimeout(50)
  }
  await last.scrollIntoViewIfNeeded()
  expect(await last.isVisible()).toBe(true)
  const elements = await page.evaluate(() => document.querySelectorAll('*').length)
  expect(elements).toBeLessThan(15_000)

  await page.keyboard.press('Home')
  await page.getByRole('checkbox', { name: 'Select Photograph 0.jpg' }).click()
  await page.getByRole('button', { name: 'Select all 5,000' }).click()
  await page.getByText('5,000 selected').waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('searchbox').fill('photograph 4999')
  await expect.poll(() => page.locator('li[data-image]').count(), { timeout: 30_000 }).toBe(1)
  const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks)
  const longest = Math.max(0, ...tasks)
  console.info(`longest task ${Math.round(longest)} ms of ${tasks.length} long ones; ${elements} elements`)
  // A second is what people call frozen; on the machine of CI other tests run beside this one.
  expect(longest).toBeLessThan(1_000)
  expect(faults).toEqual([])
})
