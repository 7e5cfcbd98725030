import { describe, expect, it, vi } from 'vitest'
import type { ImagePage } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { type Api, ApiError } from '../../web/src/api.ts'
import { type BulkProgress, eraseInPieces, reasonsOf } from '../../web/src/images/bulk.ts'
import { createFoundStore } from '../../web/src/images/found.ts'
import { createSelection } from '../../web/src/images/selection.ts'
import { quotaState } from '../../web/src/images/usage.ts'
import { apiQuery, isFiltered, plainView, readView, type View, writeView } from '../../web/src/images/view.ts'
import { imageView } from './imageView.ts'

describe('what is shown, in the address', () => {
  const view: View = {
    name: 'käse & co',
    state: 'working',
    type: 'image/png',
    camera: 'Canon EOS R5',
    size: '5-20',
    from: '2026-11-20',
    to: '2026-11-23',
    order: 'largest',
  }

  it('comes back as it was written', () => {
    expect(readView(writeView(view))).toEqual(view)
    expect(writeView(plainView)).toBe('')
    expect(readView('')).toEqual(plainView)
  })

  it.each(['?state=developed', '?type=text/html', '?size=huge', '?from=yesterday', '?order=random', '?image=1'])(
    'leaves out what cannot be meant: %s',
    (search) => {
      expect(readView(search)).toEqual(plainView)
    },
  )

  it('is asked of the platform in its own words: bytes, moments, states', () => {
    expect(apiQuery(view)).toMatchObject({
      status: 'received,published',
      min_bytes: '5000000',
      max_bytes: '19999999',
      order: 'largest',
    })
    const { from = '', to = '' } = apiQuery(view)
    expect(new Date(from).getTime()).toBe(new Date(2026, 10, 20).getTime())
    // The last day is part of it.
    expect(new Date(to).getTime()).toBe(new Date(2026, 10, 24).getTime())
    expect(apiQuery(plainView)).toEqual({})
  })

  it('is filtered by everything but the order', () => {
    expect(isFiltered({ order: 'name' })).toBe(false)
    expect(isFiltered({ name: 'a', order: 'newest' })).toBe(true)
  })
})

describe('choosing', () => {
  const order = ['a', 'b', 'c', 'd', 'e']
  const chosen = ({ ids }: ReturnType<typeof createSelection>) => [...ids.value].toSorted()

  it('goes from the last one that was touched, in either direction', () => {
    const selection = createSelection()
    selection.toggle('d', order, false)
    selection.toggle('b', order, true)
    expect(chosen(selection)).toEqual(['b', 'c', 'd'])
    selection.toggle('c', order, false)
    expect(chosen(selection)).toEqual(['b', 'd'])
    selection.toggle('e', order, true)
    expect(chosen(selection)).toEqual(['b', 'c', 'd', 'e'])
  })

  it('takes one alone where the last one is not listed any more', () => {
    const selection = createSelection()
    selection.toggle('a', order, false)
    selection.toggle('e', ['c', 'd', 'e'], true)
    expect(chosen(selection)).toEqual(['a', 'e'])
  })

  it('forgets what is gone', () => {
    const selection = createSelection()
    selection.all(order)
    selection.drop(new Set(['a', 'x']))
    expect(chosen(selection)).toEqual(['b', 'c', 'd', 'e'])
  })
})

