/** The processor against the real Kafka, S3 and DynamoDB, with a lake, a ledger and a quarantine topic of its own. */
import { createHash, randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deliver } from '../../functions/process/delivery.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import type { DeliveryParts } from '../../functions/process/parts.ts'
import { type PreparedRecipe, prepareRecipe } from '../../functions/process/prepare.ts'
import { processImage } from '../../functions/process/process-image.ts'
import { recipes } from '../../functions/process/recipes.ts'
import { eraseImage } from '../../functions/shared/erase.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { createKafka, createPublisher, type Publisher } from '../../functions/shared/kafka.ts'
import { imagePrefix, metadataKey } from '../../functions/shared/keys.ts'
import { limits } from '../../platform.ts'
import { rawRecord, recordOf } from '../functions/process/fakes.ts'
import * as odd from '../support/corpus/odd-images.ts'
import { everythingIn, imageRow } from '../support/images.ts'
import { sharedPlatform } from '../support/platform.ts'
import { createStores, type Stores } from '../support/stores.ts'
import { readTopic } from '../support/topic.ts'

let recipe: PreparedRecipe
let stores: Stores
let publisher: Publisher
let parts: DeliveryParts
let quarantineTopic: string
const brokers = () => sharedPlatform().config.urls.kafka
const quiet = { info() {}, warn() {}, error() {} }

beforeAll(async () => {
  recipe = await prepareRecipe(recipes.standard)
})

beforeEach(async () => {
  stores = await createStores()
  quarantineTopic = `test-quarantine-${randomUUID().slice(0, 8)}`
  const kafka = createKafka({ brokers: brokers(), auth: 'none', clientId: 'test' })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: quarantineTopic, numPartitions: 1 }] })
  await admin.disconnect()
  publisher = createPublisher(kafka)
  parts = {
    ...stores,
    publisher,
    quarantineTopic,
    processImage: (bytes, declared) => processImage(bytes, declared, { recipe, limits: imageLimits }),
    clock: Date.now,
    logger: quiet,
  }
})

afterEach(async () => {
  await publisher.disconnect()
  await stores.close()
})

/** What an upload leaves behind: the original in its version, and the row. */
async function accept(bytes: Buffer, given: Partial<ImageRow> = {}): Promise<ImageRow> {
  const row = imageRow({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), ...given })
  const put = new PutObjectCommand({
    Bucket: stores.lake.bucket,
    Key: row.key,
    Body: bytes,
    ContentType: row.contentType,
  })
  const { VersionId } = await stores.s3.send(put)
  const accepted = { ...row, ...(VersionId && { versionId: VersionId }) }
  await stores.ledger.insert(accepted)
  return accepted
}
const photograph = () => odd.telltale('jpeg')
const metadataFile = async (row: ImageRow) => {
  const bytes = await stores.lake.get(metadataKey(row))
  return bytes ? JSON.parse(Buffer.from(bytes).toString()) : undefined
}

