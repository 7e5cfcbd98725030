/** Pictures of the engineers' console: every view, wide and on a phone, in light and dark. */
import type { Browser, Page } from 'playwright-core'
import { openPage, screens, signInAs } from '../../__tests__/support/browser.ts'

type Shoot = (page: Page, name: string, options?: { whole?: boolean }) => Promise<void>
type View = {
  readonly name: string
  readonly query: string
  /** Brings the view into the state that is to be seen. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

const nothingChanged = (page: Page) => page.getByText('Nothing has been changed yet').waitFor()

const views: readonly View[] = [
  // Rates are there from the second look on.
  { name: 'overview', query: 'overview', prepare: (page) => page.getByText(/\d\/s/).first().waitFor() },
  { name: 'topics', query: 'topics' },
  {
    name: 'topic',
    query: 'topics&name=images',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'retention.ms', exact: true }).fill('172800000')
      await page.getByRole('button', { name: 'Preview' }).click()
      await nothingChanged(page)
    },
  },
  {
    name: 'group',
    query: 'groups&name=darkroom-process',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Preview' }).click()
      await nothingChanged(page)
    },
  },
  {
    name: 'messages',
    query: 'messages',
    prepare: async (page) => {
      await page
        .getByRole('img', { name: /^Thumbnail/ })
        .first()
        .waitFor()
      // Scrolling would load the rest; the picture shows them all.
      await page.waitForLoadState('networkidle')
    },
  },
  { name: 'quarantine', query: 'quarantine' },
  { name: 'triggers', query: 'triggers' },
  { name: 'changes', query: 'changes' },
]

/** @param url of a running platform with a few images, one of them in quarantine */
export async function showConsole(browser: Browser, url: string, shoot: Shoot): Promise<void> {
  for (const [colorScheme, width] of [
    ['light', 'wide'],
    ['dark', 'wide'],
    ['light', 'phone'],
    ['dark', 'phone'],
  ] as const) {
    const { page, context } = await openPage(browser, { colorScheme, viewport: screens[width] })
    await signInAs(page, 'engineers', url)
    for (const { name, query, prepare } of views) {
      // Every page in light on a wide screen; of the other three, those that look different there.
      if (colorScheme === 'dark' && !['overview', 'messages'].includes(name)) continue
      await page.goto(`${url}/console?view=${query}`)
      await page.locator('.console .panel').first().waitFor()
      await page.locator('.skeleton').waitFor({ state: 'detached' })
      await prepare?.(page)
      // Otherwise the bar that stays on top would stand in the middle.
      await page.evaluate(() => scrollTo(0, 0))
      await shoot(page, `console-${name}-${width}-${colorScheme}`, { whole: name !== 'messages' })
    }
    await context.close()
  }
}
