/** The list under a filter or in another order than the newest first: as the platform finds it, page by page. */
import { signal } from '@preact/signals'
import type { ImagePage } from '../../../contract/schemas.ts'
import { type Api, ApiError } from '../api.ts'
import { type ListedImage, refresh } from './merge.ts'
import { apiQuery, type View } from './view.ts'

const pageSize = 100
/** A page may be empty and still have a next one: the platform looks at so many rows at a time. */
const emptyPagesAtOnce = 10

export type FoundStore = ReturnType<typeof createFoundStore>

export function createFoundStore(api: Pick<Api, 'listImages'>, clock: () => number = Date.now) {
  const images = signal<readonly ListedImage[]>([])
  const loaded = signal(false)
  const failure = signal<ApiError | undefined>(undefined)
  const cursor = signal<string | undefined>(undefined)
  const loadingMore = signal(false)
  let view: View | undefined
  /** Answers to earlier questions are dropped. */
  let asking = new AbortController()

  const ask = (asked: View, from?: string): Promise<ImagePage> =>
    api.listImages({ limit: pageSize, ...(from && { cursor: from }), ...apiQuery(asked) }, asking.signal)

  async function page(asked: View, from?: string): Promise<void> {
    const { signal: stopped } = asking
    try {
      let next = from
      for (let empty = 0; empty < emptyPagesAtOnce; empty++) {
        const answer = await ask(asked, next)
        if (stopped.aborted) return
        const known = new Map(images.value.map((image) => [image.id, image]))
        const fresh = answer.items.map((image) => refresh(known.get(image.id), image, clock()))
        const ids = new Set(fresh.map(({ id }) => id))
        images.value = next ? [...images.value.filter(({ id }) => !ids.has(id)), ...fresh] : fresh
        cursor.value = answer.next_cursor
        next = answer.next_cursor
        if (fresh.length > 0 || !next) break
      }
      loaded.value = true
      failure.value = undefined
    } catch (error) {
      if (!stopped.aborted && error instanceof ApiError) failure.value = error
    }
  }

  let arriving: Promise<void> | undefined

  async function nextPage(asked: View, from: string): Promise<void> {
    const { signal: stopped } = asking
    loadingMore.value = true
    await page(asked, from)
    if (stopped.aborted) return
    loadingMore.value = false
    arriving = undefined
  }

  /** The next page. While one is on its way that one is waited for, so whoever asks in a loop does not spin. */
  function more(): Promise<void> {
    if (!view || !cursor.value) return Promise.resolve()
    arriving ??= nextPage(view, cursor.value)
    return arriving
  }

  return {
    images,
    loaded,
    failure,
    cursor,
    loadingMore,
    more,
    /** Asks anew. The list before stays until the answer is here. */
    search(next: View): Promise<void> {
      asking.abort()
      asking = new AbortController()
      view = next
      loadingMore.value = false
      arriving = undefined
      failure.value = undefined
      return page(next)
    },
    retry: () => (view ? page(view) : Promise.resolve()),
    drop(ids: ReadonlySet<string>) {
      images.value = images.value.filter(({ id }) => !ids.has(id))
    },
  }
}
