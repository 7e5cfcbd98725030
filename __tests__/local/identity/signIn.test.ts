import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessTokenSeconds, clientId } from '../../../local/identity/claims.ts'
import { demoPassword, people } from '../../../local/identity/people.ts'
import { audience, groups } from '../../../platform.ts'
import { authorization, createBrowser, exchange, form, origin, signIn, startIdentity } from './identityFixture.ts'

describe('signing in', () => {
  let identity: Awaited<ReturnType<typeof startIdentity>>
  beforeAll(async () => {
    identity = await startIdentity()
  })
  afterAll(() => identity.stop())

  it.each(people)('gives $group an access token with exactly their scopes', async (person) => {
    const { tokens } = await signIn(identity.issuer, person.email, demoPassword)
    const token = String(tokens?.body.access_token)
    const keys = createRemoteJWKSet(new URL(`${identity.issuer}/jwks`))
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: identity.issuer, audience })
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toMatchObject({
      sub: person.sub,
      scope: groups[person.group].join(' '),
      'cognito:groups': [person.group],
      token_use: 'access',
      client_id: clientId,
    })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(accessTokenSeconds)
  })

  it('tells the application name, address and group in the ID token', async () => {
    const { tokens } = await signIn(identity.issuer, 'uma@darkroom.example', demoPassword)
    expect(decodeJwt(String(tokens?.body.id_token))).toMatchObject({
      aud: clientId,
      name: 'Uma Okafor',
      email: 'uma@darkroom.example',
      'cognito:groups': ['uploaders'],
    })
  })

  it('does not widen scopes that are asked for beyond the group', async () => {
    const visit = createBrowser()
    const { url, verifier } = authorization(identity.issuer, { scope: 'openid darkroom/stream.write' })
    const page = await visit(url)
    const answer = await visit(page.url, form({ email: 'uma@darkroom.example', password: demoPassword }))
    const code = String(new URL(answer.url).searchParams.get('code'))
    const redirect_uri = `${origin}/signed-in`
    const { body } = await exchange(identity.issuer, {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri,
    })
    expect(decodeJwt(String(body.access_token)).scope).toBe(groups.uploaders.join(' '))
  })

  it('refuses a wrong password and an unknown address with the same words', async () => {
    const wrong = await signIn(identity.issuer, 'uma@darkroom.example', 'guess')
    const unknown = await signIn(identity.issuer, 'nobody@darkroom.example', demoPassword)
    const said = (text: string) => /role="alert"[^>]*>([^<]*)</.exec(text)?.[1]
    expect([wrong.answer.response.status, unknown.answer.response.status]).toEqual([401, 401])
    const [first, second] = [await wrong.answer.response.text(), await unknown.answer.response.text()]
    expect(said(first)).toMatch(/do not belong together/)
    expect(said(second)).toBe(said(first))
  })

  it('escapes what was typed', async () => {
    const { answer } = await signIn(identity.issuer, '"><script>alert(1)</script>', 'x')
    expect(await answer.response.text()).not.toContain('<script>alert')
  })

  it('refuses a code without its PKCE verifier', async () => {
    const visit = createBrowser()
    const page = await visit(authorization(identity.issuer).url)
    const answer = await visit(page.url, form({ email: 'uma@darkroom.example', password: demoPassword }))
    const code = String(new URL(answer.url).searchParams.get('code'))
    const { response, body } = await exchange(identity.issuer, {
      grant_type: 'authorization_code',
      code,
      code_verifier: 'a'.repeat(43),
      redirect_uri: `${origin}/signed-in`,
    })
    expect([response.status, body.error]).toEqual([400, 'invalid_grant'])
  })

  it('refuses to return to another origin', async () => {
    const { response } = await createBrowser()(
      authorization(identity.issuer, { redirect_uri: 'http://127.0.0.1:1/signed-in' }).url,
    )
    expect(response.status).toBe(400)
  })

  it('lets the application, and no other origin, call the token endpoint from a browser', async () => {
    const asked = (from: string) =>
      fetch(`${identity.issuer}/token`, {
        ...form({ client_id: clientId, grant_type: 'authorization_code' }),
        headers: { origin: from },
      })
    expect((await asked(origin)).headers.get('access-control-allow-origin')).toBe(origin)
    expect((await asked('http://127.0.0.1:1')).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('renews a session by a refresh token that works once', async () => {
    const { tokens } = await signIn(identity.issuer, 'uma@darkroom.example', demoPassword)
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens?.body.refresh_token) }
    const renewed = await exchange(identity.issuer, refresh)
    expect(decodeJwt(String(renewed.body.access_token)).scope).toBe(groups.uploaders.join(' '))
    const again = await exchange(identity.issuer, refresh)
    expect(again.body.error).toBe('invalid_grant')
  })

  it('ends the session and its refresh token at sign-out', async () => {
    const { visit, tokens } = await signIn(identity.issuer, 'uma@darkroom.example', demoPassword)
    const query = new URLSearchParams({
      id_token_hint: String(tokens?.body.id_token),
      post_logout_redirect_uri: `${origin}/`,
    })
    const page = await visit(`${identity.issuer}/session/end?${query}`)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.response.text())?.[1] ?? ''
    const answer = await visit(`${identity.issuer}/session/end/confirm`, form({ xsrf, logout: 'yes' }))
    expect(answer.url).toBe(`${origin}/`)
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens?.body.refresh_token) }
    expect((await exchange(identity.issuer, refresh)).body.error).toBe('invalid_grant')
    const again = await visit(authorization(identity.issuer).url)
    expect(await again.response.text()).toContain('name="password"')
  })

  it('fills in the form for a demo person without any script', async () => {
    const visit = createBrowser()
    const { url } = await visit(authorization(identity.issuer).url)
    const { response } = await visit(`${url}?person=ana@darkroom.example`)
    const text = await response.text()
    expect(text).toContain('value="ana@darkroom.example"')
    expect(text).not.toContain('<script')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('says so when a sign-in is no longer open', async () => {
    const { response } = await createBrowser()(`${identity.issuer}/sign-in/unknown`)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('no longer open')
  })
})

describe('a restart', () => {
  it('keeps tokens valid and people signed in', async () => {
    const first = await startIdentity()
    const { tokens } = await signIn(first.issuer, 'uma@darkroom.example', demoPassword)
    await first.stop(false)
    const second = await startIdentity(first)
    try {
      const token = String(tokens?.body.access_token)
      const keys = createRemoteJWKSet(new URL(`${second.issuer}/jwks`))
      // The client may still hold a connection to the first process.
      await expect.poll(() => fetch(`${second.issuer}/jwks`).then(({ status }) => status, String)).toBe(200)
      await jwtVerify(token, keys, { issuer: second.issuer, audience })
      expect(decodeProtectedHeader(token).kid).toBeTruthy()
      const renewed = await exchange(second.issuer, {
        grant_type: 'refresh_token',
        refresh_token: String(tokens?.body.refresh_token),
      })
      expect(renewed.response.status).toBe(200)
    } finally {
      await second.stop()
    }
  })
})
