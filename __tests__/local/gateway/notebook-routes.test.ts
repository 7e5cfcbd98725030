import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import { createAuthenticate } from '../../../local/gateway/authentication.ts'
import { addNotebookRoutes } from '../../../local/gateway/notebook-routes.ts'
import { beginGallery, createGallery, finishGallery } from '../../../local/notebooks/gallery.ts'
import { groups } from '../../../platform.ts'
import { gatewayWith, issuer, keys, tokenWith } from './gateway.ts'

let folder: string
let lastRemoval: () => Promise<number | undefined>
const madeAt = Date.now() - 60_000

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-gallery-'))
  lastRemoval = async () => undefined
  await beginGallery(folder, madeAt)
  writeFileSync(join(folder, '3_content.html'), '<h1>Content</h1>')
  writeFileSync(join(folder, '3_content.json'), JSON.stringify({ title: 'Content', ok: true, result: null }))
  await finishGallery(folder, madeAt)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function gateway() {
  const { app } = gatewayWith()
  const authenticate = createAuthenticate(issuer, async () => keys.publicKey)
  addNotebookRoutes(app, { authenticate, gallery: createGallery(folder, () => lastRemoval()) })
  return app
}
const tokenOf = (group: keyof typeof groups) => tokenWith({ scope: groups[group].join(' ') })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const pages = ['/notebooks/', '/notebooks/index.json', '/notebooks/3_content.html']

describe('the pages of notebooks', () => {
  it.each(pages)('open with an analyst’s token: %s', async (path) => {
    const response = await gateway().request(path, bearer(await tokenOf('analysts')))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('Content')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it.each(pages)('stay closed without a token, and to uploaders and engineers: %s', async (path) => {
    expect((await gateway().request(path)).status).toBe(401)
    for (const group of ['uploaders', 'engineers'] as const) {
      const response = await gateway().request(path, bearer(await tokenOf(group)))
      expect([group, response.status]).toEqual([group, 403])
    }
  })

  it.each([
    '/notebooks/../index.html',
    '/notebooks/%2e%2e%2findex.html',
    '/notebooks/index.json.html',
    '/notebooks/4_x.html',
  ])('are only those of the list, and not %s', async (path) => {
    expect((await gateway().request(path, bearer(await tokenOf('analysts')))).status).toBe(404)
  })
})

describe('a browser', () => {
  const session = async (group: keyof typeof groups) =>
    gateway().request('/notebooks/session', { method: 'POST', ...bearer(await tokenOf(group)) })

  it('opens them by a cookie that scripts and other sites cannot use', async () => {
    const response = await session('analysts')
    expect(response.status).toBe(204)
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/; Path=\/notebooks\/; Expires=.*; HttpOnly; SameSite=Strict$/)
    const page = await gateway().request('/notebooks/', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect(page.status).toBe(200)
  })

  it.each(['uploaders', 'engineers'] as const)('of one of the %s gets no cookie', async (group) => {
    const response = await session(group)
    expect(response.status).toBe(403)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  it('cannot go in with a cookie of its own making', async () => {
    const cookie = `darkroom-notebooks=${await tokenOf('uploaders')}`
    expect((await gateway().request('/notebooks/', { headers: { cookie } })).status).toBe(403)
  })
})

describe('when an image has gone', () => {
  it('nothing is shown any more', async () => {
    lastRemoval = async () => madeAt + 1
    const response = await gateway().request('/notebooks/3_content.html', bearer(await tokenOf('analysts')))
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'no-such-notebook', hint: 'npm run notebooks' })
    const list = await gateway().request('/notebooks/index.json', bearer(await tokenOf('analysts')))
    expect(await list.json()).toMatchObject({ notebooks: [] })
  })

  it('or cannot be known, nothing is shown either', async () => {
    lastRemoval = () => Promise.reject(new UnavailableError('ledger-unavailable', 'The ledger does not answer'))
    const response = await gateway().request('/notebooks/3_content.html', bearer(await tokenOf('analysts')))
    expect(response.status).toBe(503)
  })
})
