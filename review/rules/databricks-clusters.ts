/** Databricks' clusters, jobs and warehouses: they end, are isolated, and keep nothing beyond its term. */
import { retention } from '../../platform.ts'
import { type Arguments, blocks, type Infrastructure, type Resource } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'
import { docs } from './databricks.ts'

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

export const databricksClusterRules: readonly Rule[] = [
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
]
