/** A bucket that keeps what it should not: the review finds each way of making the same mistake. */
import { describe, expect, it } from 'vitest'
import type { Arguments } from '../../../review/infrastructure.ts'
import { added, changed, rulesThatFind, type Variant } from '../planting.ts'

const closed = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
}

const rule = (id: string, change: (rule: Arguments, rules: Arguments[]) => void) => (args: Arguments) => {
  const found = args.rule.find((one: Arguments) => one.id === id)
  change(found, args.rule)
}
const lifecycle = (bucket: RegExp, change: (args: Arguments) => void) => () =>
  changed('aws_s3_bucket_lifecycle_configuration', bucket, change)
const lifecycles: Variant[] = [
  ...['images', 'metadata', 'runs', 'receipts'].map(
    (id): Variant => [
      `without the rule ${id}`,
      lifecycle(
        /^lake_/,
        rule(id, (one, all) => all.splice(all.indexOf(one), 1)),
      ),
      'retention/layout-expires',
    ],
  ),
  [
    'without markers',
    lifecycle(
      /^lake_/,
      rule('empty-markers', (one, all) => all.splice(all.indexOf(one), 1)),
    ),
    'retention/delete-markers-go',
  ],
  [
    'without older versions',
    lifecycle(
      /^lake_/,
      rule('images', (one) => delete one.noncurrent_version_expiration),
    ),
    'retention/older-versions-expire',
  ],
  [
    'with versions that are kept',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.noncurrent_version_expiration = [{ noncurrent_days: 1, newer_noncurrent_versions: 3 }]
      }),
    ),
    'retention/older-versions-expire',
  ],
  [
    'with a rule that is off',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.status = 'Disabled'
      }),
    ),
    'retention/layout-expires',
  ],
  [
    'with a rule without an end',
    lifecycle(
      /^lake_/,
      rule('images', (one) => delete one.expiration),
    ),
    'retention/layout-expires',
  ],
  [
    'with an end ten years from now',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.expiration = [{ days: 3650 }]
      }),
    ),
    'retention/objects-expire',
  ],
  [
    'with an end on a date',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.expiration = [{ date: '2030-01-01T00:00:00Z' }]
      }),
    ),
    'retention/layout-expires',
  ],
  [
    'for what has a tag only',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.filter = [{ and: [{ prefix: 'images/', tags: { temporary: 'yes' } }] }]
      }),
    ),
    'retention/layout-expires',
  ],
  [
    'for what is large only',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.filter = [{ prefix: 'images/', object_size_greater_than: 1000 }]
      }),
    ),
    'retention/layout-expires',
  ],
  [
    'for another prefix',
    lifecycle(
      /^lake_/,
      rule('images', (one) => {
        one.filter = [{ prefix: 'image/' }]
      }),
    ),
    'retention/layout-expires',
  ],
  [
    'of the failures',
    lifecycle(
      /^failures_/,
      rule('failures', (one, all) => all.splice(all.indexOf(one), 1)),
    ),
    'retention/layout-expires',
  ],
  [
    'of the access log',
    lifecycle(
      /^access-log_/,
      rule('access-log', (one, all) => all.splice(all.indexOf(one), 1)),
    ),
    'retention/objects-expire',
  ],
  [
    'of unfinished uploads',
    lifecycle(
      /^failures_/,
      rule('unfinished-uploads', (one) => {
        one.abort_incomplete_multipart_upload = [{ days_after_initiation: 30 }]
      }),
    ),
    'retention/unfinished-uploads-end',
  ],
  [
    'of a new bucket',
    () =>
      added('lake', {
        resource: {
          aws_s3_bucket: { planted: { bucket: 'planted' } },
          aws_s3_bucket_public_access_block: { planted: { bucket: `\${aws_s3_bucket.planted.id}`, ...closed } },
        },
      }),
    'retention/bucket-has-lifecycle',
  ],
]

describe('the review finds a missing lifecycle rule', () => {
  it.each(lifecycles)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})
