/** The provider behind an HTTP server, with the sign-in page as its one interaction. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Provider } from 'oidc-provider'
import { errorPage, signInPage } from './pages.ts'
import { authenticate, demoPassword, people } from './people.ts'

const root = join(import.meta.dirname, '../..')
const font = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'
const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="8"
fill="#1d1b18"/><circle cx="16" cy="16" r="7.5" fill="#ff8552"/><path d="M16 8.5a7.5 7.5 0 0 1 0 15z" fill="#fff"/></svg>`

/** Few and small: read once at the start. The colours are the web application's own file. */
const assets: Record<string, { readonly type: string; readonly body: string | Buffer }> = {
  '/assets/tokens.css': {
    type: 'text/css',
    body: readFileSync(join(root, 'web/src/styles/tokens.css'), 'utf8').replace(font, '/assets/inter.woff2'),
  },
  '/assets/sign-in.css': { type: 'text/css', body: readFileSync(join(import.meta.dirname, 'sign-in.css')) },
  '/assets/inter.woff2': { type: 'font/woff2', body: readFileSync(fileURLToPath(import.meta.resolve(font))) },
  '/assets/mark.svg': { type: 'image/svg+xml', body: mark },
  '/assets/sign-out.js': {
    type: 'text/javascript',
    body: `document.querySelector('button[value=yes]').click()\n`,
  },
}

/** A sign-in form is two short fields. */
const formBytes = 4096

export type SignInLog = (event: 'signed-in' | 'refused', details: Record<string, unknown>) => void

export function createIdentityServer(provider: Provider, origins: readonly string[], log: SignInLog): Server {
  // form-action also governs where the answer to the form may redirect to: back to the application.
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "script-src 'self'",
    `form-action 'self' ${origins.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
  const headers = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  const send = (response: ServerResponse, status: number, body: string) =>
    response.writeHead(status, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(body)

  async function signIn(request: IncomingMessage, response: ServerResponse, url: URL) {
    const { uid } = await provider.interactionDetails(request, response)
    const action = `/sign-in/${uid}`
    if (request.method !== 'POST') {
      const person = people.find(({ email }) => email === url.searchParams.get('person'))
      return send(
        response,
        200,
        signInPage({ action, email: person?.email ?? '', password: person ? demoPassword : '' }),
      )
    }
    const fields = new URLSearchParams(await readForm(request))
    const email = fields.get('email') ?? ''
    const person = authenticate(email, fields.get('password') ?? '')
    if (!person) {
      log('refused', {})
      const error = 'That address and password do not belong together. Check both and try again.'
      return send(response, 401, signInPage({ action, email, password: '', error }))
    }
    log('signed-in', { sub: person.sub, group: person.group })
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId: person.sub, remember: true } },
      { mergeWithLastSubmission: false },
    )
  }

  const callback = provider.callback()
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://identity')
    const asset = assets[url.pathname]
    if (asset) {
      response.writeHead(200, { ...headers, 'content-type': asset.type, 'cache-control': 'max-age=3600' })
      return response.end(asset.body)
    }
    if (url.pathname.startsWith('/sign-in/')) {
      return signIn(request, response, url).catch((error: Error) => {
        const message = error.name === 'SessionNotFound' ? 'This sign-in is no longer open.' : error.message
        send(response, 400, errorPage(message, origins[0] ?? '/'))
      })
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    return callback(request, response)
  })
}

async function readForm(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) > formBytes) {
    throw new Error('The form is too long.')
  }
  return text(request)
}
