/** How long a page was busy in one go: while a task runs, it neither scrolls nor takes a key. */
import type { Page } from 'playwright-core'

type Watched = { longTasks?: number[] }

/** From the next page load on. */
export const watchLongTasks = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const tasks: number[] = []
    ;(globalThis as Watched).longTasks = tasks
    // The browser reports tasks from 50 ms on.
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration))
    }).observe({ entryTypes: ['longtask'] })
  })

/** @returns milliseconds of the longest task since the page was loaded, or since the last call; 0 below 50 */
export const longestTask = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, ...((globalThis as Watched).longTasks?.splice(0) ?? [])))
