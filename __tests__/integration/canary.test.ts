/**
 * The canary: words that occur nowhere else go through every part of a platform of the test's own, in names, pixels and
 * metadata. Then everything is purged as of eight days later, and every store is searched byte by byte.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '../../functions/shared/kafkajs-timers.ts'
import type { ImageView, UploadTicket } from '../../contract/schemas.ts'
import { invokeScheduled } from '../../local/schedule/client.ts'
import { createS3Client } from '../../local/services/s3.ts'
import { poll } from '../../local/supervisor/poll.ts'
import { buckets, resourceName, topics } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { jpegWith, pngWith, webpWith } from '../support/canary-images.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { bytesNeedle, type Hit, type Needle, searchFolder, wordsNeedle } from '../support/search.ts'

const minute = 60_000
const words = (of: string) => `zq${of}${randomBytes(12).toString('hex')}`
const said = { name: words('name'), inside: words('inside'), key: words('key') }

let platform: Platform
let api: Api
const personal: Needle[] = [
  wordsNeedle('the file name', said.name),
  wordsNeedle('the words inside', said.inside),
  wordsNeedle('the Idempotency-Key', said.key),
]
const ids: string[] = []
const idNeedles = () => ids.map((id, n) => wordsNeedle(`id ${n}`, id))
let images: ImageView[] = []
const links: string[] = []

beforeAll(async () => {
  platform = await startPlatform()
  api = apiClient(platform.url, await platform.token('uploaders'))
  await plant()
}, 4 * minute)
afterAll(async () => platform?.stop(), 2 * minute)

const named = { 'x-file-name': `${said.name}.jpg` }

/** Sends the canary by every way in, and to every place where something may stay. */
async function plant(): Promise<void> {
  const [jpeg, png, webp] = [await jpegWith(said.inside), await pngWith(said.inside), await webpWith(said.inside)]
  for (const [kind, bytes] of Object.entries({ jpeg, png, webp })) personal.push(bytesNeedle(`bytes of ${kind}`, bytes))
  const sent = [
    await api.upload(jpeg, 'image/jpeg', { ...named, 'idempotency-key': said.key }),
    await api.upload(png, 'image/png', named),
    await api.uploadPresigned(webp, 'image/webp'),
    // Cut in the midst of its pixels: goes to quarantine.
    await api.upload(jpeg.subarray(0, -4000), 'image/jpeg', named),
  ]
  for (const { status, json } of sent) {
    expect(status).toBe(202)
    ids.push(json.id)
  }
  images = await Promise.all(sent.map(({ json }) => api.settled(json.id, minute)))
  await abandonUploads(png)
  await keepCopyOfFailure()
  for (const { renditions } of images) {
    for (const { name, url } of renditions) {
      if (!url) continue
      links.push(url)
      const response = await fetch(url)
      personal.push(bytesNeedle(`rendition ${name}`, Buffer.from(await response.arrayBuffer())))
    }
  }
  await share(images[0]?.id ?? '')
}

/** One whose bytes arrive and that is never completed, and one in parts of which nothing arrives. */
async function abandonUploads(png: Buffer): Promise<void> {
  const body = JSON.stringify({ content_type: 'image/png', bytes: png.byteLength, name: `${said.name}.png` })
  const headers = { 'content-type': 'application/json' }
  const { json } = await api.call<UploadTicket>('POST', '/uploads', { body, headers })
  const form = new FormData()
  for (const [name, value] of Object.entries(json.fields)) form.set(name, value)
  form.set('file', new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }))
  expect((await fetch(json.url, { method: 'POST', body: form })).ok).toBe(true)
  const parts = await api.call<{ id: string }>('POST', '/uploads/multipart', { body, headers })
  expect(parts.status).toBe(201)
  ids.push(json.id, parts.json.id)
}

/** As the trigger writes it when it gives a batch up: the whole event. */
async function keepCopyOfFailure(): Promise<void> {
  const s3 = createS3Client(platform.config)
  await s3.send(
    new PutObjectCommand({
      Bucket: resourceName(platform.config.environment, buckets.failures.name),
      Key: 'aws/lambda/async/canary.json',
      Body: JSON.stringify({ payload: images.map(({ image_path }) => image_path), of: said.inside }),
    }),
  )
  s3.destroy()
}

/** A link for everybody, opened once, so that whoever serves it has had it in hand. */
async function share(id: string): Promise<void> {
  const { status, json } = await api.call<{ url: string }>('POST', `/images/${id}/links`, {
    body: JSON.stringify({ rendition: 'thumb', seconds: 3600 }),
    headers: { 'content-type': 'application/json' },
  })
  expect(status, JSON.stringify(json)).toBe(201)
  await (await fetch(json.url)).arrayBuffer()
}

const searchIn = (folder: string, needles: readonly Needle[]): Promise<Hit[]> =>
  searchFolder(join(platform.home, folder), needles)
