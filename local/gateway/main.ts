/** Process of the local platform: the gateway on loopback, with the functions that answer HTTP requests behind it. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Logger } from '@aws-lambda-powertools/logger'
import { localConfig, portVariables } from '../../config.ts'
import { openApiDocument } from '../../contract/openapi.ts'
import { contentSecurityPolicy, webConfigFor } from '../../contract/web.ts'
import { type FunctionName, sharing } from '../../platform.ts'
import { bundleFile } from '../../scripts/bundle.ts'
import { clientId } from '../identity/claims.ts'
import { createFunctionHost, type FunctionHost } from '../lambda/host.ts'
import { createGallery } from '../notebooks/gallery.ts'
import { sweepScratch } from '../spark/scratch.ts'
import { createGateway, type Invoke } from './app.ts'
import { createAuthenticate, discoverKeys } from './authentication.ts'
import { createBackends } from './backends.ts'
import { createBodyBudget } from './body.ts'
import { createHealth } from './health.ts'
import { createMetrics } from './metrics.ts'
import { addNotebookRoutes } from './notebook-routes.ts'
import { routesOf } from './operations.ts'
import { addPlatformRoutes } from './platform-routes.ts'
import { createRateLimit } from './rate-limit.ts'
import { unavailable } from './refusal.ts'
import { closeServer, createServer } from './server.ts'
import { addWebApplication } from './web.ts'

/** Thirty-two direct uploads of the largest size: several for each process, and far from filling the memory. */
const bodyBudgetBytes = 128 * 1024 * 1024
/** A thousand uploads at four a second, which a busy machine still manages; API Gateway would have scaled out. */
const waiting = { most: 1_000, ms: 250_000 }
/** How long the HTML of notebooks may lie there after one of its images has been removed; nobody is shown it meanwhile. */
const galleryCheckMs = 10_000
/** The supervisor kills after six seconds. */
const stopMs = { requests: 4_000, functions: 1_000 }

const config = localConfig()
const logger = new Logger({ serviceName: 'gateway', logLevel: config.logLevel })
const document = openApiDocument()
const origins = [config.urls.gateway, `http://localhost:${config.ports.gateway}`]

const answering = new Set(routesOf(document).map(({ operation }) => operation['x-darkroom-function']))
const hosts = new Map<FunctionName, FunctionHost>()
for (const name of answering) {
  if (existsSync(bundleFile(name))) hosts.set(name, createFunctionHost(name, { config, log: logLine }))
  else logger.warn('The function has not been bundled: npm run build', { function: name })
}

const budget = createBodyBudget(bodyBudgetBytes, waiting.ms, waiting.most)
const backends = createBackends(config)
const metrics = createMetrics({
  functions: () => new Map([...hosts].map(([name, host]) => [name, host.stats()])),
  budget,
  lag: backends.lag,
})

const invoke: Invoke = async (name, event, options) => {
  const host = hosts.get(name)
  if (!host) throw unavailable('function-not-built', `The function ${name} has not been bundled`)
  const start = performance.now()
  const result = await host.invoke(event, options)
  metrics.onInvocation(name, result, (performance.now() - start) / 1000)
  return result
}

const authenticate = createAuthenticate(config.urls.identity, discoverKeys(config.urls.identity))
const app = createGateway({
  document,
  authenticate,
  rateLimit: createRateLimit(),
  publicRateLimit: createRateLimit(sharing.requestRate, sharing.requestBurst),
  budget,
  invoke,
  origins,
  // After the answer has left: nobody waits for a line in a log.
  onAnswer: (record) =>
    void setImmediate(() => {
      metrics.onAnswer(record)
      logger.info('request', record)
    }),
  onError: (error, requestId) => logger.error('request failed', { requestId, error: error as Error }),
})
addPlatformRoutes(app, {
  document,
  webConfig: webConfigFor({ issuer: config.urls.identity, clientId }, { at: 'here' }),
  health: createHealth({
    ...backends.checks,
    ...Object.fromEntries([...hosts].map(([name, host]) => [`function ${name}`, () => requireReady(host)] as const)),
  }),
  metrics,
})
const gallery = createGallery(config.home, backends.lastRemoval)
addNotebookRoutes(app, { authenticate, gallery })
setInterval(() => {
  Promise.all([gallery.list(), sweepScratch(config.home)]).catch((error) =>
    logger.warn('notebooks not checked', { error: error as Error }),
  )
}, galleryCheckMs).unref()
const webRoot = join(import.meta.dirname, '..', '..', 'dist', 'web')
mkdirSync(webRoot, { recursive: true })
addWebApplication(app, {
  root: webRoot,
  contentSecurityPolicy: contentSecurityPolicy({ identity: config.urls.identity, lake: config.urls.s3 }),
})

const server = createServer(app)

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  logger.info('stopping')
  await closeServer(server, stopMs.requests)
  await Promise.all([...hosts.values()].map((host) => host.stop(stopMs.functions)))
  process.exit(0)
}
for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, stop)

await Promise.all([...hosts.values()].map(({ warm }) => warm))
server.on('error', (error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE'
  logger.error(taken ? `Port ${config.ports.gateway} is taken: set ${portVariables.gateway}` : error.message)
  process.exit(1)
})
// Five hundred people may connect at the same moment.
server.listen({ port: config.ports.gateway, host: '127.0.0.1', backlog: 1_024 }, () => {
  logger.info('listening', { url: config.urls.gateway })
  process.send?.({ type: 'ready' })
})

function requireReady(host: FunctionHost): void {
  if (host.stats().ready === 0) throw new Error('no process is ready')
}

function logLine({ level, message, ...details }: Record<string, unknown>): void {
  const write = { ERROR: logger.error, WARN: logger.warn }[String(level)] ?? logger.info
  write.call(logger, String(message), details as never)
}
