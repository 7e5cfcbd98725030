/** Policies as lists of statements, whichever of its many forms IAM's JSON has. */
import type { Infrastructure, Resource } from './infrastructure.ts'
import { block, refersTo } from './infrastructure.ts'

export type PolicyStatement = {
  readonly allows: boolean
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** `*`, `Service:lambda.amazonaws.com`, `AWS:arn:…`. */
  readonly principals: readonly string[]
  /** Names of the condition keys. */
  readonly conditions: readonly string[]
  /** It says what it does not mean: NotAction, NotResource, NotPrincipal. */
  readonly inverted: boolean
}

const list = (value: unknown): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [String(value)])

/** @returns nothing for a document that only Terraform can tell, such as a reference */
export function statementsOf(document: unknown): PolicyStatement[] {
  if (typeof document !== 'string' || !document.trimStart().startsWith('{')) return []
  const { Statement } = JSON.parse(document)
  return (Array.isArray(Statement) ? Statement : [Statement]).map((statement) => ({
    allows: statement.Effect === 'Allow',
    actions: list(statement.Action),
    resources: list(statement.Resource),
    principals: principalsOf(statement.Principal),
    conditions: Object.values(statement.Condition ?? {}).flatMap((keys) => Object.keys(keys as object)),
    inverted: ['NotAction', 'NotResource', 'NotPrincipal'].some((name) => name in statement),
  }))
}

const principalsOf = (principal: unknown): string[] =>
  typeof principal === 'string'
    ? [principal]
    : Object.entries(principal ?? {}).flatMap(([kind, names]) =>
        list(names).map((name) => (name === '*' ? '*' : `${kind}:${name}`)),
      )

/** Types that give a role of ours permissions, and the argument with the document. */
export const identityPolicies = ['aws_iam_role_policy', 'aws_iam_policy', 'aws_iam_user_policy', 'aws_iam_group_policy']

/** What a function's role may do. */
export function permissionsOf(lambda: Resource, all: Infrastructure): PolicyStatement[] {
  const role = all.all('aws_iam_role').find((found) => refersTo(lambda.args.role, found))
  if (!role) return []
  return all
    .naming('aws_iam_role_policy', 'role', role)
    .flatMap(({ args }) => statementsOf(args.policy))
    .filter(({ allows }) => allows)
}

/** Whether the function may do any of these to what is named; a wildcard action counts. */
export const mayDo = (lambda: Resource, all: Infrastructure, actions: readonly string[], to: Resource): boolean =>
  permissionsOf(lambda, all).some(
    (statement) =>
      statement.actions.some((allowed) => actions.some((action) => matches(allowed, action))) &&
      statement.resources.some((resource) => resource === '*' || refersTo(resource, to)),
  )

/** IAM's own wildcards. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 'i').test(text)

/** The function that a permission, a mapping or a target calls. */
export const calledFunction = (value: unknown, all: Infrastructure): Resource | undefined =>
  all.all('aws_lambda_function').find((lambda) => refersTo(value, lambda))

/** A bucket's own settings, which Terraform keeps in resources beside it. */
export const beside = (type: string, bucket: Resource, all: Infrastructure): Resource | undefined =>
  all.naming(type, 'bucket', bucket)[0]

export const kmsOf = (encryption: Resource | undefined): Record<string, unknown> =>
  block(block(encryption?.args.rule).apply_server_side_encryption_by_default)
