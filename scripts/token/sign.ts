/** A bearer token for the local platform, as the sign-in page would give it. */
import { importJWK, SignJWT } from 'jose'
import { type LocalConfig, localConfig } from '../../config.ts'
import { accessTokenClaims, accessTokenSeconds } from '../../local/identity/claims.ts'
import { readKeys, signingAlgorithm } from '../../local/identity/keys.ts'
import { personInGroup } from '../../local/identity/people.ts'
import type { Group } from '../../platform.ts'

/** Nobody is in the group, or the platform has no key yet. */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError'
  readonly retriable = false
}

/**
 * @param expiresIn seconds that it holds; negative makes one that has expired
 * @returns the token of a group's demo person; signed with the key that the running platform publishes
 */
export async function signToken(
  group: Group,
  expiresIn: number = accessTokenSeconds,
  { home, urls }: Pick<LocalConfig, 'home' | 'urls'> = localConfig(),
): Promise<string> {
  const person = personInGroup(group)
  const [key] = readKeys(home).keys
  if (!person || !key) throw new NoTokenError(`There is no demo person in the group ${group}`)
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ ...accessTokenClaims(person, urls.identity), jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: signingAlgorithm, kid: key.kid, typ: 'at+jwt' })
    .setIssuedAt(Math.min(now, now + expiresIn))
    .setExpirationTime(now + expiresIn)
    .sign(await importJWK(key, signingAlgorithm))
}
