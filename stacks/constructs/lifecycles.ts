/**
 * Lifecycle rules: S3's own backstop behind the purge. S3 acts once a day and rounds up to the next midnight UTC, so
 * a rule of n days means n + 1 at most.
 */
import type { S3BucketLifecycleConfigurationRule } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js'
import { layout, retention } from '../../platform.ts'
import { days } from './days.ts'

export type LifecycleRules = readonly [S3BucketLifecycleConfigurationRule, ...S3BucketLifecycleConfigurationRule[]]

/** Objects below a prefix end after so long, and so do their older versions. */
export const endsAfter = (id: string, prefix: string, milliseconds: number): S3BucketLifecycleConfigurationRule => ({
  id,
  status: 'Enabled',
  filter: [{ prefix }],
  expiration: [{ days: days(milliseconds) }],
  // The least that S3 takes: what was overwritten or deleted has no reason to stay.
  noncurrentVersionExpiration: [{ noncurrentDays: 1 }],
})

/** Parts of uploads that were never completed. S3 counts whole days. */
const unfinishedUploads: S3BucketLifecycleConfigurationRule = {
  id: 'unfinished-uploads',
  status: 'Enabled',
  filter: [{ prefix: '' }],
  abortIncompleteMultipartUpload: [{ daysAfterInitiation: days(retention.unfinishedUploads) }],
}

/** Markers that hide nothing any more. S3 takes this only in a rule without days. */
const emptyMarkers: S3BucketLifecycleConfigurationRule = {
  id: 'empty-markers',
  status: 'Enabled',
  filter: [{ prefix: '' }],
  expiration: [{ expiredObjectDeleteMarker: true }],
}

export const lakeLifecycle: LifecycleRules = [
  endsAfter('images', layout.images, retention.images + retention.backstop),
  endsAfter('metadata', layout.metadata, retention.images + retention.backstop),
  endsAfter('runs', layout.runs, retention.runs),
  endsAfter('receipts', layout.receipts, retention.runs),
  unfinishedUploads,
  emptyMarkers,
]

/** Copies of batches that a trigger gave up on. */
export const failuresLifecycle: LifecycleRules = [endsAfter('failures', '', retention.failures), unfinishedUploads]

/** S3's access log names objects and addresses: it goes as soon as other logs do. */
export const accessLogLifecycle: LifecycleRules = [endsAfter('access-log', '', retention.logs), unfinishedUploads]

/** Databricks deletes its own files, and Delta its old versions; what neither knows of are parts of uploads. */
export const databricksLifecycle: LifecycleRules = [unfinishedUploads]

/** The web application's files are replaced by each deployment. */
export const webLifecycle: LifecycleRules = [unfinishedUploads]
