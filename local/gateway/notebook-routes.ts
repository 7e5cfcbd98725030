/** The HTML of notebooks, for analysts only. In AWS people open them in Databricks, and none of this exists. */
import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { UnavailableError } from '../../functions/shared/errors.ts'
import { scopes } from '../../platform.ts'
import type { Gallery } from '../notebooks/gallery.ts'
import type { GatewayEnvironment } from './app.ts'
import type { Authenticate, Claims } from './authentication.ts'
import { Refusal, unavailable } from './refusal.ts'

export type NotebookParts = {
  readonly authenticate: Authenticate
  readonly gallery: Gallery
}

/** A page that people open carries no Authorization header: the token comes in this cookie, which scripts cannot read. */
export const sessionCookie = 'darkroom-notebooks'
const path = '/notebooks'
/** The pages hold pictures and styles, and run and load nothing. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * `POST /notebooks/session` with an analyst's token lets the browser open `/notebooks/` until the token expires;
 * `GET /notebooks/index.json` lists them; everything takes the Authorization header too.
 */
export function addNotebookRoutes(app: Hono<GatewayEnvironment>, { authenticate, gallery }: NotebookParts): void {
  const allow = (authorization: string | undefined): Promise<Claims> =>
    authenticate(authorization, [scopes.notebooksRead])
  const fromHeaderOrCookie = (context: Context<GatewayEnvironment>) => {
    const cookie = getCookie(context, sessionCookie)
    return context.req.header('authorization') ?? (cookie && `Bearer ${cookie}`)
  }

  app.use(`${path}/*`, async (context, next) => {
    context.set('route', path)
    context.header('cache-control', 'no-store')
    context.header('content-security-policy', contentSecurityPolicy)
    context.header('referrer-policy', 'no-referrer')
    await next()
  })
  app.post(`${path}/session`, async (context) => {
    const authorization = context.req.header('authorization')
    const { exp = 0 } = await allow(authorization)
    setCookie(context, sessionCookie, authorization?.replace(/^Bearer +/i, '') ?? '', {
      path: `${path}/`,
      httpOnly: true,
      sameSite: 'Strict',
      expires: new Date(exp * 1000),
    })
    return context.body(null, 204)
  })
  app.get(`${path}/index.json`, async (context) => {
    await allow(fromHeaderOrCookie(context))
    return context.json((await kept(() => gallery.current())) ?? { madeAt: null, expiresAt: null, notebooks: [] })
  })
  app.get(`${path}/:file{([a-z0-9_]+\\.html)?}`, async (context) => {
    await allow(fromHeaderOrCookie(context))
    const page = await kept(() => gallery.html(context.req.param('file').replace(/\.html$/, '') || 'index'))
    if (page === undefined) throw notThere()
    return context.html(page)
  })
}

/** Where it cannot be known whether an image has gone, nothing is shown. */
async function kept<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    throw unavailable('ledger-unavailable', 'It is not known whether the notebooks still hold', error)
  }
}

const notThere = () =>
  new Refusal(
    404,
    'no-such-notebook',
    'There is no such notebook, or one of its images has been purged since it was run',
    {
      hint: 'npm run notebooks',
    },
  )
