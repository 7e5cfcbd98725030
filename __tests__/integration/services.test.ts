/** The real Kafka, S3 and DynamoDB, as provisioned: what everything else relies on. */
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import kafkajs from 'kafkajs'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLedger } from '../../functions/shared/ledger.ts'
import { provisionBuckets } from '../../local/provision/buckets.ts'
import { ProvisionError } from '../../local/provision/errors.ts'
import { provisionTables } from '../../local/provision/tables.ts'
import { provisionTopics } from '../../local/provision/topics.ts'
import { createDynamodbClient } from '../../local/services/dynamodb.ts'
import { createS3Client } from '../../local/services/s3.ts'
import { buckets, resourceName, tables, topics } from '../../platform.ts'
import { sharedPlatform } from '../support/platform.ts'

const { config } = sharedPlatform()
const s3 = createS3Client(config)
const dynamodb = createDynamodbClient(config)
const admin = new kafkajs.Kafka({
  brokers: [config.urls.kafka],
  logLevel: kafkajs.logLevel.NOTHING,
}).admin()
const connected = admin.connect()
const Bucket = resourceName(config.environment, buckets.lake.name)
const origin = config.urls.gateway

afterAll(async () => {
  await admin.disconnect()
  s3.destroy()
  dynamodb.destroy()
})

/** A key outside the platform's layout, so that neither purge nor triggers look at it. */
const newKey = () => `test-services/${randomUUID()}`

describe('the lake', () => {
  it('keeps every version, and a plain delete only adds a marker', async () => {
    const Key = newKey()
    const first = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'one' }))
    const second = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'two' }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }))
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([second.VersionId, first.VersionId])
    expect(DeleteMarkers).toHaveLength(1)
    const old = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId: first.VersionId }))
    expect(await old.Body?.transformToString()).toBe('one')
  })

  it('refuses a wrong secret', async () => {
    const credentials = { ...config.s3Credentials, secretAccessKey: 'guessed' }
    const stranger = createS3Client({ ...config, s3Credentials: credentials })
    await expect(stranger.send(new ListBucketsCommand({}))).rejects.toThrow(/signature/i)
    await expect(fetch(`${config.urls.s3}/${Bucket}`)).resolves.toMatchObject({ status: 403 })
  })

  it('never overwrites where If-None-Match forbids it', async () => {
    const Key = newKey()
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'one', IfNoneMatch: '*' }))
    await expect(s3.send(new PutObjectCommand({ Bucket, Key, Body: 'two', IfNoneMatch: '*' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 412 },
    })
  })
})

describe('a presigned POST from the page', () => {
  const ticket = (Key: string, most: number) =>
    createPresignedPost(s3, {
      Bucket,
      Key,
      Conditions: [
        ['content-length-range', 1, most],
        ['eq', '$Content-Type', 'image/png'],
      ],
      Fields: { 'Content-Type': 'image/png' },
      Expires: 60,
    })
  const send = async (key: string, bytes: number, most: number, fields: Record<string, string> = {}) => {
    const post = await ticket(key, most)
    const form = new FormData()
    for (const [name, value] of Object.entries({ ...post.fields, ...fields })) form.set(name, value)
    form.set('file', new Blob([new Uint8Array(bytes)]))
    return fetch(post.url, { method: 'POST', body: form, headers: { origin } })
  }

  it('stores the file, and the page may read the answer', async () => {
    const key = newKey()
    const response = await send(key, 10, 10)
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    const stored = await s3.send(new GetObjectCommand({ Bucket, Key: key }))
    expect(stored.ContentLength).toBe(10)
    expect(stored.ContentType).toBe('image/png')
  })

  it.each([
    ['a file above the agreed size', 11, {}],
    ['an empty file', 0, {}],
    ['another content type', 10, { 'Content-Type': 'text/html' }],
    ['another key', 10, { key: 'images/elsewhere' }],
  ])('refuses %s and stores nothing', async (_what, bytes, fields) => {
    const key = newKey()
    const response = await send(key, bytes, 10, fields)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }))
    expect(Versions).toBeUndefined()
  })
})

describe('CORS', () => {
  const preflight = (from: string, method: string) =>
    fetch(`${config.urls.s3}/${Bucket}`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': 'x-amz-date',
      },
    })

  it.each([origin, `http://localhost:${config.ports.gateway}`])('lets the page at %s post and read', async (from) => {
    for (const method of ['POST', 'GET']) {
      const response = await preflight(from, method)
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe(from)
    }
  })

  it('lets no other page do so', async () => {
    expect((await preflight('http://elsewhere.example', 'POST')).status).toBe(403)
    expect((await preflight(origin, 'DELETE')).status).toBe(403)
  })

  it('lets the page read an object by its presigned link', async () => {
    const Key = newKey()
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'pixels' }))
    const response = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key })), { headers: { origin } })
    expect(await response.text()).toBe('pixels')
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })
})

