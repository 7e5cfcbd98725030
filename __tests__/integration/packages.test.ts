/**
 * Each zip, unpacked into an empty folder, handles an event: what is deployed is whole. The processor's carries sharp
 * for this machine instead of Lambda's, made in the same way.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FunctionEnvironments } from '../../functions/environments.ts'
import { dateOf, imagePrefix } from '../../functions/shared/keys.ts'
import { receiptKeyFile } from '../../local/receipts/key.ts'
import { scheduledEvent } from '../../local/schedule/event.ts'
import { retention, scopes, topics } from '../../platform.ts'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { budgetOf, deployedNames, packageFunctions } from '../../scripts/package.ts'
import type { Architecture } from '../../scripts/packages/native.ts'
import { apiEvent } from '../support/api-event.ts'
import { sharedPlatform } from '../support/platform.ts'
import { createStores, type Stores } from '../support/stores.ts'
import { readTopic } from '../support/topic.ts'

const minute = 60_000
const { config } = sharedPlatform()
const suffix = randomUUID().slice(0, 8)
const imagesTopic = `zip-images-${suffix}`
const quarantineTopic = `zip-quarantine-${suffix}`

let folder: string
let stores: Stores
/** Bytes of each zip. */
const sizes: Record<string, number> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-zips-'))
  stores = await createStores()
  const packages = await packageFunctions(deployedNames, {
    root: resolve(import.meta.dirname, '../..'),
    target: join(folder, 'packages'),
    architecture: process.arch as Architecture,
    cache: config.cache,
    report: createReport(),
  })
  for (const { name, file, bytes } of packages) {
    sizes[name] = bytes
    await unpack(await readFile(file), join(folder, name))
  }
}, 5 * minute)

afterAll(async () => {
  await stores?.close()
  await rm(folder, { recursive: true, force: true })
})

async function unpack(zip: Uint8Array, target: string): Promise<void> {
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), bytes)
  }
}

/** Loads `index.mjs` of its own folder as Lambda does, and answers the event that it reads from its input. */
const runner = `
import { handler } from './index.mjs'
let input = ''
for await (const chunk of process.stdin) input += chunk
const end = Date.now() + 900_000
const context = { awsRequestId: 'zip', functionName: 'zip', functionVersion: '1', getRemainingTimeInMillis: () => end - Date.now() }
const result = await handler(JSON.parse(input), context)
process.stdout.write('\\nresult ' + JSON.stringify(result ?? null) + '\\n', () => process.exit(0))
`

