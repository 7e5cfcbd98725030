/** Five hundred files at once: the page keeps answering, and every one of them arrives. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pMap from 'p-map'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { apiClient } from '../support/api.ts'
import { launchBrowser } from '../support/browser.ts'
import { longestTask, watchLongTasks } from '../support/long-tasks.ts'
import { sharedPlatform } from '../support/platform.ts'
import { signedIn } from './visitor.ts'

const platform = sharedPlatform()
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const many = 500

it('five hundred photographs are taken in, each once, and no step of the page takes a second', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-many-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const word = crypto.randomUUID().slice(0, 8)
  const create = { width: 320, height: 240, channels: 3 as const, background: 'white' }
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  const paths = await pMap(
    Array.from({ length: many }, (_, n) => join(folder, `${word} ${n}.jpg`)),
    async (path) => {
      await writeFile(
        path,
        await sharp({ create: { ...create, noise } })
          .jpeg()
          .toBuffer(),
      )
      return path
    },
    { concurrency: 4 },
  )
  const { page, faults } = await signedIn(browser, 'uploaders', platform.url)
  await watchLongTasks(page)
  await page.reload()
  await page.getByRole('button', { name: 'Choose files' }).waitFor()
  const api = apiClient(platform.url, await platform.token('uploaders'))
  const mine = async () => (await api.all()).filter(({ name }) => name?.startsWith(word))

  const started = performance.now()
  await page.getByTestId('file-input').setInputFiles(paths)
  // Neither rare nor so frequent that asking is what the platform is busy with.
  await expect.poll(async () => (await mine()).length, { timeout: 300_000, interval: 3_000 }).toBe(many)
  const seconds = (performance.now() - started) / 1000
  const longest = await longestTask(page)
  console.log(
    `${many} files were taken in after ${seconds.toFixed(0)} s; the longest task took ${longest.toFixed(0)} ms`,
  )
  expect(new Set((await mine()).map(({ name }) => name)).size).toBe(many)
  expect(longest).toBeLessThan(1_000)
  expect(faults).toEqual([])
})
