/** The largest file that is taken, left in the middle by a reload: it goes on from the parts that are there. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { limits } from '../../platform.ts'
import { apiClient } from '../support/api.ts'
import { launchBrowser } from '../support/browser.ts'
import { sharedPlatform } from '../support/platform.ts'
import { countParts, holdAfter, largeFile, sha256 } from './large.ts'
import { row } from './photographs.ts'
import { signedIn } from './visitor.ts'

const platform = sharedPlatform()
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Hashing, sending and checking a hundred mebibytes. */
const patient = { timeout: 240_000 }

it('a hundred mebibytes go on after a reload, each part is sent once, and every byte arrives', async () => {
  const { page, faults } = await signedIn(browser, 'uploaders', platform.url)
  page.on('dialog', (dialog) => void dialog.accept())
  const file = await largeFile(limits.presignedUploadBytes - 4 * 1024 * 1024)
  const taken = countParts(page)
  const held = await holdAfter(page, 9)
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect.poll(() => taken.size, patient).toBe(9)
  await page.reload()
  await held.letGo()
  await row(page, file).waitFor(patient)
  await row(page, file)
    .getByText(/Ready|In quarantine/)
    .first()
    .waitFor(patient)
  expect(new Set(taken.values())).toEqual(new Set([1]))
  expect(taken.size).toBe(20)

  const api = apiClient(platform.url, await platform.token('uploaders'))
  const listed = (await api.all()).filter(({ name }) => name === file.name)
  expect(listed).toHaveLength(1)
  const { json: image } = await api.image(listed[0]?.id ?? '')
  const original = await fetch(image.original_url ?? '')
  expect(sha256(new Uint8Array(await original.arrayBuffer()))).toBe(file.sha256)
  expect(faults).toEqual([])
})
