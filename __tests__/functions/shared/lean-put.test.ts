import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attributesOf } from '../../../functions/shared/lean-put.ts'
import { createLedger } from '../../../functions/shared/ledger.ts'
import { imageRow } from '../../support/images.ts'

type Answer = { readonly status: number; readonly body: object } | 'hang up'
const written: Answer = { status: 200, body: {} }
const refused: Answer = {
  status: 400,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'The request failed' },
}

let dynamodb: Server
let client: DynamoDBClient
let answers: Answer[]
let asked: { headers: IncomingHttpHeaders; body: unknown }[]

/** A DynamoDB that says what the test wants, in turn. */
beforeEach(async () => {
  answers = []
  asked = []
  dynamodb = createServer(async (request, response) => {
    asked.push({ headers: request.headers, body: JSON.parse(await text(request)) })
    const answer = answers.shift() ?? written
    if (answer === 'hang up') request.socket.destroy()
    else
      response
        .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(answer.body))
  })
  dynamodb.listen(0, '127.0.0.1')
  await once(dynamodb, 'listening')
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(dynamodb.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterEach(() => {
  client.destroy()
  dynamodb.closeAllConnections()
  dynamodb.close()
})

/** A ledger whose first write, by a command, has shown where its requests go. */
async function warmLedger() {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  const ledger = createLedger(documents, 'ledger')
  const row = imageRow()
  expect(await ledger.insert(row)).toBe(true)
  return { ledger, row }
}

const isCommand = ({ headers }: { headers: IncomingHttpHeaders }) => headers['amz-sdk-invocation-id'] !== undefined

describe('a lean insert', () => {
  it('asks for the same as the command, once that has shown where requests go, and is signed', async () => {
    const { ledger, row } = await warmLedger()
    expect(await ledger.insert(row)).toBe(true)
    const [command, lean] = asked
    expect([command, lean].map((request) => request && isCommand(request))).toEqual([true, false])
    expect(lean?.body).toEqual(command?.body)
    expect(lean?.headers['x-amz-target']).toBe(command?.headers['x-amz-target'])
    expect(lean?.headers.authorization).toContain('/eu-central-1/dynamodb/aws4_request')
  })

  it('tells that the row is there already', async () => {
    const { ledger, row } = await warmLedger()
    answers = [refused]
    expect(await ledger.insert(row)).toBe(false)
    expect(asked).toHaveLength(2)
  })

  it.each([
    ['an answer that says neither', { status: 500, body: {} }],
    ['a refusal for another reason', { status: 400, body: { __type: 'x#ValidationException', message: '' } }],
    ['no answer', 'hang up'],
  ] as const)('is followed by a command after %s', async (_, answer) => {
    const { ledger, row } = await warmLedger()
    answers = [answer, written]
    expect(await ledger.insert(row)).toBe(true)
    expect(asked.map(isCommand)).toEqual([true, false, true])
    answers = [answer, refused]
    expect(await ledger.insert(row)).toBe(false)
  })

  it('leaves rows with more than text and whole numbers to the command', async () => {
    const { ledger, row } = await warmLedger()
    await ledger.insert({ ...row, reason: { code: 'truncated', message: 'm' } })
    expect(asked.map(isCommand)).toEqual([true, true])
  })
})

describe('attributesOf', () => {
  it('leaves out what is undefined', () => {
    expect(attributesOf({ id: 'a', at: 7, name: undefined })).toEqual({ id: { S: 'a' }, at: { N: '7' } })
  })

  it.each([[{ on: true }], [{ none: null }], [{ half: 0.5 }], [{ list: [] }]])('does not take %j', (row) => {
    expect(attributesOf(row)).toBeUndefined()
  })
})
