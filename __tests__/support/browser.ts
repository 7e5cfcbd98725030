/** Debian's Chromium, driven by Playwright: for browser tests, and for the pictures in the docs. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { demoPassword, personInGroup } from '../../local/identity/people.ts'
import type { Group } from '../../platform.ts'
import { findChromium } from '../../scripts/bootstrap/requirements.mjs'

/** Nothing that talks to anybody but the platform under test. */
const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

export const launchBrowser = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await findChromium(), args: quiet })

/** Widths and schemes in which every page must look right. */
export const screens = {
  wide: { width: 1280, height: 900 },
  phone: { width: 360, height: 780 },
} as const

/** What went wrong in the page itself; a test ends by expecting it to be empty. */
export type PageFaults = readonly string[]

/**
 * A page of its own session.
 * @returns the page, and what it complained about: script errors and broken content security policy
 */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    viewport: screens.wide,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text())
  })
  return { page, context, faults: faults as PageFaults }
}

/** Signs in as a demo person, the first of a group or by address, by the real page. */
export async function signInAs(page: Page, who: Group | `${string}@${string}`, url: string): Promise<void> {
  const email = who.includes('@') ? who : (personInGroup(who as Group)?.email ?? '')
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** What axe finds that keeps people out: violations of impact serious or critical, with where they are. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Through the debugger, because the page's content security policy lets no such script in.
  await page.evaluate(axeSource)
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
    return axe.run()
  })
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
}

/** Pixels by which the page is wider than the window; 0 where nothing overflows. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
