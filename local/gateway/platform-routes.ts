/** What the gateway answers itself: health, metrics, the contract, and the web application's configuration. */
import type { Hono } from 'hono'
import type { OpenApiDocument } from '../../contract/openapi.ts'
import type { WebConfig } from '../../contract/web.ts'
import type { GatewayEnvironment } from './app.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

export type PlatformParts = {
  readonly document: OpenApiDocument
  readonly webConfig: WebConfig
  readonly health: () => Promise<Health>
  readonly metrics: Pick<Metrics, 'render'>
}

export function addPlatformRoutes(app: Hono<GatewayEnvironment>, parts: PlatformParts): void {
  app.use('/:file{healthz|metrics|openapi\\.json|config\\.json}', async (context, next) => {
    context.set('route', context.req.path)
    await next()
    context.header('cache-control', 'no-store')
  })
  app.get('/healthz', async (context) => {
    const health = await parts.health()
    return context.json(health, health.ok ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const { contentType, text } = await parts.metrics.render()
    return context.body(text, 200, { 'content-type': contentType })
  })
  app.get('/openapi.json', (context) => context.json(parts.document))
  app.get('/config.json', (context) => context.json(parts.webConfig))
}
