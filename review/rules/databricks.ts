/** Databricks, for which checkov has no checks: clusters end, nothing is shared, and only analysts see. */
import { groups, retention } from '../../platform.ts'
import { type Arguments, block, blocks, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import { isLake } from '../places.ts'
import type { Rule } from '../rule.ts'

const docs = (page: string) => `Databricks on AWS documentation, "${page}"`
const sra = 'databricks/terraform-databricks-sra (security reference architecture)'
const [analysts] = Object.keys(groups).filter((name) => name === 'analysts')
/** Beside the analysts, those who administer, and whom a permission names by a reference. */
const known = /^(admins?|account admins|(darkroom-)?([\w-]+-)?analysts|\$\{.*\})$/

const longestIdle = 60
/** Access modes in which commands of one person can see those of another. */
const unisolated = ['NONE', 'NO_ISOLATION', 'LEGACY_TABLE_ACL', 'LEGACY_PASSTHROUGH', 'LEGACY_SINGLE_USER_STANDARD']
const hasMount = (all: Infrastructure) => all.all('databricks_mount', 'databricks_aws_s3_mount').length > 0

/** Clusters, those of jobs included. */
const clustersOf = ({ type, args }: Resource): readonly Arguments[] =>
  type === 'databricks_cluster'
    ? [args]
    : [
        ...blocks(args.new_cluster),
        ...blocks(args.job_cluster).flatMap((job) => blocks(job.new_cluster)),
        ...blocks(args.task).flatMap((task) => blocks(task.new_cluster)),
      ]
const withClusters = ['databricks_cluster', 'databricks_job']

const secret = /secret|password|access\.key|token/i
/** `{{secrets/scope/key}}` is a reference, not a secret. */
const isLiteral = (value: unknown) => typeof value === 'string' && !/^\{\{secrets\/|^\$\{/.test(value)

/** Other buckets, such as the catalog's own, are there to be written. */
const isInTheLake = (url: unknown, all: Infrastructure) =>
  all.all('aws_s3_bucket').some((bucket) => refersTo(url, bucket) && isLake(bucket, all))

/** Defaults of the tables that a cluster makes. */
const deltaTerms = ['deletedFileRetentionDuration', 'logRetentionDuration'].map(
  (name) => `spark.databricks.delta.properties.defaults.${name}`,
)
/** Delta takes "interval 7 days", with or without the first word. */
const endsWithImages = (term: unknown): boolean => {
  const [, count, unit] = /^(?:interval )?(\d+) (hour|day|week)s?$/.exec(String(term)) ?? []
  const hours = Number(count) * { hour: 1, day: 24, week: 168 }[unit as 'hour' | 'day' | 'week']
  return hours * 3_600_000 <= retention.images
}

/** Settings by which rows and pictures leave a workspace. */
const waysOut = [
  'enableResultsDownloading',
  'enableNotebookTableClipboard',
  'enableExportNotebook',
  'enableDbfsFileBrowser',
] as const

const ownPlaces = ['path', 'parent_path', 'root_path']

export const databricksRules: readonly Rule[] = [
  {
    id: 'databricks/clusters-end',
    title: `A cluster that nobody uses ends within ${longestIdle} minutes`,
    severity: 'high',
    why: 'It costs by the second, and its disks and caches keep images that were purged.',
    source: docs('Configure compute: terminate a compute'),
    fix: `Set autotermination_minutes to ${longestIdle} or less`,
    applies: ['databricks_cluster'],
    check: ({ args }) => {
      const idle = args.autotermination_minutes ?? 60
      return (idle === 0 || idle > longestIdle) && (idle === 0 ? 'never ends' : `ends only after ${idle} minutes`)
    },
  },
  {
    id: 'databricks/policies-make-clusters-end',
    title: 'Cluster policies make clusters end',
    severity: 'medium',
    why: 'People make clusters of their own; the policy is what bounds them.',
    source: docs('Compute policy reference'),
    fix: 'Fix or bound autotermination_minutes in the policy’s definition',
    applies: ['databricks_cluster_policy'],
    check: ({ args }) => {
      if (typeof args.definition !== 'string' || !args.definition.startsWith('{')) return undefined
      const bound = JSON.parse(args.definition).autotermination_minutes
      const most = bound?.value ?? bound?.maxValue
      return !(most > 0 && most <= longestIdle) && 'lets clusters run for ever'
    },
  },
  {
    id: 'databricks/warehouses-end',
    title: 'A warehouse that nobody asks ends',
    severity: 'medium',
    why: 'It costs by the second.',
    source: docs('Create a SQL warehouse'),
    fix: 'Set auto_stop_mins to 1 … 60',
    applies: ['databricks_sql_endpoint'],
    check: ({ args }) => {
      const idle = args.auto_stop_mins ?? 120
      return !(idle > 0 && idle <= longestIdle) && (idle === 0 ? 'never ends' : `ends only after ${idle} minutes`)
    },
  },
  {
    id: 'databricks/dashboards-ask-with-the-readers-rights',
    title: 'A dashboard shows what its reader may see',
    severity: 'high',
    why: 'embed_credentials is true where nothing is said: every reader then asks with the publisher’s rights.',
    source: 'Terraform Databricks provider, databricks_dashboard, embed_credentials',
    fix: 'Set embed_credentials to false',
    applies: ['databricks_dashboard'],
    check: ({ args }) => args.embed_credentials !== false && 'shows everybody what its publisher may see',
  },
  {
    id: 'databricks/nothing-is-shared-with-all',
    title: 'Nothing lies in /Shared',
    severity: 'high',
    why: 'Everybody in the workspace may change what lies there.',
    source: docs('Workspace object access control: default folder permissions'),
    fix: 'Use a directory of ours with permissions for the analysts',
    applies: [
      'databricks_notebook',
      'databricks_directory',
      'databricks_dashboard',
      'databricks_workspace_file',
      'databricks_query',
    ],
    check: ({ args }) =>
      ownPlaces.map(
        (place) => /^(\/Workspace)?\/Shared(\/|$)/.test(String(args[place] ?? '')) && `lies in ${args[place]}`,
      ),
  },
  {
    id: 'databricks/analysts-only',
    title: 'Permissions are given to the analysts’ group only',
    severity: 'high',
    why: 'The group "users" is everybody in the workspace; single people are forgotten when they leave.',
    source: docs('Access control lists'),
    fix: `Give it to the group ${analysts}`,
    applies: ['databricks_permissions'],
    check: ({ args }) =>
      blocks(args.access_control).map(
        ({ group_name: group, user_name: user, permission_level: level }) =>
          (user && `gives ${level} to the person ${user}`) ||
          (group && !known.test(group) && `gives ${level} to the group ${group}`),
      ),
  },
  {
    id: 'databricks/grants-are-narrow',
    title: 'Grants are to the analysts, and never all privileges',
    severity: 'high',
    why: '"account users" is everybody in the account; all privileges include writing and granting.',
    source: docs('Unity Catalog privileges and securable objects'),
    fix: 'Grant USE CATALOG, USE SCHEMA, READ VOLUME, SELECT to the analysts',
    applies: ['databricks_grants', 'databricks_grant'],
    check: ({ type, args }) =>
      (type === 'databricks_grant' ? [args] : blocks(args.grant)).flatMap(({ principal, privileges }) => [
        /^(account )?users$/.test(String(principal)) && `gives ${blocks(privileges).join(', ')} to ${principal}`,
        blocks(privileges).some((privilege) => /^(ALL[_ ]PRIVILEGES|MANAGE)$/.test(String(privilege))) &&
          `gives all privileges to ${principal}`,
      ]),
  },
  {
    id: 'databricks/isolation',
    title: 'People are kept apart, unless a mount needs it otherwise',
    severity: 'high',
    why: 'Without isolation one analyst’s code sees another’s credentials; only a mount forces it.',
    source: docs('Access modes'),
    fix: 'Set data_security_mode to SINGLE_USER or USER_ISOLATION, or use the volume instead of the mount',
    applies: withClusters,
    check: (resource, all) =>
      clustersOf(resource).map(
        ({ data_security_mode: mode }) =>
          (mode === undefined || unisolated.includes(mode)) &&
          !hasMount(all) &&
          `runs without isolation (${mode ?? 'no data_security_mode'}), and no mount needs it`,
      ),
  },
  {
    id: 'databricks/no-secrets-in-clusters',
    title: 'No cluster carries a key in its settings',
    severity: 'high',
    why: 'Everybody who may attach to the cluster can read them.',
    source: docs('Manage secrets'),
    fix: 'Use the instance profile, or {{secrets/scope/key}}',
    applies: withClusters,
    check: (resource) =>
      clustersOf(resource).flatMap(({ spark_conf: settings, spark_env_vars: variables }) =>
        Object.entries({ ...settings, ...variables })
          .filter(([name, value]) => secret.test(name) && isLiteral(value))
          .map(([name]) => `has ${name} in its settings`),
      ),
  },
  {
    id: 'databricks/disks-are-encrypted',
    title: 'The disks of clusters are encrypted',
    severity: 'medium',
    why: 'Spark spills images onto them.',
    source: docs('Enable local disk encryption'),
    fix: 'Set enable_local_disk_encryption',
    applies: withClusters,
    check: (resource) =>
      clustersOf(resource).map(
        ({ enable_local_disk_encryption: encrypted, policy_id: policy }) =>
          encrypted !== true && !policy && 'has disks in clear',
      ),
  },
  {
    id: 'databricks/no-disk-cache',
    title: 'Clusters keep no copies of files',
    severity: 'medium',
    why: 'The disk cache shows images that were purged.',
    source: docs('Optimize performance with caching on Databricks'),
    fix: 'Set spark.databricks.io.cache.enabled to false',
    applies: withClusters,
    check: (resource) =>
      clustersOf(resource).map(
        ({ spark_conf: settings }) =>
          String(settings?.['spark.databricks.io.cache.enabled']) === 'true' && 'keeps copies of files on its disks',
      ),
  },
  {
    id: 'databricks/tables-forget',
    title: 'Tables forget their older versions',
    severity: 'high',
    why: 'Delta keeps what was deleted or replaced for as long as its tables say: aggregates of images that are gone.',
    source: docs('Remove unused data files with vacuum'),
    fix: `Set ${deltaTerms.join(' and ')} to 7 days or less in the cluster’s spark_conf, and VACUUM`,
    applies: ['databricks_job', 'databricks_schema', 'databricks_sql_table'],
    check: (resource) => {
      // What is written by hand goes by the settings of the schema or the table; what a job writes, by its cluster's.
      if (resource.type !== 'databricks_job')
        return Object.entries({ ...resource.args.properties })
          .filter(([name, term]) => /deletedFileRetention|logRetention/.test(name) && !endsWithImages(term))
          .map(([name, term]) => `keeps what was replaced for ${term} (${name})`)
      return clustersOf(resource).flatMap(({ spark_conf: settings }) =>
        deltaTerms
          .filter((name) => !endsWithImages(settings?.[name]))
          .map(
            (name) =>
              `writes tables that keep what was replaced for ${settings?.[name] ?? 'as long as they like'} (${name})`,
          ),
      )
    },
  },
  {
    id: 'databricks/jobs-end',
    title: 'Jobs end, and do not overlap',
    severity: 'medium',
    why: 'A job that hangs keeps a cluster, and holds what it has read.',
    source: 'Terraform Databricks provider, databricks_job, timeout_seconds and max_concurrent_runs',
    fix: 'Set timeout_seconds for the job or each task, and max_concurrent_runs to 1',
    applies: ['databricks_job'],
    check: ({ args }) => {
      const tasks = blocks(args.task)
      const bounded = args.timeout_seconds > 0 || (tasks.length > 0 && tasks.every((task) => task.timeout_seconds > 0))
      return [
        !bounded && 'may run for ever',
        (args.max_concurrent_runs ?? 1) > 1 && `may run ${args.max_concurrent_runs} times at once`,
        ...[args, ...tasks].map((task) => task.max_retries < 0 && 'is tried again for ever'),
      ]
    },
  },
  {
    id: 'databricks/keys-of-ours',
    title: 'The workspace is encrypted with keys of ours',
    severity: 'high',
    why: 'Notebooks with their results, and the root bucket, lie at Databricks.',
    source: `${docs('Customer-managed keys for encryption')}; ${sra}`,
    fix: 'Set managed_services_customer_managed_key_id and storage_customer_managed_key_id',
    applies: ['databricks_mws_workspaces'],
    check: ({ args }) => [
      !args.managed_services_customer_managed_key_id && 'has notebooks and results under Databricks’ own key',
      !args.storage_customer_managed_key_id && 'has its root bucket and disks under a key that is not ours',
    ],
  },
  {
    id: 'databricks/workspace-is-private',
    title: 'The workspace stands in our network, and is reached privately',
    severity: 'high',
    why: 'Clusters with public addresses can send images anywhere.',
    source: `${docs('Enable private connectivity using AWS PrivateLink')}; ${sra}`,
    fix: 'Set network_id and private_access_settings_id',
    applies: ['databricks_mws_workspaces'],
    check: ({ args }) => [
      !args.network_id && 'stands in a network of Databricks',
      !args.private_access_settings_id && 'speaks to Databricks over the internet',
    ],
  },
  {
    id: 'databricks/tokens-expire',
    title: 'Tokens expire',
    severity: 'high',
    why: 'A token without an end is a password that nobody changes.',
    source: 'Terraform Databricks provider, databricks_token, lifetime_seconds',
    fix: 'Use OAuth for service principals; or set lifetime_seconds',
    applies: ['databricks_token', 'databricks_obo_token'],
    check: ({ args }) => !(args.lifetime_seconds > 0) && 'never expires',
  },
  {
    id: 'databricks/lake-is-read-only',
    title: 'The lake is read, and not written, from notebooks',
    severity: 'high',
    why: 'What a notebook writes there no purge knows; and what it overwrites is lost.',
    source: 'Terraform Databricks provider, databricks_external_location, read_only',
    fix: 'Set read_only',
    applies: ['databricks_external_location', 'databricks_storage_credential'],
    check: (resource, all) => {
      const places = all.all('databricks_external_location').filter(({ args }) => isInTheLake(args.url, all))
      const concerned =
        resource.type === 'databricks_external_location'
          ? places.includes(resource)
          : places.some(
              ({ args }) => refersTo(args.credential_name, resource) || args.credential_name === resource.args.name,
            )
      return concerned && resource.args.read_only !== true && 'may be written from notebooks'
    },
  },
  {
    id: 'databricks/nothing-is-downloaded',
    title: 'The workspace keeps no settings that let data out',
    severity: 'medium',
    why: 'A downloaded result outlives every purge.',
    source: docs('Manage workspace settings: results downloading, DBFS file browser'),
    fix: `Set ${waysOut.join(', ')} to "false": what is not said is on`,
    applies: ['databricks_workspace_conf'],
    check: ({ args }) =>
      waysOut
        .filter((name) => String(block(args.custom_config)[name]) !== 'false')
        .map((name) => `does not switch ${name} off`),
  },
  {
    id: 'databricks/results-are-ours',
    title: 'What notebooks show is stored with us',
    severity: 'medium',
    why: 'Small results lie in Databricks’ control plane otherwise, under no bucket and no key of ours.',
    source: docs('Configure notebook result storage location'),
    fix: 'Set storeInteractiveNotebookResultsInCustomerAccount to "true"',
    applies: ['databricks_workspace_conf'],
    check: ({ args }) =>
      String(block(args.custom_config).storeInteractiveNotebookResultsInCustomerAccount) !== 'true' &&
      'leaves results of notebooks with Databricks',
  },
  {
    id: 'databricks/sql-results-stay',
    title: 'Results of SQL are not downloaded',
    severity: 'medium',
    why: 'A downloaded result outlives every purge, and the default allows it.',
    source: 'Databricks settings API, sql_results_download',
    fix: 'Set databricks_workspace_setting_v2 "sql_results_download" to false beside databricks_workspace_conf',
    applies: ['databricks_workspace_conf'],
    check: (_, all) =>
      !all
        .all('databricks_workspace_setting_v2')
        .some(({ args }) => args.name === 'sql_results_download' && block(args.boolean_val).value === false) &&
      'lets people download what SQL shows',
  },
]
