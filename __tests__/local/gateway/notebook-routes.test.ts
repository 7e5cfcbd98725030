import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import { createAuthenticate } from '../../../local/gateway/authentication.ts'
import { addNotebookRoutes } from '../../../local/gateway/notebook-routes.ts'
import { beginRun, createGallery, finishRun } from '../../../local/notebooks/gallery.ts'
import { groups } from '../../../platform.ts'
import { gatewayWith, issuer, keys, tokenWith } from './gateway.ts'

let home: string
let lastRemoval: () => Promise<number | undefined>
const madeAt = Date.now() - 60_000
const made_at = new Date(madeAt).toISOString()
const facts = { made_at, as_of: made_at, lake: '/mnt/images' }

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'darkroom-gallery-'))
  lastRemoval = async () => undefined
  const folder = await beginRun(home, facts)
  writeFileSync(join(folder, '3_content.html'), '<h1>Content</h1>')
  const outcome = { title: 'Content', lead: 'What they are like', ok: true, result: null }
  writeFileSync(join(folder, '3_content.json'), JSON.stringify(outcome))
  await finishRun(home, facts)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function gateway() {
  const { app } = gatewayWith()
  const authenticate = createAuthenticate(issuer, async () => keys.publicKey)
  addNotebookRoutes(app, { authenticate, gallery: createGallery(home, () => lastRemoval()) })
  return app
}
const tokenOf = (group: keyof typeof groups) => tokenWith({ scope: groups[group].join(' ') })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const pages = ['/notebooks/index.json', '/notebooks/3_content.html']

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

describe('somebody who types their address', () => {
  it('is sent to the page that shows them', async () => {
    const response = await gateway().request('/notebooks/')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/notebooks'])
  })
})

describe('when an image has gone', () => {
  it('nothing is shown any more', async () => {
    lastRemoval = async () => madeAt + 1
    const response = await gateway().request('/notebooks/3_content.html', bearer(await tokenOf('analysts')))
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'no-such-notebook', hint: 'npm run notebooks' })
    const list = await gateway().request('/notebooks/index.json', bearer(await tokenOf('analysts')))
    expect(await list.json()).toEqual({ run: null, running_since: null })
  })

  it('or cannot be known, nothing is shown either', async () => {
    lastRemoval = () => Promise.reject(new UnavailableError('ledger-unavailable', 'The ledger does not answer'))
    const response = await gateway().request('/notebooks/3_content.html', bearer(await tokenOf('analysts')))
    expect(response.status).toBe(503)
  })
})
