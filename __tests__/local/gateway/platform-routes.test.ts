import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApiDocument } from '../../../contract/openapi.ts'
import { webConfig, webConfigFor } from '../../../contract/web.ts'
import { createHealth } from '../../../local/gateway/health.ts'
import { createMetrics } from '../../../local/gateway/metrics.ts'
import { addPlatformRoutes } from '../../../local/gateway/platform-routes.ts'
import { addWebApplication } from '../../../local/gateway/web.ts'
import { failure } from '../../../local/lambda/result.ts'
import { gatewayWith } from './gateway.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'darkroom-web-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const metricsOf = (lag = async () => [{ group: 'g', topic: 't', partition: 1, lag: 7 }]) =>
  createMetrics({ functions: () => new Map(), budget: { used: 3, waiting: 1 }, lag })

function platform(checks: Parameters<typeof createHealth>[0] = {}, metrics = metricsOf()) {
  const gateway = gatewayWith({ onAnswer: (record) => metrics.onAnswer(record) })
  addPlatformRoutes(gateway.app, {
    document: openApiDocument(),
    webConfig: webConfigFor({ issuer: 'http://identity.test', clientId: 'web' }, { at: 'here' }),
    health: createHealth(checks),
    metrics,
  })
  addWebApplication(gateway.app, { root, contentSecurityPolicy: "default-src 'none'" })
  return { ...gateway, metrics }
}

describe('health', () => {
  it('is 200 when every part answers', async () => {
    const { app } = platform({ s3: async () => {}, kafka: () => {} })
    const response = await app.request('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ ok: true, parts: { s3: { ok: true }, kafka: { ok: true } } })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('is 503 and names the part that does not answer', async () => {
    const { app } = platform({
      s3: async () => {},
      kafka: async () => {
        throw new Error('connection refused')
      },
    })
    const response = await app.request('/healthz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      ok: false,
      parts: { s3: { ok: true }, kafka: { ok: false, error: 'connection refused' } },
    })
  })

  it('asks the parts at most once a second', async () => {
    let asked = 0
    let now = 0
    const health = createHealth({ s3: () => void asked++ }, () => now)
    await Promise.all([health(), health()])
    now = 999
    await health()
    expect(asked).toBe(1)
    now = 1_000
    await health()
    expect(asked).toBe(2)
  })
})

describe('metrics', () => {
  it('count requests by route and not by path', async () => {
    const { app } = platform()
    await app.request(`/images/${crypto.randomUUID()}`)
    await app.request(`/images/${crypto.randomUUID()}`)
    await app.request('/somewhere/else')
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('darkroom_http_requests_total{method="GET",route="/images/{id}",status="401"} 2')
    expect(text).toContain('darkroom_http_requests_total{method="GET",route="other",status="404"} 1')
    expect(text).toContain('darkroom_kafka_consumer_lag_records{group="g",topic="t",partition="1"} 7')
  })

  it('count invocations by their outcome', async () => {
    const { app, metrics } = platform()
    metrics.onInvocation('upload', { ok: true, payload: null }, 0.1)
    metrics.onInvocation('upload', failure('Timeout', 'Sandbox.Timedout', ''), 29)
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('darkroom_function_invocations_total{function="upload",outcome="ok"} 1')
    expect(text).toContain('darkroom_function_invocations_total{function="upload",outcome="timeout"} 1')
  })

  it('leave the lag out when Kafka does not answer', async () => {
    const { app } = platform(
      {},
      metricsOf(() => Promise.reject(new Error('no broker'))),
    )
    const response = await app.request('/metrics')
    expect(response.status).toBe(200)
    expect(await response.text()).not.toContain('darkroom_kafka_consumer_lag_records{')
  })
})

describe('the open documents', () => {
  it('are the contract and the configuration of the page, without secrets', async () => {
    const { app } = platform()
    expect(await (await app.request('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
    const config = await (await app.request('/config.json')).json()
    expect(webConfig.parse(config)).toEqual(config)
  })
})

describe('the page', () => {
  const html = { headers: { accept: 'text/html' } }

  beforeEach(() => {
    mkdirSync(join(root, 'assets'))
    writeFileSync(join(root, 'index.html'), '<!doctype html><title>Darkroom</title>')
    writeFileSync(join(root, 'assets', 'main-abc123.js'), 'export {}')
  })

  it.each(['/', '/signed-in', '/purges'])('is served at %s with its security policy', async (path) => {
    const response = await platform().app.request(path, html)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('Darkroom')
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('keeps files whose names change with their content for good', async () => {
    const response = await platform().app.request('/assets/main-abc123.js')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/javascript/)
    expect(response.headers.get('cache-control')).toContain('immutable')
  })

  it('never stands in for the API', async () => {
    const { app, invocations } = platform()
    for (const path of ['/images', `/images/${crypto.randomUUID()}`, '/retention']) {
      const response = await app.request(path, html)
      expect([path, response.status]).toEqual([path, 401])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    expect(invocations).toEqual([])
  })

  it('does not stand in for what does not exist', async () => {
    const { app } = platform()
    expect((await app.request('/nothing', html)).status).toBe(404)
    expect((await app.request('/assets/gone.js')).status).toBe(404)
  })

  it.each(['/../secret.txt', '/assets/../../secret.txt', '/assets/%2e%2e/%2e%2e/secret.txt', '/..%2fsecret.txt'])(
    'does not leave its folder for %s',
    async (path) => {
      const folder = root
      root = join(folder, 'web')
      mkdirSync(root)
      writeFileSync(join(folder, 'secret.txt'), 'secret')
      const response = await platform().app.request(path)
      root = folder
      expect(response.status).toBe(404)
    },
  )

  it('says what to do when it has not been built', async () => {
    rmSync(join(root, 'index.html'))
    const response = await platform().app.request('/', html)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('npm run build')
  })
})
