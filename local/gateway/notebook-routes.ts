/** The HTML of notebooks, for analysts only. In AWS people open them in Databricks, and none of this exists. */
import type { Hono } from 'hono'
import { notebookRoutes, notebooksPage } from '../../contract/notebook-routes.ts'
import { UnavailableError } from '../../functions/shared/errors.ts'
import { scopes } from '../../platform.ts'
import type { Gallery } from '../notebooks/gallery.ts'
import type { GatewayEnvironment } from './app.ts'
import type { Authenticate } from './authentication.ts'
import { Refusal, unavailable } from './refusal.ts'

export type NotebookParts = {
  readonly authenticate: Authenticate
  readonly gallery: Gallery
}

/** The pages hold pictures and styles, and run and load nothing, also where somebody opens one by itself. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

/** Their list and each of them, by an analyst's token in the Authorization header; the web application shows them. */
export function addNotebookRoutes(app: Hono<GatewayEnvironment>, { authenticate, gallery }: NotebookParts): void {
  app.use('/notebooks/:file', async (context, next) => {
    context.set('route', '/notebooks')
    context.header('cache-control', 'no-store')
    context.header('content-security-policy', contentSecurityPolicy)
    context.header('referrer-policy', 'no-referrer')
    await authenticate(context.req.header('authorization'), [scopes.notebooksRead])
    await next()
  })
  app.get(notebookRoutes.list, async (context) => context.json(await kept(() => gallery.list())))
  app.get('/notebooks/:file{[a-z0-9_]+\\.html}', async (context) => {
    const page = await kept(() => gallery.html(context.req.param('file').replace(/\.html$/, '')))
    if (page === undefined) throw notThere()
    return context.html(page)
  })
  // People type it so, and older messages said so.
  app.get('/notebooks/', (context) => context.redirect(notebooksPage))
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
