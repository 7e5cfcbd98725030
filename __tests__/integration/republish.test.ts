import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { republishPending } from '../../functions/republish/republish.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { createKafka, createPublisher, type Publisher } from '../../functions/shared/kafka.ts'
import { imagePath, pendingShards } from '../../functions/shared/keys.ts'
import { pendingOf } from '../../functions/shared/ledger.ts'
import { publishImage } from '../../functions/shared/publish.ts'
import { republishAfter, resendAfter } from '../../platform.ts'
import { imageRow } from '../support/images.ts'
import { sharedPlatform } from '../support/platform.ts'
import { createStores, type Stores } from '../support/stores.ts'
import { readTopic } from '../support/topic.ts'

const brokers = sharedPlatform().config.urls.kafka
const topic = `test-republish-${randomUUID().slice(0, 8)}`
let stores: Stores
let admin: Admin
let publisher: Publisher

beforeAll(async () => {
  stores = await createStores()
  admin = new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }], waitForLeaders: true })
  publisher = publisherTo(brokers)
})
afterAll(async () => {
  await publisher.disconnect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
  await stores.close()
})

const publisherTo = (address: string) =>
  createPublisher(createKafka({ brokers: address, auth: 'none', clientId: 'test' }), { timeoutMs: 3_000 })

const sweep = (now: number, to = publisher) =>
  republishPending(
    {
      ledger: stores.ledger,
      lake: stores.lake,
      publish: (row) => publishImage({ publisher: to, ledger: stores.ledger, topic, clock: () => now }, row, 'trace'),
      logger: { info() {}, warn() {} },
      hasTime: () => true,
    },
    now,
  )

async function acknowledged(receivedAt: number): Promise<ImageRow> {
  const plain = imageRow({ status: 'received', receivedAt })
  const row = { ...plain, ...pendingOf(plain.id, receivedAt) }
  await stores.ledger.insert(row)
  return row
}

async function pendingIds(now: number): Promise<string[]> {
  const ids: string[] = []
  for (const shard of pendingShards) {
    for await (const page of stores.ledger.pending(shard, now)) ids.push(...page.map(({ id }) => id))
  }
  return ids
}

it('brings the event of every acknowledged image into the topic, once, and exactly as the producer writes it', async () => {
  const now = Date.now()
  const late = await Promise.all(Array.from({ length: 20 }, (_, n) => acknowledged(now - republishAfter - n * 1_000)))
  const fresh = await acknowledged(now - 1_000)

  // While Kafka is away nothing is lost and nothing is claimed: a port where nobody listens.
  const nobody = publisherTo('127.0.0.1:9')
  expect(await sweep(now, nobody)).toMatchObject({ published: 0, complete: false })
  expect(await readTopic(brokers, topic)).toEqual([])
  expect((await pendingIds(now)).length).toBe(21)

  expect(await sweep(now)).toEqual({ published: 20, settled: 0, abandoned: 0, failed: 0, complete: true })
  const records = await readTopic(brokers, topic)
  const expected = late.map((row) => ({
    key: row.id,
    value: JSON.stringify({ timestamp: Math.floor(row.receivedAt / 1000), image_path: imagePath(row.key) }),
  }))
  const byKey = (a: { key: string }, b: { key: string }) => a.key.localeCompare(b.key)
  expect(records.map(({ key, value }) => ({ key, value })).sort(byKey)).toEqual(expected.sort(byKey))
  for (const { key, partition, offset } of records) {
    expect(await stores.ledger.get(key)).toMatchObject({ status: 'published', event: { topic, partition, offset } })
  }
  expect(await pendingIds(now)).toEqual([fresh.id])

  // What the trigger gave up on stays unsettled: its event is sent again, once, when it has waited too long.
  const later = now + resendAfter + 60_000
  expect(await sweep(later)).toMatchObject({ published: 21, complete: true })
  expect(await readTopic(brokers, topic)).toHaveLength(41)
  const [again] = late
  expect(await stores.ledger.get(again?.id ?? '')).toMatchObject({ status: 'published' })

  expect(await sweep(now)).toEqual({ published: 0, settled: 0, abandoned: 0, failed: 0, complete: true })
  expect(await readTopic(brokers, topic)).toHaveLength(41)
})