describe('what the platform listens on', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address

  it.skipIf(outside === undefined).each(Object.entries(config.ports))(
    '%s is not reached from the network',
    async (_, port) => {
      const { promise, resolve } = Promise.withResolvers<string | undefined>()
      const socket = connect(port, outside)
        .once('connect', () => resolve('connected'))
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      onTestFinished(() => void socket.destroy())
      expect(await promise).toBe('ECONNREFUSED')
    },
  )
})

describe('provisioning', () => {
  it('made the tables with their indexes and TTL as defined', async () => {
    for (const definition of Object.values(tables)) {
      const TableName = resourceName(config.environment, definition.name)
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
      const names = Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort() ?? []
      expect(names).toEqual(Object.keys(definition.indexes).sort())
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))
      expect(TimeToLiveDescription).toMatchObject({
        TimeToLiveStatus: 'ENABLED',
        AttributeName: definition.ttlAttribute,
      })
    }
  })

  it('changes nothing when it is repeated', async () => {
    const { environment } = config
    expect(await provisionTopics(config.urls.kafka)).toEqual([])
    expect(await provisionTables(dynamodb, environment)).toEqual([])
    expect(
      await provisionBuckets(s3, { environment, origins: [origin, `http://localhost:${config.ports.gateway}`] }),
    ).toEqual([])
  })

  it('puts a topic’s settings and partitions right, and keeps what others have set', async () => {
    await connected
    const name = `test-${randomUUID()}`
    onTestFinished(() => admin.deleteTopics({ topics: [name] }))
    const configEntries = [
      { name: 'retention.ms', value: '1000' },
      { name: 'compression.type', value: 'gzip' },
    ]
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: name, numPartitions: 1, configEntries }] })
    const definition = { ...topics.images, name, partitions: 2 }
    const changes = await provisionTopics(config.urls.kafka, [definition])
    expect(changes).toContain(`topic ${name}: 1 → 2 partitions`)
    expect(changes).toContain(`topic ${name}: retention.ms 1000 → ${definition.settings['retention.ms']}`)
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] })
    const set = Object.fromEntries(
      resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]) ?? [],
    )
    expect(set).toMatchObject({ ...definition.settings, 'min.insync.replicas': '1', 'compression.type': 'gzip' })
    expect(await provisionTopics(config.urls.kafka, [definition])).toEqual([])
  })

  it('makes an index anew that showed other attributes, with all its rows', async () => {
    const environment = `test-${randomUUID().slice(0, 8)}`
    const { byExpiry } = tables.ledger.indexes
    const older = { ...tables.ledger.indexes, byExpiry: { ...byExpiry, projection: 'KEYS_ONLY' as const } }
    await provisionTables(dynamodb, environment, [{ ...tables.ledger, indexes: older }])
    const TableName = resourceName(environment, tables.ledger.name)
    const row = { id: 'one', expiryShard: 'e00', expiresAt: 1, date: '2026-11-23', ownerId: 'somebody', receivedAt: 1 }
    await DynamoDBDocumentClient.from(dynamodb).send(new PutCommand({ TableName, Item: row }))
    expect(await provisionTables(dynamodb, environment, [tables.ledger])).toEqual([
      `table ${TableName}: made index anew ${byExpiry.name}`,
    ])
    const ledger = createLedger(DynamoDBDocumentClient.from(dynamodb), TableName)
    expect(await Array.fromAsync(ledger.due('e00', 1))).toEqual([[{ id: 'one', at: 1, date: '2026-11-23' }]])
    expect(await provisionTables(dynamodb, environment, [tables.ledger])).toEqual([])
  })

  it('adds an index that an older version did not know', async () => {
    const environment = `test-${randomUUID().slice(0, 8)}`
    const { byContent, ...others } = tables.ledger.indexes
    const { ownerContent: _, ...attributes } = tables.ledger.attributes
    await provisionTables(dynamodb, environment, [{ ...tables.ledger, indexes: others, attributes }])
    expect(await provisionTables(dynamodb, environment, [tables.ledger])).toEqual([
      `table ${resourceName(environment, tables.ledger.name)}: added index ${byContent.name}`,
    ])
  })

  it('refuses a table with other keys instead of losing its rows', async () => {
    const environment = `test-${randomUUID().slice(0, 8)}`
    await provisionTables(dynamodb, environment, [{ ...tables.runs, name: 'ledger' }])
    await expect(provisionTables(dynamodb, environment, [tables.ledger])).rejects.toThrow(ProvisionError)
  })

  it('makes no topic just because somebody asks for one', async () => {
    await connected
    const name = `test-${randomUUID()}`
    await expect(admin.fetchTopicMetadata({ topics: [name] })).rejects.toThrow(/topic/i)
    expect(await admin.listTopics()).not.toContain(name)
  })
})
