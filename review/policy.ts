/** Policies as lists of statements, whichever of its many forms IAM's JSON has. */
import { type Arguments, block, blocks, type Infrastructure, type Resource, refersTo } from './infrastructure.ts'

export type PolicyStatement = {
  readonly allows: boolean
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** `*`, `Service:lambda.amazonaws.com`, `AWS:arn:…`. */
  readonly principals: readonly string[]
  /** Names of the keys of conditions that narrow the statement. */
  readonly conditions: readonly string[]
  /** It says what it does not mean: NotAction, NotResource, NotPrincipal. */
  readonly inverted: boolean
}

const list = (value: unknown): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [String(value)])

/** @returns nothing for a document that cannot be read; `isReadable` tells */
export function statementsOf(document: unknown): PolicyStatement[] {
  return blocks(read(document)?.Statement).map((written) => {
    const statement = byElement(written)
    const allows = statement.Effect === 'Allow'
    return {
      allows,
      actions: list(statement.Action),
      resources: list(statement.Resource),
      principals: principalsOf(statement.Principal),
      conditions: conditionsOf(statement.Condition, allows),
      inverted: ['NotAction', 'NotResource', 'NotPrincipal'].some((name) => name in statement),
    }
  })
}

/** Documents of these come from a provider that writes them; they are no more than their names say. */
const written = /^\$\{\s*data\.databricks_aws_\w+\.[\w-]+\.json\s*\}$/

/** Whether rules can tell what a policy says: it is JSON, or written by a provider. */
export const isReadable = (document: unknown): boolean =>
  document === undefined || written.test(String(document)) || read(document) !== undefined

/** @returns the policy, or nothing where the text is none */
function read(document: unknown): Arguments | undefined {
  if (typeof document !== 'string' || !document.trimStart().startsWith('{')) return undefined
  // A quote within `${…}` is one of Terraform's, and not of the JSON around it.
  const quoted = document.replaceAll(/\$\{[^{}]*\}/g, (reference) => reference.replaceAll(/(?<!\\)"/g, "'"))
  try {
    const parsed = JSON.parse(quoted)
    return typeof parsed === 'object' && parsed !== null ? byElement(parsed) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const elements = [
  'Statement',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]

/** IAM takes the names of its elements in any case. */
const byElement = (written: Arguments): Arguments =>
  Object.fromEntries(
    Object.entries(written).map(([name, value]) => [
      elements.find((element) => element.toLowerCase() === name.toLowerCase()) ?? name,
      value,
    ]),
  )

/** Names of the keys by which a statement is narrowed: "not this" and "anything" narrow nothing that is allowed. */
const conditionsOf = (condition: unknown, allows: boolean): string[] =>
  Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys as object)
      .filter(
        ([, values]) =>
          !allows || !(/Not|^Null$/.test(operator) || list(values).some((value) => /^[*?]+$/.test(value))),
      )
      .map(([name]) => name),
  )

const principalsOf = (principal: unknown): string[] =>
  typeof principal === 'string'
    ? [principal]
    : Object.entries(principal ?? {}).flatMap(([kind, names]) =>
        list(names).map((name) => (name === '*' ? '*' : `${kind}:${name}`)),
      )

/** Types that give a role of ours permissions, and the argument with the document. */
export const identityPolicies = ['aws_iam_role_policy', 'aws_iam_policy', 'aws_iam_user_policy', 'aws_iam_group_policy']

/** Policies that lie on a resource: whom they let do something to it. */
export const resourcePolicies = [
  'aws_s3_bucket_policy',
  'aws_s3control_access_point_policy',
  'aws_sns_topic_policy',
  'aws_sqs_queue_policy',
  'aws_kms_key',
  'aws_kms_key_policy',
  'aws_kms_external_key',
  'aws_kms_replica_key',
  'aws_msk_cluster_policy',
  'aws_dynamodb_resource_policy',
  'aws_api_gateway_rest_api',
  'aws_api_gateway_rest_api_policy',
  'aws_secretsmanager_secret_policy',
  'aws_ecr_repository_policy',
  'aws_cloudwatch_event_bus_policy',
  'aws_backup_vault_policy',
]
export const documentOf = ({ policy, resource_policy }: Arguments): unknown => policy ?? resource_policy

/** Types that give a policy to roles. */
export const attachmentTypes = [
  'aws_iam_role_policy_attachment',
  'aws_iam_policy_attachment',
  'aws_iam_role_policy_attachments_exclusive',
]

/** What a function's role may do. */
export function permissionsOf(lambda: Resource, all: Infrastructure): PolicyStatement[] {
  const role = all.all('aws_iam_role').find((found) => refersTo(lambda.args.role, found))
  if (!role) return []
  const attached = attachmentTypes.flatMap((type) =>
    ['role', 'roles'].flatMap((argument) => all.naming(type, argument, role)),
  )
  const policies = all
    .all('aws_iam_policy')
    .filter((policy) => attached.some(({ args }) => refersTo([args.policy_arn, args.policy_arns], policy)))
  return [...all.naming('aws_iam_role_policy', 'role', role), ...policies]
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
  new RegExp(
    `^${pattern
      .split(/([*?])/)
      .map(asPattern)
      .join('')}$`,
    'i',
  ).test(text)
const asPattern = (part: string) => (part === '*' ? '.*' : part === '?' ? '.' : RegExp.escape(part))

/** The function that a permission, a mapping or a target calls. */
export const calledFunction = (value: unknown, all: Infrastructure): Resource | undefined =>
  all.all('aws_lambda_function').find((lambda) => refersTo(value, lambda))

/** A bucket's own settings, which Terraform keeps in resources beside it. */
export const beside = (type: string, bucket: Resource, all: Infrastructure): Resource | undefined =>
  all.naming(type, 'bucket', bucket)[0]

/** Several of a kind contradict each other, and the last one that Terraform makes holds. */
export const allBeside = (type: string, bucket: Resource, all: Infrastructure): readonly Resource[] =>
  all.naming(type, 'bucket', bucket)

export const kmsOf = (encryption: Resource | undefined): Record<string, unknown> =>
  block(block(encryption?.args.rule).apply_server_side_encryption_by_default)
