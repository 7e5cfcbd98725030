/** A plan as `terraform show -json` writes it, and what it would do. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Arguments } from '../infrastructure.ts'

/** A file is no plan, or one of a format that we do not know. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
  readonly retriable = false
}

/** The parts that we read of Terraform's documented "JSON output format", major version 1. */
export type PlanJson = {
  readonly format_version: string
  readonly errored?: boolean
  readonly planned_values?: { readonly root_module?: object }
  readonly resource_changes?: readonly ResourceChange[]
}

export type ResourceChange = {
  readonly address: string
  readonly previous_address?: string
  readonly mode: 'managed' | 'data'
  readonly type: string
  /** Why it is replaced or deleted, such as `replace_because_cannot_update`. */
  readonly action_reason?: string
  readonly change: {
    readonly actions: readonly string[]
    readonly before: Arguments | null
    readonly after: Arguments | null
    /** True wherever the value is known only when the plan is applied. */
    readonly after_unknown?: Arguments | boolean
    /** Paths of the arguments that force a replacement. */
    readonly replace_paths?: readonly (readonly (string | number)[])[]
  }
}

export const kinds = ['create', 'change', 'replace', 'destroy', 'forget'] as const
export type Kind = (typeof kinds)[number]

export type Change = ResourceChange & {
  readonly kind: Kind
  /** The stack's name, from the plan's file. */
  readonly stack: string
  /** `<stack>/<address>`: addresses alone are not unique over stacks. */
  readonly label: string
}

export type Plan = {
  readonly stack: string
  /** What would change, without what stays. */
  readonly changes: readonly Change[]
  /** Every managed resource, also what stays. */
  readonly resources: readonly ResourceChange[]
  /** Resources that get another address and nothing else, as `<from> → <to>`. */
  readonly moved: readonly string[]
  /** Whether it has all that Terraform writes, and not only what changes. */
  readonly complete: boolean
}

/** Whether checkov can read it: a plan of something, with the values that will be. */
export const isWhole = ({ complete, resources }: Plan): boolean =>
  complete && resources.some(({ change }) => change.after !== null)

/** @throws PlanError naming the file */
export function readPlan(file: string): Plan {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new PlanError(`${file} is no plan as \`terraform show -json\` writes it`, { cause })
  }
  return planOf(json, basename(file).replace(/(\.plan)?\.json$/, ''))
}

/**
 * @param stack the name under which the plan's resources appear
 * @throws PlanError for another format, and for a plan that Terraform could not finish
 */
export function planOf(json: unknown, stack: string): Plan {
  const plan = json as Partial<PlanJson> | null
  // Terraform: reject an unknown major version, take any minor one.
  if (!plan?.format_version?.startsWith('1.')) {
    throw new PlanError(
      `The plan of ${stack} has the format ${plan?.format_version ?? '(none)'}, and we know version 1`,
    )
  }
  if (plan.errored) throw new PlanError(`The plan of ${stack} is incomplete: Terraform could not finish it`)
  const resources = (plan.resource_changes ?? []).filter(({ mode }) => mode === 'managed')
  return {
    stack,
    resources,
    complete: Object.values(plan.planned_values?.root_module ?? {}).some(
      (part) => Array.isArray(part) && part.length > 0,
    ),
    moved: resources.flatMap(({ address, previous_address: before, change }) =>
      before && before !== address && change.actions.every((action) => action === 'no-op')
        ? [`${stack}/${before} → ${address}`]
        : [],
    ),
    changes: resources.flatMap((resource) => {
      const kind = kindOf(resource)
      return kind ? [{ ...resource, kind, stack, label: `${stack}/${resource.address}` }] : []
    }),
  }
}

/** @throws PlanError for actions that we do not know: they may be the dangerous ones */
function kindOf({ address, change: { actions } }: ResourceChange): Kind | undefined {
  const has = (action: string) => actions.includes(action)
  const unknown = actions.find((action) => !['no-op', 'read', 'create', 'update', 'delete', 'forget'].includes(action))
  if (unknown || actions.length === 0)
    throw new PlanError(`${address} has the action "${unknown ?? ''}", which we do not know`)
  if (has('create') && (has('delete') || has('forget'))) return 'replace'
  if (has('delete')) return 'destroy'
  if (has('create')) return 'create'
  if (has('update')) return 'change'
  return has('forget') ? 'forget' : undefined
}

/** What is lost with the resource, in words. */
const heldBy: Readonly<Record<string, string>> = {
  aws_backup_vault: 'backups',
  aws_cognito_user_pool: 'people and their passwords',
  aws_db_instance: 'rows',
  aws_dynamodb_table: 'rows',
  aws_efs_file_system: 'files',
  aws_kinesis_stream: 'events',
  aws_kms_external_key: 'everything that is encrypted with it',
  aws_kms_key: 'everything that is encrypted with it',
  aws_kms_replica_key: 'everything that is encrypted with it',
  aws_msk_cluster: 'events',
  aws_msk_serverless_cluster: 'events',
  aws_rds_cluster: 'rows',
  aws_s3_bucket: 'objects',
  aws_s3_directory_bucket: 'objects',
  aws_sqs_queue: 'messages',
  databricks_catalog: 'tables and volumes',
  databricks_metastore: 'tables, volumes and grants',
  databricks_mws_workspaces: 'notebooks and their results',
  databricks_schema: 'tables and volumes',
  databricks_sql_table: 'rows',
  databricks_volume: 'files',
}

export type Loss = { readonly change: Change; readonly what: string }

/** What would be lost if the plans were applied; a resource that is merely forgotten stays where it is. */
export const lossesOf = (plans: readonly Plan[]): Loss[] =>
  plans.flatMap(({ changes }) =>
    changes.flatMap((change) => {
      const what = heldBy[change.type]
      return what && (change.kind === 'replace' || change.kind === 'destroy') ? [{ change, what }] : []
    }),
  )
