/** The OpenID provider: one public client, code flow with PKCE, JWT access tokens for the platform's API. */
import { type Configuration, Provider } from 'oidc-provider'
import { audience, groups } from '../../platform.ts'
import { accessTokenClaims, accessTokenSeconds, clientId, scopesOf } from './claims.ts'
import { type KeySet, signingAlgorithm } from './keys.ts'
import { errorPage, signedOutPage, signOutPage } from './pages.ts'
import { type Person, personBySub } from './people.ts'
import type { SessionStore } from './sessions.ts'

/** RFC 8707 wants a URI; the token's audience is the platform's own name. */
const resource = `urn:${audience}`

export type ProviderSettings = {
  readonly issuer: string
  /** Origins of the web application; each may ask for tokens from the browser and be returned to. */
  readonly origins: readonly string[]
  readonly keys: KeySet
  /** Where sessions, grants and refresh tokens are kept. */
  readonly adapter: SessionStore['adapter']
  /** Signs this server's cookies. */
  readonly cookieKeys: readonly string[]
}

/** What the web application is told about a person, in the ID token. */
const profile = (person: Person) => ({
  sub: person.sub,
  name: person.name,
  email: person.email,
  'cognito:groups': [person.group],
})

/** Paths of the web application that the provider returns to. */
const callbackPaths = ['/signed-in', '/']

export function createProvider({ issuer, origins, keys, adapter, cookieKeys }: ProviderSettings): Provider {
  const uris = origins.flatMap((origin) => callbackPaths.map((path) => `${origin}${path}`))
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_name: 'Darkroom',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: uris,
        post_logout_redirect_uris: uris,
        id_token_signed_response_alg: signingAlgorithm,
      },
    ],
    adapter,
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    clientBasedCORS: (_ctx, origin) => origins.includes(origin),
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    jwks: { keys: keys.keys.map((key) => ({ ...key })) } as Configuration['jwks'],
    cookies: { keys: [...cookieKeys] },
    scopes: ['openid'],
    claims: { openid: ['sub', 'name', 'email', 'cognito:groups'] },
    // The ID token carries the profile: an access token for the API does not open the userinfo endpoint.
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: [signingAlgorithm] },
    findAccount: (_ctx, sub) => {
      const person = personBySub(sub)
      return person && { accountId: sub, claims: () => profile(person) }
    },
    loadExistingGrant: async (ctx) => grantEverything(ctx),
    // The client is our own: nobody is asked whether Darkroom may use Darkroom.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    formats: {
      customizers: {
        // In Cognito this is the pre-token-generation trigger: scopes follow from groups.
        jwt: (_ctx, token, jwt) => {
          const person = 'accountId' in token ? personBySub(String(token.accountId)) : undefined
          if (person) Object.assign(jwt.payload, accessTokenClaims(person, issuer))
        },
      },
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience,
          scope: Object.values(groups).flat().join(' '),
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenSeconds,
          jwt: { sign: { alg: signingAlgorithm } },
        }),
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form, ctx.oidc.entities.IdTokenHint !== undefined)
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = signedOutPage(origins[0] ?? '/')
        },
      },
    },
    renderError: (ctx, out) => {
      ctx.type = 'html'
      ctx.body = errorPage(out.error_description ?? out.error, origins[0] ?? '/')
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: accessTokenSeconds,
      AuthorizationCode: 60,
      Interaction: 3600,
      Grant: 14 * 86_400,
      Session: 14 * 86_400,
      RefreshToken: 14 * 86_400,
    },
  }
  return new Provider(issuer, configuration)
}

/** A grant of all that the person's group allows and nothing else, without asking. */
async function grantEverything(ctx: Parameters<NonNullable<Configuration['loadExistingGrant']>>[0]) {
  const { oidc } = ctx
  const { client, session, account } = oidc
  if (!client || !account) return undefined
  const known = session?.grantIdFor(client.clientId)
  const existing = known ? await oidc.provider.Grant.find(known) : undefined
  if (existing) return existing
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: account.accountId })
  const person = personBySub(account.accountId)
  grant.addOIDCScope('openid')
  const own: readonly string[] = person ? scopesOf(person) : []
  grant.addResourceScope(resource, own.join(' '))
  // Whatever else is asked for is refused here and now; otherwise the provider would ask for consent.
  const others = Object.values(groups)
    .flat()
    .filter((scope) => !own.includes(scope))
  grant.rejectResourceScope(resource, others.join(' '))
  await grant.save()
  return grant
}
