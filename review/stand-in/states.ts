/**
 * States of stacks that nobody has deployed: what a stack gives to others, made up from what its outputs refer to. A plan
 * needs something there of the right form, such as an ARN; what it says is of nobody's.
 */
import type { Arguments, StackJson } from '../infrastructure.ts'

export type MadeUp = { readonly region: string; readonly account: string }

/** The account that moto answers with, where nobody says otherwise. */
export const madeUpAccount = '123456789012'

/** An output refers to an attribute for which nothing has been made up. */
export class NoMadeUpValueError extends Error {
  override readonly name = 'NoMadeUpValueError'
  readonly retriable = false
}

/** State as Terraform 1 writes it (version 4), with the outputs of a stack and none of its resources. */
export function madeUpState(stack: StackJson, made: MadeUp): object {
  const outputs = Object.entries(stack.output ?? {}).map(([name, { value }]) => [
    name,
    { value: madeUpValue(String(value), stack, made), type: 'string', sensitive: true },
  ])
  return {
    version: 4,
    terraform_version: '1.10.0',
    serial: 1,
    lineage: '00000000-0000-4000-8000-000000000000',
    outputs: Object.fromEntries(outputs),
    resources: [],
  }
}

const reference = /^\$\{(?:(data)\.)?(\w+)\.([\w-]+)\.([\w-]+)\}$/

function madeUpValue(text: string, stack: StackJson, made: MadeUp): string {
  const [, isData, type = '', id = '', attribute = ''] = reference.exec(text) ?? []
  if (isData && type === 'aws_caller_identity' && attribute === 'account_id') return made.account
  const args = stack.resource?.[type]?.[id]
  const own = args && namesOf(args, made)[attribute]
  const value = own ?? (args && forms[attribute]?.({ type, id, args, ...made }))
  if (value === undefined) throw new NoMadeUpValueError(`Nothing is made up for ${text} (review/stand-in/states.ts)`)
  return value
}

/** Names that the stack itself gives are what they will be. */
const namesOf = (args: Arguments, { account }: MadeUp): Record<string, string | undefined> =>
  Object.fromEntries(
    ['name', 'bucket', 'function_name', 'stage_name', 'display_name', 'cluster_name'].map((name) => {
      const given = String(args[name] ?? '').replaceAll(/\$\{data\.aws_caller_identity\.[\w-]+\.account_id\}/g, account)
      return [name, given && !given.includes('${') ? given : undefined]
    }),
  )

type Asked = MadeUp & { readonly type: string; readonly id: string; readonly args: Arguments }

const uuid = '00000000-0000-4000-8000-000000000000'
const digits = (id: string) => Buffer.from(id).toString('hex').slice(-17).padStart(17, '0')
const nameOf = (asked: Asked): string => {
  const names = namesOf(asked.args, asked)
  return names.bucket ?? names.function_name ?? names.name ?? names.cluster_name ?? asked.id
}

/** What stands behind `arn:aws:`. */
const arns: Readonly<Record<string, (asked: Asked) => string>> = {
  aws_dynamodb_table: (asked) => `dynamodb:${asked.region}:${asked.account}:table/${nameOf(asked)}`,
  aws_kms_key: ({ region, account }) => `kms:${region}:${account}:key/${uuid}`,
  aws_lambda_event_source_mapping: ({ region, account }) => `lambda:${region}:${account}:event-source-mapping:${uuid}`,
  aws_msk_cluster: (asked) => `kafka:${asked.region}:${asked.account}:cluster/${nameOf(asked)}/${uuid}-1`,
  aws_msk_serverless_cluster: (asked) => `kafka:${asked.region}:${asked.account}:cluster/${nameOf(asked)}/${uuid}-s1`,
  aws_s3_bucket: (asked) => `s3:::${nameOf(asked)}`,
  aws_sns_topic: (asked) => `sns:${asked.region}:${asked.account}:${nameOf(asked)}`,
}
const ids: Readonly<Record<string, string>> = {
  aws_security_group: 'sg-',
  aws_subnet: 'subnet-',
  aws_vpc: 'vpc-',
}

/** By the attribute's name. */
const forms: Readonly<Record<string, (asked: Asked) => string | undefined>> = {
  arn: (asked) => arns[asked.type] && `arn:aws:${arns[asked.type]?.(asked)}`,
  id: ({ type, id }) => ids[type] && `${ids[type]}${digits(id)}`,
  invoke_arn: (asked) =>
    `arn:aws:apigateway:${asked.region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${asked.region}:${asked.account}:function:${nameOf(asked)}/invocations`,
  bootstrap_brokers_sasl_iam: ({ region }) => `b-1.made-up.kafka.${region}.amazonaws.com:9098`,
  bucket_regional_domain_name: (asked) => `${nameOf(asked)}.s3.${asked.region}.amazonaws.com`,
  cluster_uuid: () => `${uuid}-1`,
  uuid: () => uuid,
  workspace_url: () => 'https://made-up.cloud.databricks.com',
}