/** @returns what the handler in a function's folder answers, with its declared variables only */
async function call<Name extends keyof FunctionEnvironments>(
  name: Name,
  event: unknown,
  variables: Omit<FunctionEnvironments[Name], 'POWERTOOLS_SERVICE_NAME' | 'POWERTOOLS_LOG_LEVEL'>,
  more: Record<string, string> = {},
) {
  const cwd = join(folder, name)
  await writeFile(join(cwd, 'run.mjs'), runner)
  const child = spawn(process.execPath, ['run.mjs'], {
    cwd,
    env: {
      ...(variables as Record<string, string>),
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_LOG_LEVEL: 'ERROR',
      POWERTOOLS_TRACE_ENABLED: 'false',
      AWS_REGION: config.region,
      AWS_ACCESS_KEY_ID: config.s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: config.s3Credentials.secretAccessKey,
      AWS_ENDPOINT_URL_S3: config.urls.s3,
      AWS_ENDPOINT_URL_DYNAMODB: config.urls.dynamodb,
      ...more,
    },
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  child.stdin.end(JSON.stringify(event))
  const [code] = await once(child, 'close')
  expect(code, errors + output).toBe(0)
  return JSON.parse(output.split('\nresult ').at(-1) ?? 'null')
}

const lake = () => ({ LAKE_BUCKET: stores.names.lake, S3_ADDRESSING: 'path' })
const ledger = () => ({ LEDGER_TABLE: stores.names.ledger })
const runs = () => ({ RUNS_TABLE: stores.names.runs })
const receipts = () => ({ RECEIPT_KEY: `file:${receiptKeyFile(config.home)}` })
const kafka = { KAFKA_BROKERS: config.urls.kafka, KAFKA_AUTH: 'none' }

describe('every zip', () => {
  it('keeps to its budget', () => {
    for (const name of deployedNames) expect(sizes[name], name).toBeLessThanOrEqual(budgetOf(name))
  })
})

describe('from its zip', () => {
  let id: string

  it(
    'topics makes topics on the cluster',
    async () => {
      const wanted = [imagesTopic, quarantineTopic].map((name) => ({
        name,
        partitions: 1,
        replicationFactor: 1,
        settings: { ...topics.images.settings, 'min.insync.replicas': '1' },
      }))
      const made = await call('topics', { topics: wanted }, kafka)
      expect(made).toEqual({ changes: wanted.map(({ name }) => `${name}: created with 1 partitions`), warnings: [] })
      expect(await call('topics', { topics: wanted }, kafka)).toEqual({ changes: [], warnings: [] })
    },
    minute,
  )

  it(
    'upload takes in an image and publishes its event',
    async () => {
      const image = sharp({ create: { width: 320, height: 200, channels: 3, background: '#3366cc' } })
      const event = apiEvent({
        method: 'POST',
        path: '/images',
        headers: { 'content-type': 'image/png' },
        body: await image.png().toBuffer(),
      })
      const answer = await call('upload', event, { ...lake(), ...ledger(), ...kafka, IMAGES_TOPIC: imagesTopic })
      expect(answer.statusCode, answer.body).toBe(202)
      id = JSON.parse(answer.body).id
      // That its event is in Kafka is said some time later, by whoever comes first.
      expect((await stores.ledger.get(id))?.status).toBe('received')
    },
    minute,
  )

  it(
    'process makes its renditions',
    async () => {
      const [record] = await readTopic(config.urls.kafka, imagesTopic)
      expect(record?.key).toBe(id)
      const base64 = (text = '') => Buffer.from(text).toString('base64')
      const { partition = 0, offset = '0', key, value } = record ?? {}
      const msk = {
        topic: imagesTopic,
        partition,
        offset: Number(offset),
        timestamp: Date.now(),
        timestampType: 'LOG_APPEND_TIME',
        key: base64(key),
        value: base64(value),
        headers: [],
      }
      const event = { eventSource: 'aws:kafka', records: { [`${imagesTopic}-${partition}`]: [msk] } }
      const answer = await call('process', event, {
        ...lake(),
        ...ledger(),
        ...kafka,
        QUARANTINE_TOPIC: quarantineTopic,
      })
      expect(answer).toEqual({ batchItemFailures: [] })
      const row = await stores.ledger.get(id)
      expect(row).toMatchObject({ status: 'processed', metadata: { width: 320, height: 200 } })
    },
    minute,
  )

  it(
    'images shows it',
    async () => {
      const event = apiEvent({ method: 'GET', path: `/images/${id}` })
      const answer = await call('images', event, { ...lake(), ...ledger(), ...runs(), ...receipts() })
      expect(answer.statusCode, answer.body).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject({ id, status: 'processed' })
    },
    minute,
  )

  it(
    'republish sweeps',
    async () => {
      const event = scheduledEvent(Date.now(), config.region, 'republish')
      await call('republish', event, { ...lake(), ...ledger(), ...kafka, IMAGES_TOPIC: imagesTopic })
      expect((await stores.ledger.get(id))?.status).toBe('processed')
    },
    minute,
  )

  it(
    'retention answers what is due',
    async () => {
      const answer = await call('retention', apiEvent({ method: 'GET', path: '/retention' }), {
        ...lake(),
        ...ledger(),
        ...runs(),
      })
      expect(answer.statusCode, answer.body).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject({ overdue: 0 })
    },
    minute,
  )

  it(
    'purge forgets the image when its time has come',
    async () => {
      const later = Date.now() + retention.images + minute
      const event = scheduledEvent(later, config.region, 'purge')
      const variables = { ...lake(), ...ledger(), ...runs(), ...receipts(), FAILURES_BUCKET: stores.names.failures }
      const run = await call('purge', event, variables)
      expect(run).toMatchObject({ images: 1, failed: 0, complete: true })
      expect(await stores.ledger.get(id)).toBeUndefined()
      expect(await stores.lake.isEmpty(imagePrefix({ id, date: dateOf(Date.now()) }))).toBe(true)
    },
    minute,
  )

  it(
    'scopes gives an engineer their scopes',
    async () => {
      const event = {
        version: '2',
        triggerSource: 'TokenGeneration_HostedAuth',
        request: { userAttributes: {}, groupConfiguration: { groupsToOverride: ['engineers'] }, scopes: ['openid'] },
        response: {},
      }
      const answer = await call('scopes', event, {})
      const { accessTokenGeneration: token } = answer.response.claimsAndScopeOverrideDetails
      expect(token.scopesToAdd).toContain(scopes.streamWrite)
      expect(token.scopesToSuppress).toContain(scopes.imagesWrite)
    },
    minute,
  )

  it(
    'spend-breaker disables the trigger through the Lambda API',
    async () => {
      const asked: string[] = []
      const api = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        asked.push(`${request.method} ${request.url} ${body}`)
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ UUID: 'trigger', State: 'Enabled' }))
      }).listen(0, '127.0.0.1')
      await once(api, 'listening')
      try {
        const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
        const event = { Records: [{ EventSource: 'aws:sns', Sns: { Subject: 'AWS Budgets', Message: 'over budget' } }] }
        const paused = await call('spend-breaker', event, { TRIGGER_IDS: 'trigger' }, { AWS_ENDPOINT_URL_LAMBDA: url })
        expect(paused).toEqual([{ id: 'trigger', outcome: 'paused' }])
        expect(asked.map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT'])
        expect(asked[1]).toContain('"Enabled":false')
      } finally {
        api.close()
      }
    },
    minute,
  )
})
