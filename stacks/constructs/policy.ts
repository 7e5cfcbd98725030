/** IAM policies as typed statements. */

export type Statement = {
  readonly sid?: string
  readonly effect?: 'Allow' | 'Deny'
  readonly principals?: '*' | Readonly<Partial<Record<'AWS' | 'Service', string | readonly string[]>>>
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Whoever may be given permissions: in practice a function's role. */
export type Grantee = { allow(...statements: Statement[]): void }

/** The policy's JSON, as IAM takes it. */
export const policyDocument = (statements: readonly Statement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ sid, effect, principals, actions, resources, conditions }) => ({
      ...(sid && { Sid: sid }),
      Effect: effect ?? 'Allow',
      ...(principals && { Principal: principals }),
      Action: actions,
      Resource: resources,
      ...(conditions && { Condition: conditions }),
    })),
  })

/**
 * The trust policy by which an AWS service takes on a role.
 * @param account where the service says for whom it acts, only for this account (Lambda does not say)
 */
export const trustOf = (service: string, account?: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        ...(account && { Condition: { StringEquals: { 'aws:SourceAccount': account } } }),
      },
    ],
  })
