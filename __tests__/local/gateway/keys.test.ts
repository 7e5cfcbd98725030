import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAuthenticate, discoverKeys } from '../../../local/gateway/authentication.ts'
import { scopes } from '../../../platform.ts'
import { publicJwk, tokenWith } from './gateway.ts'

let provider: Server
let issuer: string
let asked: string[]
let up: boolean

/** An identity provider's two documents; everything else about it is somebody else's. */
beforeEach(async () => {
  asked = []
  up = true
  provider = createServer((request, response) => {
    asked.push(String(request.url))
    if (!up) return response.writeHead(503).end()
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks` },
      '/jwks': { keys: [{ ...publicJwk, alg: 'ES256', use: 'sig' }] },
    }
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(documents[String(request.url)]))
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
})
afterEach(() => {
  provider.closeAllConnections()
  provider.close()
})

const bearer = async () => `Bearer ${await tokenWith({ claims: { iss: issuer } })}`

describe("the issuer's keys", () => {
  it('are found through its discovery document, once', async () => {
    const authenticate = createAuthenticate(issuer, discoverKeys(issuer))
    for (let n = 0; n < 3; n += 1) {
      expect((await authenticate(await bearer(), [scopes.imagesRead])).sub).toBe('person-1')
    }
    expect(asked).toEqual(['/.well-known/openid-configuration', '/jwks'])
  })

  it('are remembered while the provider restarts', async () => {
    const authenticate = createAuthenticate(issuer, discoverKeys(issuer))
    await authenticate(await bearer(), [])
    up = false
    expect((await authenticate(await bearer(), [])).sub).toBe('person-1')
  })

  it('are asked for again when the provider was not up at the first request', async () => {
    const authenticate = createAuthenticate(issuer, discoverKeys(issuer))
    up = false
    await expect(authenticate(await bearer(), [])).rejects.toMatchObject({ problem: { status: 503 } })
    up = true
    expect((await authenticate(await bearer(), [])).sub).toBe('person-1')
  })
})
