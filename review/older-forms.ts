/**
 * The same said in another way: arguments that the provider also has as a resource of its own, so that rules need to know
 * one form only.
 */
import { type Arguments, blocks } from './infrastructure.ts'

/** Type, argument there, type of the resource that says the same, the argument that names the first one. */
const forms = [
  ['aws_s3_bucket', 'policy', 'aws_s3_bucket_policy', 'bucket'],
  ['aws_s3_bucket', 'acl', 'aws_s3_bucket_acl', 'bucket'],
  ['aws_s3_bucket', 'website', 'aws_s3_bucket_website_configuration', 'bucket'],
  ['aws_s3_bucket', 'replication_configuration', 'aws_s3_bucket_replication_configuration', 'bucket'],
  ['aws_s3_bucket', 'cors_rule', 'aws_s3_bucket_cors_configuration', 'bucket'],
  ['aws_sns_topic', 'policy', 'aws_sns_topic_policy', 'arn'],
  ['aws_sqs_queue', 'policy', 'aws_sqs_queue_policy', 'queue_url'],
  ['aws_iam_role', 'inline_policy', 'aws_iam_role_policy', 'role'],
] as const

export type Said = { readonly type: string; readonly args: Arguments }

/** What a resource says that rules look for in one of its own. `policy`, `acl` and such keep their names there. */
export function saidElsewhere(type: string, id: string, args: Arguments): Said[] {
  return forms.flatMap(([of, argument, as, naming]) =>
    of === type
      ? blocks(args[argument]).map((value) => ({
          type: as,
          args: { [naming]: `\${${type}.${id}.id}`, ...(typeof value === 'object' ? value : { [argument]: value }) },
        }))
      : [],
  )
}

/** Blocks that are written as `dynamic` are blocks: one stands for as many as there will be. */
export function withDynamicBlocks({ dynamic, ...args }: Arguments): Arguments {
  if (typeof dynamic !== 'object' || dynamic === null) return dynamic === undefined ? args : { ...args, dynamic }
  const unfolded = Object.entries(dynamic as Arguments).map(([name, found]) => [
    name,
    [...blocks(args[name]), ...blocks(found).flatMap(({ content }) => blocks(content))],
  ])
  return { ...args, ...Object.fromEntries(unfolded) }
}
