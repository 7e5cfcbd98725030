/** The provider on a free port with its own home, and a small browser that keeps cookies and follows redirects. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientId } from '../../../local/identity/claims.ts'
import { ensureKeys } from '../../../local/identity/keys.ts'
import { createProvider } from '../../../local/identity/provider.ts'
import { createIdentityServer } from '../../../local/identity/server.ts'
import { openSessions } from '../../../local/identity/sessions.ts'

export const origin = 'http://127.0.0.1:18799'
export const redirectUri = `${origin}/signed-in`

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export async function startIdentity(options: { home?: string; port?: number } = {}) {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'darkroom-identity-'))
  const port = options.port ?? (await freePort())
  const issuer = `http://127.0.0.1:${port}`
  const keys = await ensureKeys(home)
  const sessions = openSessions(home)
  const cookieKeys = [sessions.secret('cookies', () => randomBytes(32).toString('base64url'))]
  const provider = createProvider({ issuer, origins: [origin], keys, adapter: sessions.adapter, cookieKeys })
  const server = createIdentityServer(provider, [origin], () => {}).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    home,
    port,
    issuer,
    /** @param forget also deletes the home */
    async stop(forget = true) {
      server.close()
      server.closeAllConnections()
      sessions.close()
      if (forget) rmSync(home, { recursive: true })
    },
  }
}

export function createBrowser() {
  const cookies = new Map<string, string>()
  /** Follows redirects within the provider and stops at the application. */
  return async function visit(url: string, init: RequestInit = {}): Promise<{ response: Response; url: string }> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const location = response.headers.get('location')
    if (!location) return { response, url }
    const next = new URL(location, url).href
    return next.startsWith(origin) ? { response, url: next } : visit(next)
  }
}

export const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) })

/** Authorization request with PKCE; the verifier is for the token request. */
export function authorization(issuer: string, extra: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url')
  const parameters = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'somewhere',
    ...extra,
  })
  return { verifier, url: `${issuer}/auth?${parameters}` }
}

export async function exchange(issuer: string, fields: Record<string, string>) {
  const response = await fetch(`${issuer}/token`, { ...form({ client_id: clientId, ...fields }), headers: { origin } })
  return { response, body: (await response.json()) as Record<string, string> }
}

/** The whole way: the page, the form, the code, the tokens. */
export async function signIn(issuer: string, email: string, password: string) {
  const visit = createBrowser()
  const { verifier, url } = authorization(issuer)
  const page = await visit(url)
  const answer = await visit(page.url, form({ email, password }))
  const code = new URL(answer.url).searchParams.get('code')
  if (!code) return { visit, page, answer, tokens: undefined }
  const tokens = await exchange(issuer, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
  })
  return { visit, page, answer, tokens }
}