describe('erasing many', () => {
  const ids = Array.from({ length: 45 }, (_, n) => `id-${n}`)

  it('counts what is gone after each piece, and each id once', async () => {
    const eraseImages = vi.fn(async (part: readonly string[]) => ({ erased: [...part], failed: [] }))
    const seen: BulkProgress[] = []
    const gone: string[] = []
    const end = await eraseInPieces({ eraseImages }, ids, (progress, erased) => {
      seen.push(progress)
      gone.push(...erased)
    })
    expect(end).toEqual({ total: 45, erased: 45, failed: [] })
    expect(gone.toSorted()).toEqual(ids.toSorted())
    expect(seen.map(({ erased }) => erased)).toEqual([...seen.map(({ erased }) => erased)].sort((a, b) => a - b))
    expect(seen).toHaveLength(3)
  })

  it('tells apart what the platform refused and what was not reached, and goes on with the rest', async () => {
    const eraseImages = async (part: readonly string[]) => {
      if (part.includes('id-25')) throw new ApiError(0, { code: 'network', detail: 'The connection broke.' })
      const failed = part.includes('id-3') ? [{ id: 'id-3', code: 'on-hold', detail: 'It is kept.' }] : []
      return { erased: part.filter((id) => id !== 'id-3'), failed }
    }
    const end = await eraseInPieces({ eraseImages }, ids, () => {})
    expect(end.erased).toBe(24)
    expect(reasonsOf(end.failed)).toEqual([
      { detail: 'The connection broke.', count: 20 },
      { detail: 'It is kept.', count: 1 },
    ])
  })
})

describe('the list under a filter', () => {
  const view: View = { name: 'a', order: 'newest' }
  const listing = (answer: (cursor?: string) => Promise<ImagePage>) => {
    const listImages = vi.fn((page: { cursor?: string }, _signal?: AbortSignal) => answer(page.cursor))
    return { listImages, store: createFoundStore({ listImages } as unknown as Api, () => 0) }
  }

  it('asks on where a page is empty and there is more', async () => {
    const pages: Record<string, ImagePage> = {
      start: { items: [], next_cursor: 'two' },
      two: { items: [], next_cursor: 'three' },
      three: { items: [imageView('x', 0)] },
    }
    const { store, listImages } = listing(async (cursor = 'start') => pages[cursor] as ImagePage)
    await store.search(view)
    expect(store.images.value.map(({ id }) => id)).toEqual(['x'])
    expect(listImages).toHaveBeenCalledTimes(3)
    expect(store.cursor.value).toBeUndefined()
  })

  it('drops the answer to a question that has been asked anew', async () => {
    const late = Promise.withResolvers<ImagePage>()
    let asked = 0
    const { store } = listing(async () => (asked++ === 0 ? late.promise : { items: [imageView('new', 0)] }))
    const first = store.search(view)
    await store.search({ ...view, name: 'ab' })
    late.resolve({ items: [imageView('old', 0)], next_cursor: 'more' })
    await first
    expect(store.images.value.map(({ id }) => id)).toEqual(['new'])
    expect(store.cursor.value).toBeUndefined()
  })

  it('adds a page without showing anything twice', async () => {
    const { store } = listing(async (cursor) =>
      cursor
        ? { items: [imageView('b', 0), imageView('c', 0)] }
        : { items: [imageView('a', 0), imageView('b', 0)], next_cursor: 'next' },
    )
    await store.search(view)
    await store.more()
    expect(store.images.value.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('says what went wrong and keeps what it shows', async () => {
    let down = false
    const { store } = listing(async () => {
      if (down) throw new ApiError(503, { detail: 'down' })
      return { items: [imageView('a', 0)], next_cursor: 'next' }
    })
    await store.search(view)
    down = true
    await store.more()
    expect(store.failure.value?.status).toBe(503)
    expect(store.images.value).toHaveLength(1)
  })
})

describe('the quota', () => {
  const quota = { images: 10, bytes: 1_000 }
  it.each([
    [{ images: 7, bytes: 0 }, 'fine'],
    [{ images: 8, bytes: 0 }, 'near'],
    [{ images: 0, bytes: 999 }, 'near'],
    [{ images: 10, bytes: 0 }, 'full'],
    [{ images: 1, bytes: 1_000 }, 'full'],
  ] as const)('is, with %o, %s', (used, state) => {
    expect(quotaState({ ...used, quota })).toBe(state)
  })

  it('is read in pages that the platform gives', () => {
    expect(limits.pageSize.most).toBeGreaterThanOrEqual(200)
  })
})
