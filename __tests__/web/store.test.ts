import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ImagePage } from '../../contract/schemas.ts'
import { type Api, ApiError } from '../../web/src/api.ts'
import { type AcceptedFile, createImageStore } from '../../web/src/images/store.ts'
import { imageView, start } from './imageView.ts'

/** What the store needs of a browser. */
function browser() {
  const listeners = { addEventListener: vi.fn(), removeEventListener: vi.fn() }
  vi.stubGlobal('document', { hidden: false, ...listeners })
  vi.stubGlobal('addEventListener', listeners.addEventListener)
  vi.stubGlobal('removeEventListener', listeners.removeEventListener)
}
beforeEach(() => {
  vi.useFakeTimers({ now: start })
  browser()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const accepted = (id: string): AcceptedFile => ({
  accepted: { id, image_path: `/images/date=2026-11-23/${id}/original.jpg`, status_url: `/images/${id}` },
  name: `${id}.jpg`,
  bytes: 1_000,
  type: 'image/jpeg',
  preview: undefined,
})

type Listing = (page: { limit: number; cursor?: string }) => Promise<ImagePage>
function storeWith(listImages: Listing, rest: Partial<Api> = {}) {
  const list = vi.fn(listImages)
  const store = createImageStore({ listImages: list, ...rest } as unknown as Api, 7, () => Date.now())
  return { store, list }
}
const ids = (store: ReturnType<typeof createImageStore>) => store.images.value.map(({ id }) => id)

describe('the live list', () => {
  it('looks at least twice a second while something is in flight, and rarely otherwise', async () => {
    let status: 'received' | 'processed' = 'received'
    const { store, list } = storeWith(async () => ({ items: [imageView('a', 0, { status })] }))
    store.start()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(list.mock.calls.length).toBeGreaterThanOrEqual(4)
    status = 'processed'
    await vi.advanceTimersByTimeAsync(1_000)
    list.mockClear()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(list).toHaveBeenCalledTimes(0)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(list).toHaveBeenCalledTimes(1)
  })

  it('backs off when the platform does not answer, and keeps what it shows', async () => {
    let down = false
    const { store, list } = storeWith(async () => {
      if (down) throw new ApiError(503, { detail: 'down' })
      return { items: [imageView('a', 0, { status: 'received' })] }
    })
    store.start()
    await vi.advanceTimersByTimeAsync(500)
    down = true
    list.mockClear()
    await vi.advanceTimersByTimeAsync(15_000)
    expect(list.mock.calls.length).toBeLessThanOrEqual(6)
    expect(ids(store)).toEqual(['a'])
    expect(store.failure.value?.status).toBe(503)
  })

  it('does not lose an upload that is accepted while a page is on its way', async () => {
    const page = Promise.withResolvers<ImagePage>()
    const image = Promise.withResolvers<ReturnType<typeof imageView>>()
    const getImage = (id: string) => (id === 'first' ? image.promise : new Promise<never>(() => {}))
    const { store } = storeWith(() => page.promise, { getImage })
    store.start()
    store.add(accepted('first'))
    page.resolve({ items: [] })
    await vi.advanceTimersByTimeAsync(0)
    store.add(accepted('second'))
    image.resolve(imageView('first', 0, { status: 'published' }))
    await vi.advanceTimersByTimeAsync(0)
    expect(ids(store).sort()).toEqual(['first', 'second'])
  })

  it('asks one by one for what is in flight beyond the page', async () => {
    const newest = imageView('newest', 60)
    const getImage = vi.fn(async (id: string) => imageView(id, 0))
    const { store } = storeWith(async () => ({ items: [newest], next_cursor: 'more' }), { getImage })
    store.start()
    store.add(accepted('old'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(getImage).toHaveBeenCalledWith('old')
    expect(store.images.value.find(({ id }) => id === 'old')?.status).toBe('processed')
  })

  it('waits for the page that is on its way when more is asked for meanwhile', async () => {
    const next = Promise.withResolvers<ImagePage>()
    const { store, list } = storeWith(async ({ cursor }) =>
      cursor ? next.promise : { items: [imageView('new', 0)], next_cursor: 'more' },
    )
    store.start()
    await vi.advanceTimersByTimeAsync(0)
    void store.more()
    let waited = false
    const second = store.more().then(() => {
      waited = true
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(waited).toBe(false)
    next.resolve({ items: [imageView('old', -1_000)] })
    await second
    expect(ids(store)).toEqual(['new', 'old'])
    expect(list.mock.calls.filter(([page]) => page.cursor)).toHaveLength(1)
  })

  it('clears the failure of a page when the page comes after all, so that the list goes on', async () => {
    let down = true
    const { store } = storeWith(async ({ cursor }) => {
      if (!cursor) return { items: [imageView('new', 0)], next_cursor: 'more' }
      if (down) throw new ApiError(503, { detail: 'down' })
      return { items: [imageView('old', -1_000)] }
    })
    store.start()
    await vi.advanceTimersByTimeAsync(0)
    await store.more()
    expect(store.failure.value?.status).toBe(503)
    expect(store.loadingMore.value).toBe(false)
    down = false
    await store.more()
    expect(store.failure.value).toBeUndefined()
    expect(ids(store)).toEqual(['new', 'old'])
  })

  it('keeps an erased image away, also when an older answer still has it', async () => {
    const stale = Promise.withResolvers<ImagePage>()
    let answer: Promise<ImagePage> = Promise.resolve({ items: [imageView('a', 0, { status: 'received' })] })
    const { store } = storeWith(() => answer, { eraseImage: async () => ({}) as never })
    store.start()
    await vi.advanceTimersByTimeAsync(0)
    answer = stale.promise
    await vi.advanceTimersByTimeAsync(500)
    await store.erase('a')
    stale.resolve({ items: [imageView('a', 0)] })
    await vi.advanceTimersByTimeAsync(0)
    expect(ids(store)).toEqual([])
  })

  it('keeps an image whose erasure failed, and takes one that is gone already as erased', async () => {
    let failure = new ApiError(503, { detail: 'down' })
    const { store } = storeWith(async () => ({ items: [imageView('a', 0)] }), {
      eraseImage: () => Promise.reject(failure),
    })
    store.start()
    await vi.advanceTimersByTimeAsync(0)
    await expect(store.erase('a')).rejects.toThrow('down')
    expect(ids(store)).toEqual(['a'])
    failure = new ApiError(404, {})
    await store.erase('a')
    expect(ids(store)).toEqual([])
  })
})
