/** A page for one test, closed when the test ends; a failed test leaves a picture of it. */

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Group } from '../../platform.ts'
import { openPage, signInAs } from '../support/browser.ts'

export async function visitor(browser: Browser, options: BrowserContextOptions = {}) {
  const opened = await openPage(browser, options)
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') {
      const path = join(tmpdir(), `darkroom-failed-${Date.now()}.png`)
      await opened.page.screenshot({ path })
      console.error(`${opened.page.url()}: see ${path}`, opened.faults)
    }
    await opened.context.close()
  })
  return opened
}

/** A visitor who has signed in by the real page. */
export async function signedIn(
  browser: Browser,
  who: Group | `${string}@${string}`,
  url: string,
  options: BrowserContextOptions = {},
) {
  const opened = await visitor(browser, options)
  await signInAs(opened.page, who, url)
  return opened
}
