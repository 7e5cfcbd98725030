/** The web application from `dist/web`, with the headers that CloudFront will send. Stands in for S3 and CloudFront. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { webPages } from '../../contract/web.ts'
import type { GatewayEnvironment } from './app.ts'

export type WebParts = {
  /** Absolute folder of the built application. */
  readonly root: string
  readonly contentSecurityPolicy: string
}

/** Vite puts files there whose names change with their content. */
const hashed = '/assets/'
const pages: readonly string[] = webPages

export function addWebApplication(app: Hono<GatewayEnvironment>, { root, contentSecurityPolicy }: WebParts): void {
  app.get('*', async (context, next) => {
    await next()
    if (context.res.status !== 200) return
    context.header('content-security-policy', contentSecurityPolicy)
    context.header('referrer-policy', 'no-referrer')
    context.header('cross-origin-opener-policy', 'same-origin')
    const forGood = context.req.path.startsWith(hashed)
    context.header('cache-control', forGood ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  app.get('*', async (context, next) => {
    if (!pages.includes(context.req.path)) return next()
    context.set('route', context.req.path)
    if (!existsSync(join(root, 'index.html'))) return context.html(notBuilt, 503)
    return serveStatic({ root, path: 'index.html' })(context, next)
  })
  app.get('*', serveStatic({ root, onFound: (_path, context) => context.set('route', 'web') }))
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Darkroom</title>
<h1>The web application has not been built</h1>
<p><code>npm start</code> builds it, and so does <code>npm run build</code>. The API works without it.</p>
</html>
`
