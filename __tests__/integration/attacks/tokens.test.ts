/** Tokens that do not hold, at every operation: each is refused before anything is read or written. */
import { createHmac } from 'node:crypto'
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../../../contract/openapi.ts'
import { audience, type Group, groups, type Scope } from '../../../platform.ts'
import { marked, mint, operations, platform, requestOf, send } from './attacker.ts'

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** Every scope there is, so that only the forgery itself can be what is refused. */
const everything = { scope: Object.values(groups).flat().join(' ') }
const good = () => mint('uploaders', { claims: everything })

async function signedBySomebodyElse(keyId?: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  const token = await good()
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  return new SignJWT(payloadOf(token)).setProtectedHeader({ alg: 'ES256', kid: keyId ?? kid }).sign(privateKey)
}

async function hmacWithPublicKey(): Promise<string> {
  const { keys } = (await (await fetch(`${platform.config.urls.identity}/jwks`)).json()) as { keys: [{ kid: string }] }
  const spki = await exportSPKI((await importJWK(keys[0], 'ES256', { extractable: true })) as never)
  const content = `${encoded({ alg: 'HS256', kid: keys[0].kid })}.${encoded(payloadOf(await good()))}`
  return `${content}.${createHmac('sha256', spki).update(content).digest('base64url')}`
}

const swapped = async (change: object) => {
  const [header, , signature] = (await good()).split('.')
  return `${header}.${encoded({ ...payloadOf(await good()), ...change })}.${signature}`
}
const unsigned = async (alg: string) => `${encoded({ alg })}.${encoded(payloadOf(await good()))}.`

const forgeries: Record<string, () => Promise<string | undefined>> = {
  'no token': async () => undefined,
  'an empty token': async () => '',
  'no token but a word': async () => 'admin',
  'two tokens': async () => `${await good()}, Bearer ${await good()}`,
  'a cut token': async () => (await good()).slice(0, -8),
  'alg none': () => unsigned('none'),
  'alg nOnE': () => unsigned('nOnE'),
  'an HMAC with our public key': hmacWithPublicKey,
  'a key of its own under our key id': () => signedBySomebodyElse(),
  'a key id that is a path': () => signedBySomebodyElse('../../../../dev/null'),
  'another person under the old signature': () => swapped({ sub: 'somebody-else' }),
  'a later expiry under the old signature': () => swapped({ exp: 4_102_444_800 }),
  'an expired token': () => mint('uploaders', { claims: everything, expiresIn: -60 }),
  'another issuer': () => mint('uploaders', { claims: { ...everything, iss: 'https://issuer.example' } }),
  'another audience': () => mint('uploaders', { claims: { ...everything, aud: 'another-service' } }),
  'an identity token': () => mint('uploaders', { claims: { ...everything, token_use: 'id' } }),
  'a token without a person': () => mint('uploaders', { claims: { ...everything, sub: '' } }),
}
const tokens = new Map<string, string | undefined>()

beforeAll(async () => {
  for (const [name, make] of Object.entries(forgeries)) tokens.set(name, await make())
})
afterAll(async () => {
  expect(await marked()).toEqual({ objects: [], rows: [], topics: [] })
})

const cases = operations.flatMap((operation) => Object.keys(forgeries).map((forgery) => ({ operation, forgery })))

describe.each(cases)('$operation.name with $forgery', ({ operation, forgery }) => {
  it('is 401', async () => {
    const token = tokens.get(forgery)
    const request = requestOf(operation)
    const headers = { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
    const { status, code, headers: answered } = await send(operation.path, { ...request, headers })
    expect([status, code]).toEqual([401, expect.stringMatching(/^token-(missing|invalid|expired)$/)])
    expect(answered.get('www-authenticate')).toContain('Bearer realm="darkroom"')
  })
})

const scopesOf = ({ operation }: (typeof operations)[number]) =>
  (operation as Operation).security.flatMap(({ token }) => token)
const lacking = operations.flatMap((operation) =>
  (Object.entries(groups) as [Group, readonly Scope[]][])
    .filter(([, scopes]) => !scopesOf(operation).every((scope) => scopes.includes(scope)))
    .map(([group]) => ({ operation, group })),
)

describe.each(lacking)('$operation.name by $group', ({ operation, group }) => {
  it('is 403', async () => {
    const { status, code } = await send(operation.path, { ...requestOf(operation), token: await mint(group) })
    expect([status, code]).toEqual([403, 'insufficient-scope'])
  })
})

it('the same requests are looked at with a good token, so it is the token that was refused', async () => {
  for (const operation of operations.filter(({ method }) => method === 'get')) {
    const { status } = await send(operation.path, { token: await good() })
    expect([operation.name, status]).not.toEqual([operation.name, 401])
  }
  expect(audience).toBe('darkroom')
})
