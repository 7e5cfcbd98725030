/** The claims of an access token: the same whether a person signs in or a script signs one. */
import { audience, groups, type Scope } from '../../platform.ts'
import type { Person } from './people.ts'

/** The web application, a public client. */
export const clientId = 'darkroom-web'

/** Seconds that an access token holds, as Cognito's default. */
export const accessTokenSeconds = 3600

export type AccessTokenClaims = {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  /** Space separated, exactly what the person's group allows. */
  readonly scope: string
  readonly 'cognito:groups': readonly string[]
  readonly token_use: 'access'
  readonly client_id: string
}

export const scopesOf = (person: Person): readonly Scope[] => groups[person.group]

/** Everything in an access token except `jti`, `iat` and `exp`. */
export const accessTokenClaims = (person: Person, issuer: string): AccessTokenClaims => ({
  iss: issuer,
  aud: audience,
  sub: person.sub,
  scope: scopesOf(person).join(' '),
  'cognito:groups': [person.group],
  token_use: 'access',
  client_id: clientId,
})
