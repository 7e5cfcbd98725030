/**
 * Five hundred mixed images at once, on a platform of the test's own whose broker and processor are killed in the
 * middle; then the purge as of eight days later, and a replay of the whole topic.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import pMap from 'p-map'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageView } from '../../contract/schemas.ts'
import { parseEvent } from '../../functions/shared/event.ts'
import { invokeScheduled } from '../../local/schedule/client.ts'
import { buckets, layout, limits, processTrigger, resourceName, tables, topics } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { type Photo, photos } from '../support/corpus.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { lagOf, produce, readTopic } from '../support/topic.ts'

const count = 500
const minute = 60_000
const day = 24 * 60 * minute

let platform: Platform
let api: Api
let images: Photo[]
const accepted = new Map<string, Photo>()

const pids = (name: RegExp): number[] =>
  readdirSync(join(platform.home, 'pids'))
    .filter((file) => name.test(file))
    .map((file) => Number(readFileSync(join(platform.home, 'pids', file), 'utf8')))

function kill(name: RegExp) {
  const found = pids(name)
  expect(found.length, `a process named ${name}`).toBeGreaterThan(0)
  for (const pid of found) process.kill(pid, 'SIGKILL')
}

/** Uploads as a patient client does: what was not acknowledged is sent again under the same key. */
async function uploadPatiently(photo: Photo): Promise<void> {
  const headers = { 'idempotency-key': crypto.randomUUID() }
  await expect
    .poll(
      async () => {
        const large = photo.bytes.byteLength > limits.directUploadBytes
        const send = large ? api.uploadPresigned : api.upload
        const answer = await send(photo.bytes, photo.contentType, headers).catch(() => ({
          status: 0,
          json: { id: '' },
        }))
        if (answer.status === 202) accepted.set(answer.json.id, photo)
        return answer.status
      },
      { timeout: 2 * minute, interval: 500 },
    )
    .toBe(202)
}

const s3 = () =>
  new S3Client({
    endpoint: platform.config.urls.s3,
    region: platform.config.region,
    credentials: platform.config.s3Credentials,
    forcePathStyle: true,
  })

/** Every version and delete marker of every key below a prefix. */
async function versionsBelow(prefix: string): Promise<string[]> {
  const client = s3()
  const keys: string[] = []
  let KeyMarker: string | undefined
  let VersionIdMarker: string | undefined
  do {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: resourceName('local', buckets.lake.name),
        Prefix: prefix,
        KeyMarker,
        VersionIdMarker,
      }),
    )
    for (const { Key } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) keys.push(Key ?? '')
    KeyMarker = page.NextKeyMarker
    VersionIdMarker = page.NextVersionIdMarker
  } while (KeyMarker)
  return keys
}

async function ledgerRows(): Promise<number> {
  const client = new DynamoDBClient({
    endpoint: platform.config.urls.dynamodb,
    region: platform.config.region,
    credentials: platform.config.s3Credentials,
  })
  let rows = 0
  let ExclusiveStartKey: Record<string, never> | undefined
  do {
    const page = await client.send(
      new ScanCommand({ TableName: resourceName('local', tables.ledger.name), Select: 'COUNT', ExclusiveStartKey }),
    )
    rows += page.Count ?? 0
    ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined
  } while (ExclusiveStartKey)
  return rows
}

/** Waits until the trigger has committed everything that the topic holds. */
const drained = () =>
  expect
    .poll(() => lagOf(platform.config.urls.kafka, processTrigger.topic, processTrigger.consumerGroup), {
      timeout: 3 * minute,
      interval: 500,
    })
    .toBe(0)

beforeAll(async () => {
  images = await Array.fromAsync(photos(count, 1))
  platform = await startPlatform()
  api = apiClient(platform.url, await platform.token('uploaders'))
}, 10 * minute)

afterAll(async () => {
  await platform?.stop()
}, 2 * minute)

describe('five hundred mixed images at once', () => {
  it(
    'are all processed or quarantined although broker and processor are killed on the way',
    async () => {
      const kills = [
        { after: 100, target: /^function-process/ },
        { after: 200, target: /^kafka\.pid$/ },
        { after: 400, target: /^function-process/ },
      ]
      let done = 0
      await pMap(
        images,
        async (photo) => {
          await uploadPatiently(photo)
          done += 1
          const due = kills.find(({ after }) => after === done)
          if (due) kill(due.target)
        },
        { concurrency: 32 },
      )
      expect(accepted.size).toBe(count)
      const settled = await pMap(accepted.keys(), (id) => api.settled(id, 5 * minute), { concurrency: 8 })
      const expected = (view: ImageView) => accepted.get(view.id)?.expect
      for (const view of settled)
        expect({ id: view.id, status: view.status }).toEqual({ id: view.id, status: expected(view) })
    },
    12 * minute,
  )

  it('are all in the list of their owner', async () => {
    expect(new Set((await api.all()).map(({ id }) => id))).toEqual(new Set(accepted.keys()))
  })

  it("leave exactly the seed's JSON in the topic, one image each", async () => {
    const records = await readTopic(platform.config.urls.kafka, topics.images.name)
    const ids = records.map(({ value }) => {
      expect(Object.keys(JSON.parse(value))).toEqual(['timestamp', 'image_path'])
      return parseEvent(value).id
    })
    expect(new Set(ids)).toEqual(new Set(accepted.keys()))
  })

  it(
    'are gone after the purge of eight days later: no version, no metadata, no row',
    async () => {
      await drained()
      const result = await invokeScheduled(platform.config, 'purge', new Date(Date.now() + 8 * day).toISOString())
      expect(result).toMatchObject({ complete: true, images: count, failed: 0 })
      expect(await versionsBelow(layout.images)).toEqual([])
      expect(await versionsBelow(layout.metadata)).toEqual([])
      expect(await ledgerRows()).toBe(0)
      expect(await api.all()).toEqual([])
    },
    5 * minute,
  )

  it(
    'do not come back when the whole topic is replayed',
    async () => {
      const records = await readTopic(platform.config.urls.kafka, topics.images.name)
      await produce(platform.config.urls.kafka, topics.images.name, records)
      await drained()
      expect(await versionsBelow(layout.images)).toEqual([])
      expect(await versionsBelow(layout.metadata)).toEqual([])
      expect(await ledgerRows()).toBe(0)
    },
    5 * minute,
  )
})
