/** A policy that allows everything: the review finds each way of making the same mistake. */
import { describe, expect, it } from 'vitest'
import {
  added,
  beside,
  changed,
  lakeArn,
  lakeBucket,
  policy,
  purgeRole,
  rulesThatFind,
  set,
  type Variant,
} from '../planting.ts'

const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
const role = `\${aws_iam_role.${purgeRole}.name}`
const wildcards: Variant[] = [
  [
    'as a second policy of a role',
    () => beside('retention', 'aws_iam_role_policy', { role, policy: policy(everything) }),
    'privilege/no-wildcard-action',
  ],
  [
    'all of one service',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', Action: 's3:*', Resource: lakeArn }),
      }),
    'privilege/no-wildcard-action',
  ],
  [
    'with a question mark',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', Action: 's3:Get?bject', Resource: lakeArn }),
      }),
    'privilege/no-wildcard-action',
  ],
  [
    'in small letters',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: JSON.stringify({ statement: { effect: 'Allow', action: '*', resource: '*' } }),
      }),
    'privilege/no-wildcard-action',
  ],
  [
    'one statement, not in a list',
    () => beside('retention', 'aws_iam_role_policy', { role, policy: JSON.stringify({ Statement: everything }) }),
    'privilege/no-wildcard-action',
  ],
  [
    'on every bucket',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::*' }),
      }),
    'privilege/no-wildcard-resource',
  ],
  [
    'on every object of every bucket',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: ['arn:aws:s3:::*/*'] }),
      }),
    'privilege/no-wildcard-resource',
  ],
  [
    'on every table of a region',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', Action: 'dynamodb:Scan', Resource: 'arn:aws:dynamodb:*:*:table/*' }),
      }),
    'privilege/no-wildcard-resource',
  ],
  [
    'all but something',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: lakeArn }),
      }),
    'privilege/says-what-it-means',
  ],
  [
    'by jsonencode',
    () =>
      beside('retention', 'aws_iam_role_policy', {
        role,
        policy: `\${jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })}`,
      }),
    'privilege/no-wildcard-action',
  ],
  [
    'as a heredoc',
    () => beside('retention', 'aws_iam_role_policy', { role, policy: `\${<<EOF\n${policy(everything)}\nEOF\n}` }),
    'privilege/no-wildcard-action',
  ],
  [
    'by aws_iam_policy_document',
    () =>
      added('retention', {
        data: { aws_iam_policy_document: { planted: { statement: { actions: ['*'], resources: ['*'] } } } },
        resource: {
          aws_iam_role_policy: { planted: { role, policy: `\${data.aws_iam_policy_document.planted.json}` } },
        },
      }),
    'privilege/no-wildcard-action',
  ],
  [
    'in a local value',
    () => {
      const stacks = beside('retention', 'aws_iam_role_policy', { role, policy: `\${local.planted}` })
      Object.assign(stacks['darkroom-dev-retention'] as object, { locals: { planted: policy(everything) } })
      return stacks
    },
    'privilege/no-wildcard-action',
  ],
  [
    'from a file',
    () => beside('retention', 'aws_iam_role_policy', { role, policy: `\${file("policy.json")}` }),
    'privilege/policies-can-be-read',
  ],
  [
    'as a policy of its own',
    () => beside('retention', 'aws_iam_policy', { policy: policy(everything) }),
    'privilege/no-wildcard-action',
  ],
  [
    'within the role',
    () => changed('aws_iam_role', /^purge/, set({ inline_policy: [{ name: 'planted', policy: policy(everything) }] })),
    'privilege/no-wildcard-action',
  ],
  [
    'ready-made',
    () =>
      beside('retention', 'aws_iam_role_policy_attachment', {
        role,
        policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    'privilege/no-ready-made-policies',
  ],
  [
    'ready-made, within the role',
    () => changed('aws_iam_role', /^purge/, set({ managed_policy_arns: ['arn:aws:iam::aws:policy/PowerUserAccess'] })),
    'privilege/no-ready-made-policies',
  ],
  [
    'ready-made, for several roles',
    () =>
      beside('retention', 'aws_iam_policy_attachment', {
        roles: [role],
        policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    'privilege/no-ready-made-policies',
  ],
  [
    'of the bucket, for one caller',
    () =>
      beside('lake', 'aws_s3_bucket_policy', {
        bucket: lakeBucket,
        policy: policy({
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::1:role/a' },
          Action: 's3:*',
          Resource: lakeArn,
        }),
      }),
    'reach/callers-may-do-what-is-named',
  ],
  [
    'a role that everybody may take on',
    () =>
      changed(
        'aws_iam_role',
        /^purge/,
        set({ assume_role_policy: policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }) }),
      ),
    'privilege/trust-is-narrow',
  ],
]

describe('the review finds a wildcard policy', () => {
  it.each(wildcards)('%s', (_how, plant, rule) => {
    expect(rulesThatFind(plant())).toContain(rule)
  })
})
