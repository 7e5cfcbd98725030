/** How the lake looks at the beginning of an object: by one signed request, and by the SDK's own way where that does not do. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import { createLake } from '../../../functions/shared/lake.ts'

type Answer = (response: ServerResponse) => void
const found: Answer = (response) => {
  const headers = { 'content-range': 'bytes 0-3/2800000', 'content-length': '4', 'x-amz-version-id': 'v7' }
  response.writeHead(206, headers).end('\xff\xd8\xff\xe0', 'latin1')
}
const failing: Answer = (response) => void response.writeHead(503).end()
const broken: Answer = (response) => void response.destroy()

/** A lake over an S3 that answers as it is told, in this order. @returns how each request was signed */
async function lakeOver(...answers: Answer[]) {
  const asked: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(request.url?.includes('X-Amz-Signature') ? 'one signed request' : 'the SDK’s way')
    expect(request.headers.range).toBe('bytes=0-3')
    ;(answers.shift() ?? failing)(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    forcePathStyle: true,
    maxAttempts: 1,
  })
  onTestFinished(() => s3.destroy())
  return { lake: createLake(s3, 'lake'), asked }
}

const start = { bytes: 2_800_000, versionId: 'v7', start: Buffer.from('ffd8ffe0', 'hex') }

it('takes one signed request', async () => {
  const { lake, asked } = await lakeOver(found)
  const head = await lake.head('images/a/original.jpg', 4)
  expect({ ...head, start: Buffer.from(head?.start ?? []) }).toEqual(start)
  expect(asked).toEqual(['one signed request'])
})

it.each([
  ['fails', failing],
  ['breaks off', broken],
])('asks again by the SDK’s way when that %s', async (_, first) => {
  const { lake, asked } = await lakeOver(first, found)
  expect(await lake.head('images/a/original.jpg', 4)).toMatchObject({ bytes: 2_800_000, versionId: 'v7' })
  expect(asked).toEqual(['one signed request', 'the SDK’s way'])
})

it('leaves it to the SDK’s way to say that the lake does not answer', async () => {
  const { lake } = await lakeOver(failing, failing)
  await expect(lake.head('images/a/original.jpg', 4)).rejects.toMatchObject({ code: 'lake-unavailable' })
})
