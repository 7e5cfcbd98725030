/** What somebody who means ill has: raw requests, tokens of their own making, and a look at what the platform holds. */
import { connect } from 'node:net'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import { importJWK, SignJWT } from 'jose'
import { Kafka, logLevel } from 'kafkajs'
import { type Operation, openApiDocument } from '../../../contract/openapi.ts'
import { accessTokenClaims } from '../../../local/identity/claims.ts'
import { readKeys, signingAlgorithm } from '../../../local/identity/keys.ts'
import { personInGroup } from '../../../local/identity/people.ts'
import { buckets, type Group, resourceName, tables } from '../../../platform.ts'
import { sharedPlatform } from '../../support/platform.ts'

export const platform = sharedPlatform()
export const { url } = platform

/** Every operation of the contract that wants a token, with an address that fits its pattern. */
export const operations = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { security }]) => security.length > 0)
    .map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, method, path: filled(path), operation })),
)
export type AnyOperation = (typeof operations)[number]

function filled(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (/id/i.test(name) ? crypto.randomUUID() : '0'))
}

/** What an attacker's requests would leave behind, were they believed. */
export const mark = `attack-${crypto.randomUUID()}`
/** No other test uploads it: a JPEG of so many bytes. */
export const markedBytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark)])

const announced = { content_type: 'image/jpeg', bytes: markedBytes.length, name: mark }
const bodies: Record<string, unknown> = {
  startUpload: announced,
  startMultipartUpload: announced,
  startBatch: { images: [announced] },
  createTopic: { name: mark, partitions: 1, replicas: 1, dry_run: false },
}

/** A request that would be taken, or at least looked at, if only its token were good. */
export function requestOf({ method, operation }: AnyOperation): RequestInit {
  const { requestBody, operationId } = operation as Operation
  const [type] = Object.keys(requestBody?.content ?? {})
  if (!type) return { method: method.toUpperCase() }
  const body = type === 'application/json' ? JSON.stringify(bodies[operationId] ?? {}) : markedBytes
  return { method: method.toUpperCase(), headers: { 'content-type': type, 'x-file-name': mark }, body }
}

type TokenChanges = { readonly sub?: string; readonly claims?: Record<string, unknown>; readonly expiresIn?: number }

/** A token signed with the platform's own key: what the identity provider would give, but for the changes. */
export async function mint(group: Group, { sub, claims = {}, expiresIn = 600 }: TokenChanges = {}): Promise<string> {
  const [key] = readKeys(platform.home).keys
  const person = personInGroup(group)
  if (!key || !person) throw new Error('The platform has not been started')
  const now = Math.floor(Date.now() / 1000)
  const all = { ...accessTokenClaims(person, platform.config.urls.identity), ...(sub && { sub }), ...claims }
  return new SignJWT({ ...all, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: signingAlgorithm, kid: key.kid, typ: 'at+jwt' })
    .setIssuedAt(now - 1)
    .setExpirationTime(now + expiresIn)
    .sign(await importJWK(key, signingAlgorithm))
}

/** Sends, and waits where the platform says that it is too fast. */
export async function send(path: string, init: RequestInit & { token?: string } = {}) {
  for (;;) {
    const headers = new Headers(init.headers)
    if (init.token) headers.set('authorization', `Bearer ${init.token}`)
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers })
    const text = await response.text()
    if (response.status === 429) {
      await new Promise((wait) => setTimeout(wait, 1000 * Number(response.headers.get('retry-after') ?? 1)))
      continue
    }
    return { status: response.status, headers: response.headers, text, code: codeOf(text) }
  }
}

const codeOf = (text: string): string | undefined => {
  try {
    return (JSON.parse(text) as { code?: string }).code
  } catch {
    return undefined
  }
}

/** Sends bytes as they are over a connection of its own. @returns the status line's number; 0 where it was cut off */
export function sendRaw(bytes: string | Uint8Array, withinMs = 15_000): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    const timer = setTimeout(end, withinMs)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      // Whoever attacks does not wait for a connection that is kept alive.
      if (Buffer.concat(chunks).includes('\r\n\r\n')) setTimeout(end, 50)
    })
    socket.on('error', end)
    socket.on('close', end)
    socket.write(bytes)
  })
}

/** Whatever bears the attacker's mark: objects of its length, rows and topics of its name. */
export async function marked() {
  const { urls, region, s3Credentials: credentials, environment } = platform.config
  const s3 = new S3Client({ endpoint: urls.s3, region, credentials, forcePathStyle: true })
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: urls.dynamodb, region, credentials }))
  const named = (name: string) => resourceName(environment, name)
  const objects: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: named(buckets.lake.name) }))
    objects.push(...Contents.filter(({ Size }) => Size === markedBytes.length).map(({ Key = '' }) => Key))
  const rows: unknown[] = []
  for await (const { Items = [] } of paginateScan(
    { client: dynamodb },
    {
      TableName: named(tables.ledger.name),
      FilterExpression: '#name = :mark OR #bytes = :bytes',
      ExpressionAttributeNames: { '#name': 'name', '#bytes': 'bytes' },
      ExpressionAttributeValues: { ':mark': mark, ':bytes': markedBytes.length },
    },
  ))
    rows.push(...Items)
  const admin = new Kafka({ brokers: [urls.kafka], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const topics = (await admin.listTopics()).filter((name) => name === mark)
  await admin.disconnect()
  s3.destroy()
  dynamodb.destroy()
  return { objects, rows, topics }
}
