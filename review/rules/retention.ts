/** Nothing keeps data beyond its term: what lies in S3. Tables, logs and the stream have files of their own. */
import { day } from '../../platform/units.ts'
import { layout, retention } from '../../platform.ts'
import { type Arguments, block, blocks, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import { isLake, isWritten, lifecycleOf, prefixOf, writtenPlaces } from '../places.ts'
import { allBeside } from '../policy.ts'
import type { Rule } from '../rule.ts'

/** @returns whole or broken days */
export const days = (milliseconds: number) => milliseconds / day
const userGuide = 'Amazon S3 User Guide, "Managing your storage lifecycle"'

/** How long what lies below a prefix of a bucket may stay; lifecycles act a day behind the purge. */
const termOf = (prefix: string): number =>
  prefix === layout.runs || prefix === layout.receipts
    ? days(retention.runs)
    : days(retention.images + retention.backstop)

const isVersioned = (bucket: Resource, all: Infrastructure) =>
  allBeside('aws_s3_bucket_versioning', bucket, all).some(
    ({ args }) => block(args.versioning_configuration).status === 'Enabled',
  )

/** Rules by which objects end after so many days; a date on which everything ends once is none. */
const expiring = (bucket: Resource, all: Infrastructure): readonly Arguments[] =>
  lifecycleOf(bucket, all).filter((rule) => block(rule.expiration).days)

/** Where something may lie: what functions write, and in the lake every place of its layout. */
const places = (bucket: Resource, all: Infrastructure): readonly string[] => [
  ...new Set([
    ...writtenPlaces(bucket, all),
    ...(isLake(bucket, all) ? Object.values(layout).filter((place) => place.endsWith('/')) : []),
  ]),
]

/** Files that a deployment puts there and no function may write hold nothing of anybody's. */
const holdsOnlyWhatIsDeployed = (bucket: Resource, all: Infrastructure) =>
  all.naming('aws_s3_object', 'bucket', bucket).length > 0 && !isWritten(bucket, all)

/** Databricks keeps its own house in the root bucket of a workspace, and breaks where others tidy up. */
const isWorkspaceRoot = (bucket: Resource, all: Infrastructure) =>
  all
    .all('databricks_mws_storage_configurations')
    .some(({ args }) => refersTo(args.bucket_name, bucket) || args.bucket_name === bucket.args.bucket)

/** Files of Delta tables, of which an expiry would break tables; VACUUM forgets there (docs/retention.md). */
const holdsTables = (bucket: Resource, all: Infrastructure) =>
  all.all('databricks_external_location').some(({ args }) => args.read_only !== true && refersTo(args.url, bucket))

export const retentionRules: readonly Rule[] = [
  {
    id: 'retention/bucket-has-lifecycle',
    title: 'Every bucket has a lifecycle',
    severity: 'high',
    why: 'Without one, what the purge misses stays for ever.',
    source: userGuide,
    fix: 'Give the bucket an aws_s3_bucket_lifecycle_configuration (stacks/constructs/lifecycles.ts)',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => lifecycleOf(bucket, all).length === 0 && 'has no lifecycle that is enabled',
  },
  {
    id: 'retention/objects-expire',
    title: 'Objects expire a day after their term at the latest',
    severity: 'high',
    why: 'The lifecycle is the backstop of the seven days: S3 deletes even when no purge runs.',
    source: `${userGuide}; platform.ts, "retention"`,
    fix: 'Add an expiration to the rule of this prefix, not above its term',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      if (holdsOnlyWhatIsDeployed(bucket, all) || isWorkspaceRoot(bucket, all) || holdsTables(bucket, all))
        return undefined
      const rules = expiring(bucket, all)
      if (rules.length === 0) return 'has no rule by which objects expire'
      return rules.map((rule) => {
        const term = termOf(prefixOf(rule))
        const kept = block(rule.expiration).days
        return !(kept <= term) && `keeps what is below "${prefixOf(rule)}" for ${kept} days, its term is ${term}`
      })
    },
  },
  {
    id: 'retention/layout-expires',
    title: 'Each place that is written to has its own end',
    severity: 'high',
    why: 'A place that the lifecycle does not name keeps what is put there for ever.',
    source: 'platform.ts, "layout"; the functions’ permissions',
    fix: 'Name the prefix in the bucket’s lifecycle (stacks/constructs/lifecycles.ts)',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      const ended = expiring(bucket, all).map(prefixOf)
      return places(bucket, all)
        .filter((place) => !ended.some((prefix) => place.startsWith(prefix)))
        .map((place) => `nothing ends what is below "${place}"`)
    },
  },
  {
    id: 'retention/older-versions-expire',
    title: 'Older versions end with what they were versions of',
    severity: 'high',
    why: 'In a versioned bucket an expiry only hides an object: its bytes stay as a noncurrent version.',
    source: 'Amazon S3 User Guide, "Lifecycle rules: noncurrent versions"',
    fix: 'Add noncurrent_version_expiration with noncurrent_days = 1',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      if (!isVersioned(bucket, all)) return undefined
      const ends = lifecycleOf(bucket, all).filter((rule) => blocks(rule.noncurrent_version_expiration).length > 0)
      if (ends.length === 0) return 'is versioned, and no rule ends noncurrent versions'
      const kept = ends.map((rule) => {
        const { noncurrent_days: days, newer_noncurrent_versions: newer } = block(rule.noncurrent_version_expiration)
        return [
          !(days <= 1) && `keeps noncurrent versions below "${prefixOf(rule)}" for ${days} days`,
          newer > 0 && `keeps ${newer} noncurrent versions below "${prefixOf(rule)}" for ever`,
        ]
      })
      const endless = [...places(bucket, all), ...expiring(bucket, all).map(prefixOf)]
        .filter((place) => !ends.some((rule) => place.startsWith(prefixOf(rule))))
        .map((place) => `nothing ends noncurrent versions below "${place}"`)
      return [...kept.flat(), ...new Set(endless)]
    },
  },
  {
    id: 'retention/delete-markers-go',
    title: 'Markers that hide nothing are taken away',
    severity: 'medium',
    why: 'A marker keeps the key, which names the image and the day.',
    source: 'Amazon S3 User Guide, "Removing expired object delete markers"',
    fix: 'Add a rule of its own with expiration.expired_object_delete_marker = true',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) =>
      isVersioned(bucket, all) &&
      !lifecycleOf(bucket, all).some((rule) => block(rule.expiration).expired_object_delete_marker === true) &&
      'is versioned, and no rule takes away expired delete markers',
  },
  {
    id: 'retention/unfinished-uploads-end',
    title: 'Unfinished multipart uploads end within a day',
    severity: 'high',
    why: 'Their parts hold image data, appear in no listing, and never expire by themselves.',
    source: 'Amazon S3 User Guide, "Aborting incomplete multipart uploads"',
    fix: 'Add abort_incomplete_multipart_upload with days_after_initiation = 1 for the whole bucket',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      const most = days(retention.unfinishedUploads)
      const aborts = lifecycleOf(bucket, all)
        .filter((rule) => prefixOf(rule) === '')
        .flatMap((rule) => blocks(rule.abort_incomplete_multipart_upload))
      if (aborts.length === 0) return 'has no rule that ends unfinished uploads in all of it'
      return aborts.map(
        ({ days_after_initiation: kept }) =>
          !(kept <= most) && `ends unfinished uploads after ${kept} days, not ${most}`,
      )
    },
  },
  {
    id: 'retention/lifecycle-is-on',
    title: 'No lifecycle rule is switched off',
    severity: 'medium',
    why: 'A rule that is there and does nothing reads as if it did.',
    source: userGuide,
    fix: 'Enable the rule or remove it',
    applies: ['aws_s3_bucket_lifecycle_configuration'],
    check: ({ args }) =>
      blocks(args.rule)
        .filter(({ status }) => status !== 'Enabled')
        .map(({ id }) => `the rule "${id}" is not enabled`),
  },
  {
    id: 'retention/no-object-lock',
    title: 'No bucket can forbid deletion',
    severity: 'high',
    why: 'What is locked cannot be purged, not even by the account’s root.',
    source: 'Amazon S3 User Guide, "Locking objects with Object Lock"',
    fix: 'Remove the lock',
    applies: ['aws_s3_bucket', 'aws_s3_bucket_object_lock_configuration'],
    check: ({ type, args }) =>
      (type === 'aws_s3_bucket_object_lock_configuration' || args.object_lock_enabled === true) &&
      'lets objects be locked against deletion',
  },
  {
    id: 'retention/no-bucket-copies',
    title: 'No bucket is copied elsewhere',
    severity: 'high',
    why: 'The purge deletes here only; S3 does not replicate the deletion of a version.',
    source: 'Amazon S3 User Guide, "What does Amazon S3 replicate?"',
    fix: 'Remove the replication, or purge the copy too and say so in docs/retention.md',
    applies: ['aws_s3_bucket_replication_configuration'],
    check: () => 'copies objects to another bucket',
  },
]