const foundIn = (hits: readonly Hit[]) => [...new Set(hits.map(({ needle }) => needle))].toSorted()
const data = ['data/s3', 'data/dynamodb', 'data/kafka'] as const

describe('before the purge', () => {
  it(
    'the search finds all of it, so it would find what is left',
    async () => {
      expect(images.map(({ status }) => status)).toEqual(['processed', 'processed', 'processed', 'quarantined'])
      const lake = await searchIn('data/s3', [...personal, ...idNeedles()])
      const ledger = await searchIn('data/dynamodb', [...personal, ...idNeedles()])
      const stream = await searchIn('data/kafka', idNeedles())
      expect(foundIn(lake)).toEqual(
        expect.arrayContaining(['the words inside', 'bytes of jpeg', 'bytes of png', 'bytes of webp', 'id 0']),
      )
      expect(foundIn(lake).filter((needle) => needle.startsWith('rendition')).length).toBeGreaterThan(1)
      expect(lake.some(({ needle, where }) => needle === 'id 0' && where === 'name')).toBe(true)
      expect(foundIn(ledger)).toEqual(expect.arrayContaining(['the file name', 'the words inside', 'id 0', 'id 5']))
      expect(foundIn(stream)).toEqual(['id 0', 'id 1', 'id 2', 'id 3'])
    },
    minute,
  )

  it(
    'neither names nor pixels nor metadata are in logs, events or anywhere else',
    async () => {
      const hits = await searchIn('.', personal)
      const elsewhere = hits.filter(({ place }) => !place.startsWith('data/s3') && !place.startsWith('data/dynamodb'))
      expect(elsewhere).toEqual([])
    },
    minute,
  )
})

describe('after a purge as of eight days later', () => {
  beforeAll(async () => {
    const later = new Date(Date.now() + 8 * 24 * 60 * minute).toISOString()
    // Twice, as the schedule would: an upload that was given up needs the orphans' hour of grace, which has passed by then.
    const runs = [
      await invokeScheduled(platform.config, 'purge', later),
      await invokeScheduled(platform.config, 'purge', later),
    ]
    expect(runs.at(-1)).toMatchObject({ complete: true, failed: 0 })
    await letEventsExpire()
  }, 4 * minute)

  it.each(data)(
    'nothing is left in %s: no name, no pixel, no metadata, no id',
    async (folder) => {
      // Kafka deletes its files a little after it has let go of them.
      await poll(async () => expect(await searchIn(folder, [...personal, ...idNeedles()])).toEqual([]), {
        limitMs: 2 * minute,
        everyMs: 2_000,
      })
    },
    3 * minute,
  )

  it(
    'nothing is left anywhere else; logs alone still name ids, for three days',
    async () => {
      expect(await searchIn('.', personal)).toEqual([])
      const places = (await searchIn('.', idNeedles())).map(({ place }) => place)
      expect(places.filter((place) => !place.startsWith('logs/'))).toEqual([])
    },
    minute,
  )

  it(
    'no way of asking shows it any more',
    async () => {
      const engineer = apiClient(platform.url, await platform.token('engineers'))
      const paths = [
        '/stream',
        '/stream/quarantine',
        '/stream/topics',
        '/stream/changes',
        '/retention',
        '/retention/runs',
        '/retention/receipts',
      ]
      const answers = [
        ...(await Promise.all(paths.map((path) => engineer.call('GET', path)))),
        await api.call('GET', '/images'),
        ...(await Promise.all(ids.map((id) => api.image(id)))).map(({ json }) => ({
          status: 404,
          json: { ...json, instance: '' },
        })),
      ]
      const text = JSON.stringify(answers)
      for (const secret of [...Object.values(said), ...ids]) expect(text).not.toContain(secret)
      expect(await Promise.all(ids.map(async (id) => (await api.image(id)).status))).toEqual(ids.map(() => 404))
      for (const url of links) expect((await fetch(url)).status).toBe(404)
    },
    minute,
  )
})

/**
 * Kafka deletes by its own clock, and eight days are long: the topics' retention is brought down to a second, by which
 * the broker rolls and deletes the very segments that it would delete on the third and sixth day.
 */
async function letEventsExpire(): Promise<void> {
  const kafka = new Kafka({ clientId: 'canary', brokers: [platform.config.urls.kafka], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    for (const { name, settings } of Object.values(topics)) {
      const shorter = { ...settings, 'min.insync.replicas': '1', 'retention.ms': '1000', 'file.delete.delay.ms': '100' }
      const configEntries = Object.entries(shorter).map(([key, value]) => ({ name: key, value }))
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
      })
    }
    await poll(
      async () => {
        for (const { name } of Object.values(topics)) {
          for (const { low, high } of await admin.fetchTopicOffsets(name)) expect(low).toBe(high)
        }
      },
      { limitMs: 2 * minute, everyMs: 500 },
    )
  } finally {
    await admin.disconnect()
  }
}
