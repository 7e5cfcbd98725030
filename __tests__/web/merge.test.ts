import { describe, expect, it } from 'vitest'
import { type ListedImage, mergePage, refresh } from '../../web/src/images/merge.ts'
import { imageView, rendition, start } from './imageView.ts'

const now = start + 100_000
const listed = (...args: Parameters<typeof imageView>): ListedImage => ({ ...imageView(...args), linkedAt: start })
const ids = (images: readonly { id: string }[]) => images.map(({ id }) => id)

describe('laying a page over the list', () => {
  it('puts newer images on top and keeps older ones below', () => {
    const known = [listed('b', 2), listed('a', 1)]
    const page = { items: [imageView('d', 4), imageView('c', 3)], next_cursor: 'more' }
    expect(ids(mergePage(known, page, now))).toEqual(['d', 'c', 'b', 'a'])
  })

  it('drops what the page should contain and does not: it has been erased elsewhere', () => {
    const known = [listed('c', 3), listed('b', 2), listed('a', 1)]
    expect(ids(mergePage(known, { items: [imageView('c', 3), imageView('a', 1)] }, now))).toEqual(['c', 'a'])
  })

  it('drops everything when an only page is empty', () => {
    expect(mergePage([listed('a', 1)], { items: [] }, now)).toEqual([])
  })

  it('keeps what lies beyond the page', () => {
    const known = [listed('c', 3), listed('b', 2), listed('a', 1)]
    const page = { items: [imageView('c', 3), imageView('b', 2)], next_cursor: 'more' }
    expect(ids(mergePage(known, page, now))).toEqual(['c', 'b', 'a'])
  })

  it('judges a later page by its own range only', () => {
    const known = [listed('d', 4), listed('c', 3), listed('gone', 2)]
    const page = { items: [imageView('b', 1.5), imageView('a', 1)] }
    expect(ids(mergePage(known, page, now, imageView('c', 3).received_at))).toEqual(['d', 'c', 'b', 'a'])
  })

  it('keeps the neighbours of a page that came in at the very same time as its edges', () => {
    const known = [listed('d', 3), listed('c', 3), listed('gone', 2), listed('b', 1), listed('a', 1)]
    const page = { items: [imageView('c', 3), imageView('b', 1)], next_cursor: 'more' }
    expect(ids(mergePage(known, page, now, imageView('d', 3).received_at))).toEqual(['d', 'c', 'b', 'a'])
  })

  it('keeps an upload that was accepted but is not listed yet, whatever its clock says', () => {
    const known: ListedImage[] = [{ ...listed('new', 90), unconfirmed: true }, listed('a', 1)]
    const later = now + 60_000
    expect(ids(mergePage(known, { items: [imageView('a', 1)] }, later))).toEqual(['new', 'a'])
  })

  it('keeps a confirmed upload only until the index must have it', () => {
    const known: ListedImage[] = [{ ...listed('new', 90), acceptedAt: now - 5_000 }]
    expect(ids(mergePage(known, { items: [] }, now))).toEqual(['new'])
    expect(ids(mergePage(known, { items: [] }, now + 10_000))).toEqual([])
  })

  it('hides what is being sent, and shows what was left unfinished an hour ago', () => {
    const page = { items: [imageView('a', 1, { status: 'uploading' })] }
    expect(mergePage([], page, now)).toEqual([])
    expect(ids(mergePage([], page, start + 2 * 3_600_000))).toEqual(['a'])
  })
})

describe('refreshing an image', () => {
  const first = rendition('thumb', 256)
  const again = rendition('thumb', 256, { url: 'https://lake.example/thumb?signature=2' })

  it('is the same object where nothing has changed, so that its row is not drawn again', () => {
    const known = { ...listed('a', 1), renditions: [first] }
    expect(refresh(known, imageView('a', 1, { renditions: [again] }), now)).toBe(known)
  })

  it('keeps links that still hold, so that pictures do not flicker', () => {
    const known = { ...listed('a', 1), status: 'published' as const, renditions: [first] }
    expect(refresh(known, imageView('a', 1, { renditions: [again] }), now).renditions[0]?.url).toBe(first.url)
  })

  it('takes fresh links before the old ones end', () => {
    const known = { ...listed('a', 1), renditions: [first] }
    const fresh = refresh(known, imageView('a', 1, { renditions: [again] }), start + 50 * 60_000)
    expect(fresh.renditions[0]?.url).toBe(again.url)
  })

  it("replaces a window's own guess by what the platform says", () => {
    const guess: ListedImage = { ...listed('a', 90), status: 'received', unconfirmed: true, acceptedAt: now }
    const fresh = refresh(guess, imageView('a', 1, { status: 'received' }), now)
    expect(fresh.unconfirmed).toBeUndefined()
    expect(fresh.received_at).toBe(imageView('a', 1).received_at)
    expect(fresh.acceptedAt).toBe(now)
  })
})
