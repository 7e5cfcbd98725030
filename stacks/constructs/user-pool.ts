/** People: a Cognito pool with the platform's groups and scopes, a hosted sign-in page and a second factor. */
import { CognitoResourceServer } from '@cdktf/provider-aws/lib/cognito-resource-server/index.js'
import { CognitoUserGroup } from '@cdktf/provider-aws/lib/cognito-user-group/index.js'
import { CognitoUserPool } from '@cdktf/provider-aws/lib/cognito-user-pool/index.js'
import { CognitoUserPoolClient } from '@cdktf/provider-aws/lib/cognito-user-pool-client/index.js'
import { CognitoUserPoolDomain } from '@cdktf/provider-aws/lib/cognito-user-pool-domain/index.js'
import { Construct } from 'constructs'
import { audience, groups, scopes } from '../../platform.ts'
import type { PlatformFunction } from './function.ts'
import type { PlatformStack } from './platform-stack.ts'

export type UserPoolProps = {
  /** Adds to each access token the scopes that follow from the person's groups. */
  readonly scopesFunction: PlatformFunction<'scopes'>
}

export class UserPool extends Construct {
  readonly arn: string
  readonly id: string
  /** As tokens name it. */
  readonly issuer: string
  /** Where people sign in, and tokens are exchanged. */
  readonly signInOrigin: string
  readonly #resourceServer: CognitoResourceServer
  readonly #stack: PlatformStack

  constructor(stack: PlatformStack, id: string, { scopesFunction }: UserPoolProps) {
    super(stack, id)
    this.#stack = stack
    const { region, mfa, protectData } = stack.config
    const pool = new CognitoUserPool(this, 'pool', {
      name: stack.named('people'),
      // The tier that lets a function change access tokens.
      userPoolTier: 'ESSENTIALS',
      usernameAttributes: ['email'],
      usernameConfiguration: { caseSensitive: false },
      autoVerifiedAttributes: ['email'],
      // The company's own people: nobody signs up by themselves.
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      mfaConfiguration: mfa,
      softwareTokenMfaConfiguration: { enabled: true },
      passwordPolicy: {
        minimumLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: false,
        temporaryPasswordValidityDays: 3,
      },
      accountRecoverySetting: { recoveryMechanism: [{ name: 'verified_email', priority: 1 }] },
      userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdate: ['email'] },
      lambdaConfig: {
        preTokenGenerationConfig: { lambdaArn: scopesFunction.arn, lambdaVersion: 'V2_0' },
      },
      deletionProtection: protectData ? 'ACTIVE' : 'INACTIVE',
      lifecycle: { preventDestroy: protectData },
    })
    this.arn = pool.arn
    this.id = pool.id
    this.issuer = `https://cognito-idp.${region}.amazonaws.com/${pool.id}`
    scopesFunction.allowCallsFrom(this, 'sign-in', 'cognito-idp.amazonaws.com', pool.arn)

    const domain = new CognitoUserPoolDomain(this, 'domain', {
      userPoolId: pool.id,
      // Unique in the region, as names of buckets are.
      domain: stack.bucketName('sign-in'),
    })
    this.signInOrigin = `https://${domain.domain}.auth.${region}.amazoncognito.com`
    this.#resourceServer = new CognitoResourceServer(this, 'resource-server', {
      userPoolId: pool.id,
      identifier: audience,
      name: audience,
      scope: Object.values(scopes).map((scope) => ({
        scopeName: scope.slice(audience.length + 1),
        scopeDescription: scope,
      })),
    })
    for (const [name, granted] of Object.entries(groups)) {
      new CognitoUserGroup(this, `group-${name}`, { userPoolId: pool.id, name, description: granted.join(', ') })
    }
  }

  /**
   * A public client: code flow with PKCE, no secret.
   * @param origin of the web application
   * @param callbackPath where Cognito sends people back to
   * @returns its id
   */
  addWebClient(origin: string, callbackPath: string): string {
    const client = new CognitoUserPoolClient(this, 'web-client', {
      userPoolId: this.id,
      name: this.#stack.named('web'),
      generateSecret: false,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ['code'],
      // It may ask for all; the pre-token-generation function leaves each person their own.
      allowedOauthScopes: ['openid', 'email', 'profile', ...Object.values(scopes)],
      supportedIdentityProviders: ['COGNITO'],
      callbackUrls: [`${origin}${callbackPath}`],
      logoutUrls: [`${origin}/`],
      explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      preventUserExistenceErrors: 'ENABLED',
      enableTokenRevocation: true,
      accessTokenValidity: 60,
      idTokenValidity: 60,
      refreshTokenValidity: 12,
      tokenValidityUnits: [{ accessToken: 'minutes', idToken: 'minutes', refreshToken: 'hours' }],
      dependsOn: [this.#resourceServer],
    })
    return client.id
  }
}
