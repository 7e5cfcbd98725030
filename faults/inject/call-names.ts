/** Names for the calls that a function makes to the stores: what rules are written in, and what reports show. Pure. */
import { layout } from '../../platform.ts'

export const produceName = 'kafka.Produce'

export type Call = {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly port: number
  /** The header `x-amz-target`, by which DynamoDB knows its operations. */
  readonly target: string
}

/** @returns `dynamodb.<operation>`, `s3.<method> <what>`, or undefined for a call that goes elsewhere */
export function callNameOf(
  { method, path, port, target }: Call,
  ports: { readonly s3: number; readonly dynamodb: number },
): string | undefined {
  if (port === ports.dynamodb) return `dynamodb.${target.split('.').at(-1)}`
  if (port !== ports.s3) return undefined
  return `s3.${method} ${objectOf(path)}`
}

/** An object by what it is, and everything else by its subresource; keys of single images never show. */
function objectOf(path: string): string {
  const [address = '', query = ''] = path.split('?')
  const subresource = ['delete', 'versions', 'uploads', 'uploadId', 'list-type'].find((known) =>
    new URLSearchParams(query).has(known),
  )
  if (subresource) return subresource
  const key = address.split('/').slice(2).join('/')
  if (key.startsWith(layout.metadata)) return 'metadata'
  if (!key.startsWith(layout.images)) return key === '' ? 'bucket' : 'record'
  const file = key.split('/').at(-1) ?? ''
  return file.startsWith(`${layout.originalName}.`) ? 'original' : 'rendition'
}
