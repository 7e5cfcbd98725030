/**
 * One conditional PutItem without a command's way through the SDK, for half of its CPU time (docs/performance.md). It
 * goes where the client's commands go, signed by the client's signer, through the client's own connections.
 */
import { text } from 'node:stream/consumers'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

type Config = DynamoDBDocumentClient['config']
type Request = Parameters<Config['requestHandler']['handle']>[0]
type Address = Pick<Request, 'protocol' | 'hostname' | 'path'> & { readonly port?: number }

/** A row as DynamoDB takes it; undefined for one that holds more than text and numbers. */
export function attributesOf(row: object): Record<string, { S: string } | { N: string }> | undefined {
  const attributes: Record<string, { S: string } | { N: string }> = {}
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined) continue
    if (typeof value === 'string') attributes[name] = { S: value }
    else if (Number.isSafeInteger(value)) attributes[name] = { N: String(value) }
    else return undefined
  }
  return attributes
}

/**
 * @returns a function that writes a row that must not exist yet, and tells whether it was written: undefined where that
 *   is not plain from the answer, or there was none. A command then tries again, and tells what stands in the way
 */
export function createLeanPut(client: DynamoDBDocumentClient, table: string) {
  let address: Address | undefined
  let signer: ReturnType<Config['signer']> | undefined

  // The SDK knows where requests go (region, account, a variable for one machine); the first command shows it.
  client.middlewareStack.add(
    (next) => (given) => {
      const { protocol, hostname, port, path } = given.request as Request
      address ??= { protocol, hostname, ...(port !== undefined && { port }), path }
      return next(given)
    },
    { step: 'build' },
  )

  return async (row: object): Promise<boolean | undefined> => {
    const Item = attributesOf(row)
    if (!address || !Item) return undefined
    const body = JSON.stringify({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' })
    const headers = {
      host: address.hostname + (address.port === undefined ? '' : `:${address.port}`),
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': 'DynamoDB_20120810.PutItem',
    }
    try {
      signer ??= client.config.signer()
      const request = { ...address, method: 'POST', query: {}, headers, body } as Request
      const signed = await (await signer).sign(request)
      const { response } = await client.config.requestHandler.handle(signed as Request)
      const answer = await text(response.body)
      if (response.statusCode === 200) return true
      return /"__type":"[^"]*#ConditionalCheckFailedException"/.test(answer) ? false : undefined
    } catch {
      return undefined
    }
  }
}