describe('an accepted image', () => {
  it('ends with renditions that open, a metadata file and a processed row that agree', async () => {
    const row = await accept(await photograph())
    expect(await deliver(recordOf(row), parts)).toMatchObject({ outcome: 'processed' })
    const settled = await stores.ledger.get(row.id)
    expect(settled).toMatchObject({ status: 'processed', attempts: 1, metadata: { hasGps: true } })
    expect(settled?.renditions).toHaveLength(4)
    for (const { key, bytes, width, height, contentType } of settled?.renditions ?? []) {
      const stored = await stores.lake.get(key)
      expect(stored?.length).toBe(bytes)
      expect(await sharp(stored).metadata()).toMatchObject({ width, height, mediaType: contentType })
    }
    expect(await metadataFile(row)).toMatchObject({
      id: row.id,
      status: 'processed',
      camera_make: 'Zenit',
      renditions: settled?.renditions?.map(({ name, bytes }) => ({ name, bytes })),
    })
  })

  it('is processed from the version that was accepted, not from one that was slipped under it', async () => {
    const row = await accept(await photograph())
    await stores.lake.put(row.key, 'something else', 'image/jpeg')
    expect(await deliver(recordOf(row), parts)).toMatchObject({ outcome: 'processed' })
  })

  it('may be delivered many times at once and again later', async () => {
    const row = await accept(await photograph())
    const ends = await Promise.all([1, 2, 3].map(() => deliver(recordOf(row), parts)))
    expect(ends.map(({ outcome }) => outcome).sort()).toEqual(['processed', 'unchanged', 'unchanged'])
    const settled = await stores.ledger.get(row.id)
    expect(await deliver(recordOf(row), parts)).toEqual({ outcome: 'unchanged' })
    expect(await stores.ledger.get(row.id)).toEqual(settled)
  })

  it('that was erased, at whatever moment, leaves nothing behind and does not come back', async () => {
    const operations = ['claim', 'get', 'put', 'markProcessed'] as const
    for (const operation of operations) {
      const row = await accept(await photograph())
      const { ledger, lake } = stores
      let erased = false
      /** Erases the image just before the operation's first call. */
      const interrupted = async <T>(name: (typeof operations)[number], call: () => Promise<T>): Promise<T> => {
        if (name === operation && !erased) {
          erased = true
          await eraseImage({ ...stores, clock: Date.now }, row)
        }
        return call()
      }
      const disturbed: DeliveryParts = {
        ...parts,
        ledger: {
          ...ledger,
          claim: (id) => interrupted('claim', () => ledger.claim(id)),
          markProcessed: (id, result) => interrupted('markProcessed', () => ledger.markProcessed(id, result)),
        },
        lake: {
          ...lake,
          get: (key, version) => interrupted('get', () => lake.get(key, version)),
          put: (key, body, type) => interrupted('put', () => lake.put(key, body, type)),
        },
      }
      expect([operation, await deliver(recordOf(row), disturbed)]).toEqual([operation, { outcome: 'dropped' }])
      expect(await deliver(recordOf(row), parts)).toEqual({ outcome: 'dropped' })
      expect(await everythingIn(stores, imagePrefix(row))).toEqual([])
      expect(await everythingIn(stores, metadataKey(row))).toEqual([])
      expect(await stores.ledger.get(row.id)).toBeUndefined()
    }
  })

  it('of a crashed delivery is finished by the next one', async () => {
    const row = await accept(await photograph())
    const crash = () => Promise.reject(new Error('the process is gone'))
    const broken = { ...parts, ledger: { ...stores.ledger, markProcessed: crash } }
    await expect(deliver(recordOf(row), broken)).rejects.toThrow('the process is gone')
    expect(await stores.ledger.get(row.id)).toMatchObject({ status: 'published', attempts: 1 })
    expect(await deliver(recordOf(row), parts)).toMatchObject({ outcome: 'processed' })
  })
})

describe('poison', () => {
  it('is in the quarantine topic byte by byte, and the row and the metadata file say why', async () => {
    const row = await accept(odd.truncated(await photograph()))
    const record = recordOf(row)
    expect(await deliver(record, parts)).toEqual({ outcome: 'quarantined', code: 'truncated' })
    const [quarantined, ...more] = await readTopic(brokers(), quarantineTopic)
    expect(more).toEqual([])
    expect(quarantined).toMatchObject({
      key: row.id,
      value: Buffer.from(record.value ?? '', 'base64').toString(),
    })
    expect(await stores.ledger.get(row.id)).toMatchObject({ status: 'quarantined', reason: { code: 'truncated' } })
    expect(await metadataFile(row)).toMatchObject({ status: 'quarantined', reason_code: 'truncated' })
  })

  it.each([
    ['a bomb', odd.bombPng(), 'png', 'too-many-pixels'],
    ['text', Buffer.from('hello'), 'png', 'not-an-image'],
    ['an SVG', odd.svg, 'png', 'not-an-image'],
  ] as const)('may be %s', async (_, bytes, extension, code) => {
    const row = imageRow()
    const key = row.key.replace(/\w+$/, extension)
    const accepted = await accept(bytes, {
      ...row,
      key,
      extension,
      contentType: 'image/png',
      sha256: undefined as never,
    })
    expect(await deliver(recordOf(accepted), parts)).toEqual({ outcome: 'quarantined', code })
  })

  it('as large as the stream allows still fits into quarantine', async () => {
    const platformTopic = 'images.quarantine'
    const value = JSON.stringify({ timestamp: 1, image_path: 'x'.repeat(63 * 1024) })
    const record = rawRecord(value)
    const end = await deliver(record, { ...parts, quarantineTopic: platformTopic })
    expect(end).toEqual({ outcome: 'quarantined', code: 'malformed-event' })
  })

  it('is an image that crashed every attempt', async () => {
    const row = await accept(await photograph(), { attempts: limits.processAttempts })
    expect(await deliver(recordOf(row), parts)).toEqual({ outcome: 'quarantined', code: 'crashes-the-processor' })
  })
})

describe('an outage', () => {
  it('of Kafka holds poison back instead of losing it', async () => {
    const nowhere = createPublisher(createKafka({ brokers: '127.0.0.1:1', auth: 'none', clientId: 'test' }), {
      timeoutMs: 1_500,
    })
    const row = await accept(Buffer.from('no image'))
    await expect(deliver(recordOf(row), { ...parts, publisher: nowhere })).rejects.toMatchObject({ retriable: true })
    await nowhere.disconnect()
    expect(await stores.ledger.get(row.id)).toMatchObject({ status: 'published', attempts: 0 })
    expect(await deliver(recordOf(row), parts)).toMatchObject({ outcome: 'quarantined' })
  })
})
