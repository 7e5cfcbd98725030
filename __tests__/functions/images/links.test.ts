import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { createLink, linkViews, openLink, readToken, tokenOf } from '../../../functions/images/links.ts'
import { endedPage, openPage, unknownPage } from '../../../functions/images/shared-page.ts'
import type { ImageRow, SharedLink } from '../../../functions/shared/image.ts'

const now = Date.UTC(2026, 10, 23)
const day = 86_400_000
const thumb = { name: 'thumb', key: 'k', contentType: 'image/webp', width: 256, height: 171, bytes: 9 }

/** One image in a ledger that remembers its links. */
function kept(change: Partial<ImageRow> = {}) {
  const row = {
    id: randomUUID(),
    ownerId: 'uma',
    name: 'Grandmother in Prague.jpg',
    status: 'processed',
    renditions: [thumb],
    expiresAt: now + 2 * day,
    ...change,
  } as unknown as ImageRow & { links?: Record<string, SharedLink> }
  const ledger = {
    get: vi.fn(async (id: string) => (id === row.id ? row : undefined)),
    async addLink(_image: string, _owner: string, id: string, link: SharedLink) {
      Object.assign(row, { links: { ...row.links, [id]: link } })
      return true
    },
    removeLink: vi.fn(async () => true),
  }
  return { row, ledger, parts: { ledger, clock: () => now } }
}

const tokenIn = (url = '') => url.slice('https://d.example/shared/'.length)

describe('a link', () => {
  it('opens one rendition until its time is over, and then says that it has ended', async () => {
    const { row, ledger, parts } = kept()
    const link = await createLink(parts, row, { rendition: 'thumb', seconds: 3_600 }, 'https://d.example')
    const token = tokenIn(link.url)
    expect(await openLink(ledger, token, now)).toEqual({ kind: 'open', rendition: thumb, expiresAt: now + 3_600_000 })
    expect(await openLink(ledger, token, now + 3_599_999)).toMatchObject({ kind: 'open' })
    expect(await openLink(ledger, token, now + 3_600_000)).toEqual({ kind: 'ended' })
  })

  it('ends with the image, also where the image is to go earlier than it was', async () => {
    const { row, ledger, parts } = kept()
    const link = await createLink(parts, row, { rendition: 'thumb', seconds: 7 * 86_400 }, 'https://d.example')
    expect(link.expires_at).toBe(new Date(now + 2 * day).toISOString())
    Object.assign(row, { expiresAt: now + day })
    expect(linkViews(row, now)[0]?.expires_at).toBe(new Date(now + day).toISOString())
    expect(await openLink(ledger, tokenIn(link.url), now + day)).toEqual({ kind: 'ended' })
  })

  it('is kept as a hash: nothing in the row opens it', async () => {
    const { row, parts } = kept()
    const { url, id } = await createLink(parts, row, { rendition: 'thumb', seconds: 3_600 }, 'https://d.example')
    const secret = readToken(tokenIn(url))?.secret ?? new Uint8Array()
    const stored = JSON.stringify(row)
    expect(secret).toHaveLength(32)
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      expect(stored).not.toContain(Buffer.from(secret).toString(form))
    }
    expect(linkViews(row, now)).toEqual([expect.not.objectContaining({ url: expect.anything() })])
    expect(linkViews(row, now)[0]?.id).toBe(id)
  })

  it.each([
    ['another secret', (id: string) => tokenOf(id, randomBytes(32))],
    ['another image', (_: string, secret: Uint8Array) => tokenOf(randomUUID(), secret)],
    ['a secret cut off', (id: string, secret: Uint8Array) => tokenOf(id, secret.subarray(0, 31))],
    ['something appended', (id: string, secret: Uint8Array) => `${tokenOf(id, secret)}A`],
    ['no token at all', () => '../../etc/passwd'],
  ])('does not open by %s', async (_what, change) => {
    const { row, ledger, parts } = kept()
    const { url } = await createLink(parts, row, { rendition: 'thumb', seconds: 3_600 }, 'https://d.example')
    const { secret } = readToken(tokenIn(url)) ?? { secret: new Uint8Array() }
    expect(await openLink(ledger, change(row.id, secret), now)).toEqual({ kind: 'unknown' })
  })

  it.each(['purged', 'quarantined', 'received'] as const)('does not open an image that is %s', async (status) => {
    const { row, ledger, parts } = kept()
    const { url } = await createLink(parts, row, { rendition: 'thumb', seconds: 3_600 }, 'https://d.example')
    Object.assign(row, { status })
    expect(await openLink(ledger, tokenIn(url), now)).toEqual({ kind: 'unknown' })
  })

  it.each<[string, Partial<ImageRow>, { rendition: string; seconds: number }, number]>([
    ['an image that is not ready', { status: 'published' }, { rendition: 'thumb', seconds: 3_600 }, 409],
    ['the original', {}, { rendition: 'original', seconds: 3_600 }, 404],
    ['a time that is not to choose', {}, { rendition: 'thumb', seconds: 3_601 }, 400],
  ])('is refused for %s', async (_what, change, request, status) => {
    const { row, parts } = kept(change)
    await expect(createLink(parts, row, request, '')).rejects.toMatchObject({ status })
    expect(row.links).toBeUndefined()
  })

  it('makes room of those that have ended', async () => {
    const ended = { rendition: 'thumb', hash: 'h', createdAt: 0, expiresAt: now }
    const { row, ledger, parts } = kept({ links: { old: ended } })
    expect(linkViews(row, now)).toEqual([])
    await createLink(parts, row, { rendition: 'thumb', seconds: 3_600 }, '')
    expect(ledger.removeLink).toHaveBeenCalledWith(row.id, 'uma', 'old')
  })
})

describe('the page behind a link', () => {
  const page = openPage('https://lake.example/k?X-Amz-Signature=a&b=c', thumb, now)

  it.each([page, endedPage, unknownPage])('with $status is kept out of caches, search engines and logs', (shown) => {
    expect(shown.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-robots-tag': expect.stringContaining('noindex'),
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    })
    expect(shown.headers['content-security-policy']).toMatch(/^default-src 'none'; /)
    expect(shown.html).not.toContain('<script')
  })

  it('shows the picture, and loads nothing from elsewhere', () => {
    expect(page.html).toContain('src="https://lake.example/k?X-Amz-Signature=a&amp;b=c"')
    expect(page.headers['content-security-policy']).toContain('img-src https://lake.example;')
  })
})
