/** Parts and supervisors that are killed, interrupted or started twice. Each test has a home of its own. */

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDynamodbClient } from '../../local/services/dynamodb.ts'
import { createS3Client } from '../../local/services/s3.ts'
import { poll } from '../../local/supervisor/poll.ts'
import { serviceNames } from '../../local/supervisor/service.ts'
import { buckets, resourceName, tables, topics } from '../../platform.ts'
import { createPlace, type Place, pidOf, type Run, run } from '../support/parts.ts'
import { isAlive, untilGone } from '../support/processes.ts'
import { produce, readTopic } from '../support/topic.ts'

const stores = ['kafka', 's3', 'dynamodb'] as const

/** Something to lose: a record, an object and a row. */
async function write({ config }: Place, name: string) {
  const { environment, urls } = config
  await produce(urls.kafka, topics.images.name, [{ key: name, value: '{}' }])
  const Bucket = resourceName(environment, buckets.lake.name)
  await createS3Client(config).send(new PutObjectCommand({ Bucket, Key: `test/${name}`, Body: name }))
  const TableName = resourceName(environment, tables.runs.name)
  const documents = DynamoDBDocumentClient.from(createDynamodbClient(config))
  await documents.send(new PutCommand({ TableName, Item: { kind: 'test', run: name } }))
}

/** Which of the three still have it. */
async function read({ config }: Place, name: string) {
  const { environment, urls } = config
  const records = await readTopic(urls.kafka, topics.images.name)
  const Bucket = resourceName(environment, buckets.lake.name)
  const { Body } = await createS3Client(config).send(new GetObjectCommand({ Bucket, Key: `test/${name}` }))
  const TableName = resourceName(environment, tables.runs.name)
  const documents = DynamoDBDocumentClient.from(createDynamodbClient(config))
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { kind: 'test', run: name } }))
  return {
    kafka: records.some(({ key }) => key === name),
    s3: (await Body?.transformToString()) === name,
    dynamodb: Item !== undefined,
  }
}
const allOf = { kafka: true, s3: true, dynamodb: true }

/** Up to four starts in a test, each of which takes half a minute when everything else is tested beside it. */
const timeout = 240_000

describe('a running platform', { timeout }, () => {
  let place: Place
  let first: Run
  beforeAll(async () => {
    place = await createPlace()
    first = run(place, serviceNames)
    await first.ready()
  }, timeout)
  afterAll(async () => {
    await first.end('SIGINT')
    await place.remove()
  })

  it('says that it is ready in exactly one line on standard output', () => {
    expect(first.stdout()).toBe(`ready ${place.config.urls.gateway}\n`)
  })

  it.each(stores)('starts %s again when it is killed, and loses nothing that was acknowledged', async (name) => {
    await write(place, `before-${name}`)
    const pid = await pidOf(place, name)
    process.kill(pid, 'SIGKILL')
    await first.said(new RegExp(`${name} answers again`))
    expect(await pidOf(place, name)).not.toBe(pid)
    expect(await read(place, `before-${name}`)).toEqual(allOf)
  })

  it.each(['identity', 'gateway'] as const)('starts %s again when it is killed', async (name) => {
    const pid = await pidOf(place, name)
    process.kill(pid, 'SIGKILL')
    await first.said(new RegExp(`${name} answers again`))
    expect((await fetch(`${place.config.urls.gateway}/healthz`)).status).toBe(200)
    expect((await fetch(`${place.config.urls.identity}/.well-known/openid-configuration`)).status).toBe(200)
  })

  it.each(['triggers', 'schedule'] as const)(
    'starts %s again when it is killed, and it says that it is ready',
    async (name) => {
      process.kill(await pidOf(place, name), 'SIGKILL')
      await first.said(new RegExp(`${name} answers again`))
    },
  )

  it('is not started a second time in its home', async () => {
    const second = run(place, stores)
    expect(await second.ended()).toBe(1)
    expect(second.stderr()).toContain(`process ${first.process.pid}`)
    expect(second.stdout()).toBe('')
    expect(isAlive(await pidOf(place, 'kafka'))).toBe(true)
  })
})

describe('a supervisor', { timeout }, () => {
  it('that is killed leaves no process, function processes included', async () => {
    const place = await createPlace()
    const whole = run(place, serviceNames)
    await whole.ready()
    const files = await readdir(join(place.home, 'pids'))
    expect(files.filter((name) => name.startsWith('function-')).length).toBeGreaterThan(0)
    const pids = await Promise.all(
      files.map(async (file) => Number(await readFile(join(place.home, 'pids', file), 'utf8'))),
    )
    await whole.end('SIGKILL')
    for (const pid of pids) await untilGone(pid)
    await place.remove()
  })

  it('that is killed takes every part along, and yesterday’s data is there after the next start', async () => {
    const place = await createPlace()
    const first = run(place, stores)
    await first.ready()
    await write(place, 'yesterday')
    const pids = await Promise.all(stores.map((name) => pidOf(place, name)))
    await first.end('SIGKILL')
    for (const pid of pids) await untilGone(pid)

    const second = run(place, stores)
    await second.ready()
    expect(await read(place, 'yesterday')).toEqual(allOf)
    expect(await second.end('SIGINT')).toBe(0)

    const third = run(place, stores)
    await third.ready()
    expect(await read(place, 'yesterday')).toEqual(allOf)
    expect(await third.end('SIGTERM')).toBe(0)
    expect(await readdir(join(place.home, 'pids'))).toEqual([])

    const afresh = run(place, stores, ['--reset'])
    await afresh.ready()
    expect(afresh.stderr()).toContain(`removed ${join(place.home, 'data/kafka')}`)
    expect(await readTopic(place.config.urls.kafka, topics.images.name)).toEqual([])
    await afresh.end('SIGINT')
    await place.remove()
  })

  it('that was interrupted in its first start comes up the next time', async () => {
    const place = await createPlace()
    const formatting = async () => {
      const names = await readdir(join(place.home, 'data', 'kafka'))
      if (!names.some((name) => name.startsWith('draft-'))) throw new Error(`no storage is being formatted: ${names}`)
    }
    const moments = [() => poll(formatting, { limitMs: 20_000, everyMs: 5 }), (started: Run) => started.said(/✓ s3/)]
    for (const moment of moments) {
      const interrupted = run(place, stores)
      await moment(interrupted)
      await interrupted.end('SIGKILL')
    }
    const whole = run(place, stores)
    await whole.ready()
    await write(place, 'first')
    expect(await read(place, 'first')).toEqual(allOf)
    await whole.end('SIGINT')
    await place.remove()
  })

  it('that is told twice to stop kills what is left at once', async () => {
    const place = await createPlace()
    const started = run(place, stores)
    await started.ready()
    const pids = await Promise.all(stores.map((name) => pidOf(place, name)))
    started.process.kill('SIGINT')
    await started.said(/stopping/)
    expect(await started.end('SIGINT')).toBe(130)
    for (const pid of pids) await untilGone(pid)
    await place.remove()
  })

  it('starts nothing when a port is taken, and names port, part and variable', async () => {
    const place = await createPlace()
    const server = createServer().listen(place.config.ports.s3, '127.0.0.1')
    await once(server, 'listening')
    const refused = run(place, stores)
    expect(await refused.ended()).toBe(1)
    expect(refused.stderr()).toContain(
      `Port ${place.config.ports.s3} is taken by another process; s3 needs it. Set DARKROOM_S3_PORT to another.`,
    )
    expect(existsSync(join(place.home, 'data', 'kafka'))).toBe(false)
    server.close()
    await place.remove()
  })
})
