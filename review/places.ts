/** Buckets and the places in them: what functions write there, and which lifecycle rules end it. */
import { buckets, layout } from '../platform.ts'
import { type Arguments, block, blocks, type Infrastructure, type Resource, refersTo } from './infrastructure.ts'
import { allBeside, matches, mayDo, permissionsOf } from './policy.ts'

export const prefixOf = ({ filter, prefix }: Arguments): string =>
  block(filter).prefix ?? block(block(filter).and).prefix ?? prefix ?? ''

/** Whether a rule is for some objects of its prefix only: those with a tag, or of a size. */
const isPartial = ({ filter }: Arguments): boolean =>
  [block(filter), block(block(filter).and)].some((part) =>
    ['tag', 'tags', 'object_size_greater_than', 'object_size_less_than'].some(
      (name) => part[name] !== undefined && blocks(part[name]).length > 0,
    ),
  )

/** Lifecycle rules that do something for everything below their prefix. */
export const lifecycleOf = (bucket: Resource, all: Infrastructure): readonly Arguments[] =>
  allBeside('aws_s3_bucket_lifecycle_configuration', bucket, all)
    .flatMap(({ args }) => blocks(args.rule))
    .filter((rule) => rule.status === 'Enabled' && !isPartial(rule))

/** Prefixes below which functions may write; an empty one is the whole bucket. */
export function writtenPlaces(bucket: Resource, all: Infrastructure): string[] {
  const places = all
    .all('aws_lambda_function')
    .flatMap((lambda) => permissionsOf(lambda, all))
    .filter(({ actions }) => actions.some((action) => matches(action, 's3:PutObject')))
    .flatMap(({ resources }) => resources.filter((resource) => resource === '*' || refersTo(resource, bucket)))
    .map((resource) => /\}\/([^*?]*)[*?]/.exec(resource)?.[1] ?? '')
  return [...new Set(places)].toSorted()
}

export const isWritten = (bucket: Resource, all: Infrastructure): boolean =>
  all.all('aws_lambda_function').some((lambda) => mayDo(lambda, all, ['s3:PutObject'], bucket))

const lakeName = new RegExp(`^darkroom-\\w+-${buckets.lake.name}(-|$)`)

/** The lake, by its name, by what is written to it or by its lifecycle: a mistake in one of them does not hide it. */
export const isLake = (bucket: Resource, all: Infrastructure): boolean =>
  lakeName.test(String(bucket.args.bucket)) ||
  writtenPlaces(bucket, all).some((place) => place.startsWith(layout.images)) ||
  lifecycleOf(bucket, all).some((rule) => prefixOf(rule) === layout.images)
