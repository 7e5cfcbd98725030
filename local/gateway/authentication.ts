/** Who is asking: the bearer token's signature, issuer, audience, expiry and use; and whether its scope suffices. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { forgetOldest } from '../../functions/shared/forget-oldest.ts'
import { audience, type Group, groups, type Scope } from '../../platform.ts'
import { Refusal, unavailable } from './refusal.ts'

/** The one algorithm that the identity provider signs with. Pinned: a token does not choose how it is checked. */
const algorithm = 'ES256'
/** Seconds by which clocks may differ. */
const clockTolerance = 5

export type Claims = JWTPayload & { readonly sub: string; readonly scope: string }
export type Authenticate = (authorization: string | undefined, scopes: readonly Scope[]) => Promise<Claims>

const schemePattern = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i

/** Mistakes in the token itself; any other error means that the keys could not be had. */
const tokenErrors = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

/**
 * @param keys finds the issuer's public key for a token
 * @returns a function that throws a Refusal: 401 for a token that does not hold, 403 where its scope does not suffice
 */
export function createAuthenticate(issuer: string, keys: JWTVerifyGetKey): Authenticate {
  const known = createCheckedTokens()
  return async (authorization, scopes) => {
    const claims =
      known.of(authorization) ?? known.keep(authorization, await verify(authorization, scopes, issuer, keys))
    const granted = claims.scope.split(' ')
    const missing = scopes.filter((scope) => !granted.includes(scope))
    if (missing.length > 0) throw insufficient(missing)
    return claims
  }
}

/**
 * Headers whose token has been checked, as API Gateway's authorizers keep them: checking the signature takes 0.5 ms, a
 * third of what the gateway does for an upload (docs/performance.md). A withdrawn key is noticed after a minute.
 */
function createCheckedTokens(most = 1_000, keptMs = 60_000) {
  const checked = new Map<string, { readonly claims: Claims; readonly until: number }>()
  return {
    of(authorization = ''): Claims | undefined {
      const found = checked.get(authorization)
      if (found && Date.now() < found.until) return found.claims
      checked.delete(authorization)
      return undefined
    },
    keep(authorization = '', claims: Claims): Claims {
      const expiresAt = (Number(claims.exp) + clockTolerance) * 1000
      checked.set(authorization, { claims, until: Math.min(expiresAt, Date.now() + keptMs) })
      forgetOldest(checked, most)
      return claims
    },
  }
}

async function verify(
  authorization: string | undefined,
  scopes: readonly Scope[],
  issuer: string,
  keys: JWTVerifyGetKey,
): Promise<Claims> {
  const tokenHint = `npm run token -- --group ${groupFor(scopes) ?? 'uploaders'}`
  if (!authorization) {
    throw new Refusal(401, 'token-missing', 'The request carries no token in its Authorization header', {
      hint: tokenHint,
      headers: { 'www-authenticate': 'Bearer realm="darkroom"' },
    })
  }
  const [, token] = schemePattern.exec(authorization) ?? []
  if (!token) throw invalid('The Authorization header is not "Bearer" and a signed token', tokenHint)
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [algorithm],
      clockTolerance,
      requiredClaims: ['sub', 'exp', 'scope'],
    })
    if (payload.token_use !== 'access') throw invalid('The token is not an access token', tokenHint)
    if (typeof payload.sub !== 'string' || payload.sub === '' || typeof payload.scope !== 'string') {
      throw invalid('The token names no person or no scope', tokenHint)
    }
    return payload as Claims
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof errors.JWTExpired) throw invalid('The token has expired', tokenHint, 'token-expired', error)
    if (tokenErrors.some((kind) => error instanceof kind))
      throw invalid(reason(error), tokenHint, 'token-invalid', error)
    throw unavailable('identity-unavailable', 'The identity provider did not give its keys', error)
  }
}

const invalid = (detail: string, hint: string, code = 'token-invalid', cause?: unknown): Refusal =>
  new Refusal(401, code, detail, {
    hint,
    headers: { 'www-authenticate': `Bearer realm="darkroom", error="invalid_token", error_description="${detail}"` },
    cause,
  })

/** What is wrong with a token, without any of its content. */
function reason(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's claim ${error.claim} does not fit`
  if (error instanceof errors.JOSEAlgNotAllowed) return `The token is not signed with ${algorithm}`
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is signed with a key that the issuer does not have'
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature does not hold"
  return 'The token is malformed'
}

function insufficient(missing: readonly Scope[]): Refusal {
  const group = groupFor(missing)
  return new Refusal(403, 'insufficient-scope', `The token lacks the scope ${missing.join(' ')}`, {
    ...(group && { hint: `People in the group ${group} have it: npm run token -- --group ${group}` }),
    headers: {
      'www-authenticate': `Bearer realm="darkroom", error="insufficient_scope", scope="${missing.join(' ')}"`,
    },
  })
}

const groupFor = (scopes: readonly Scope[]): Group | undefined =>
  (Object.keys(groups) as Group[]).find((group) => {
    const granted: readonly Scope[] = groups[group]
    return scopes.every((scope) => granted.includes(scope))
  })

/**
 * The issuer's keys, found through its discovery document on first use and cached: tokens that are signed with a known
 * key are checked while the provider restarts.
 */
export function discoverKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) })
    if (!response.ok) throw new Error(`The discovery document answered ${response.status}`)
    const { jwks_uri: address } = (await response.json()) as { jwks_uri: string }
    return createRemoteJWKSet(new URL(address), { cooldownDuration: 5_000 })
  }
  return async (header, token) => {
    found ??= discover().catch((error) => {
      found = undefined
      throw error
    })
    return (await found)(header, token)
  }
}

/** The claims as a Cognito authorizer hands them on: all of them text, groups joined by commas. */
export const claimsForFunction = (claims: Claims): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  )
