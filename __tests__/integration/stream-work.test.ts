/** What the console does for one image, one record and one engineer at a time, on the platform that tests share. */
import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { openApiDocument } from '../../contract/openapi.ts'
import type { Problem } from '../../contract/schemas.ts'
import type { StreamHistory } from '../../contract/stream-history-schemas.ts'
import type { StreamGroup, StreamTopic, StreamTopicPage } from '../../contract/stream-schemas.ts'
import type {
  StreamChange,
  StreamMessagePage,
  StreamReprocessed,
  StreamTestEventSent,
  StreamThumbnails,
  StreamTrigger,
} from '../../contract/stream-work-schemas.ts'
import { invokeScheduled } from '../../local/schedule/client.ts'
import { consoleLimits, type Group, processTrigger, scopes, topics } from '../../platform.ts'
import { type Answer, type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'
import { lagOf, produce } from '../support/topic.ts'

const platform = sharedPlatform()
const as = {} as Record<Group, Api>
beforeAll(async () => {
  for (const group of ['uploaders', 'engineers', 'operators', 'viewers'] as const) {
    as[group] = apiClient(platform.url, await platform.token(group))
  }
})

const get = async <T>(path: string, api = as.engineers) => (await api.call<T>('GET', `/stream${path}`)).json
const send = <T>(method: string, path: string, body: unknown, api = as.engineers): Promise<Answer<T & Problem>> =>
  api.call(method, `/stream${path}`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
const newTopic = async (settings?: Record<string, string>, partitions = 1) => {
  const name = `test-${randomUUID().slice(0, 8)}`
  expect((await send('POST', '/topics', { name, partitions, replicas: 1, settings })).status).toBe(201)
  return name
}

let seed = 0
async function upload(): Promise<string> {
  seed += 1
  const background = { r: seed, g: 20 + Math.floor(Math.random() * 200), b: 40 }
  const image = sharp({ create: { width: 300, height: 200, channels: 3, background } })
  const { json } = await as.uploaders.upload(await image.jpeg().toBuffer(), 'image/jpeg')
  await as.uploaders.settled(json.id)
  return json.id
}

/** A valid body for every change that the contract knows: without one, what is refused might be the body. */
const bodies: Record<string, object> = {
  createTopic: { name: 'viewers-topic', partitions: 1, replicas: 1 },
  changeTopic: { set: { 'retention.ms': '3600000' } },
  resetGroup: { topic: 'images', to: 'earliest' },
  redriveQuarantine: { all: true },
  discardQuarantine: { ids: ['0-0'] },
  changeTrigger: { enabled: false },
  reprocessImage: {},
  showThumbnails: { ids: [randomUUID()] },
  sendTestEvent: {},
}
const named: Record<string, string> = {
  topic: topics.images.name,
  group: processTrigger.consumerGroup,
  trigger: 'process',
  id: randomUUID(),
}
const changes = Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method, operation]) => path.startsWith('/stream') && method !== 'get' && operation)
    .map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace('/stream', '').replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(named[name] ?? '')),
      id: String(operation?.operationId),
      scope: operation?.security?.[0]?.token,
    })),
)

describe('somebody who may only look', () => {
  const state = async () => ({
    topics: (await get<StreamTopicPage>('/topics')).items.map(({ name, partitions }) => `${name} ${partitions}`),
    settings: (await get<StreamTopic>(`/topics/${topics.images.name}`)).settings,
    trigger: await get<StreamTrigger>('/triggers/process').then(({ state: now, settings }) => ({ now, settings })),
    changes: (await get<{ items: StreamChange[] }>('/changes?limit=200')).items.filter(({ role }) => role === 'viewer'),
  })

  it.each(changes)('is refused $id by the API, and nothing changes', async ({ method, path, id, scope }) => {
    expect(scope, 'every change takes the scope for changes').toEqual([scopes.streamWrite])
    const body = bodies[id]
    if (!body) throw new Error(`${id} is new: give it a body here`)
    const before = await state()
    expect((await send(method, path, body, as.viewers)).status).toBe(403)
    expect((await send(method, path, body, as.uploaders)).status).toBe(403)
    expect(await state()).toEqual(before)
  })

  it.each(['createTopic', 'changeTopic'])('or to keep the stream going is refused %s', async (id) => {
    const change = changes.find((one) => one.id === id) as (typeof changes)[number]
    const { status, json } = await send(change.method, change.path, bodies[id], as.operators)
    expect([status, json.code]).toEqual([403, 'role-missing'])
  })
})

describe('history', () => {
  it('tells what was measured before anybody looked: events a second, and lag by partition', async () => {
    const minute = 60_000
    // Two minutes that the schedule's own measurements do not write over.
    const first = Math.floor((Date.now() - 20 * minute) / minute) * minute
    await invokeScheduled(platform.config, 'measure', new Date(first).toISOString())
    const ids = await Promise.all([upload(), upload(), upload()])
    expect(ids).toHaveLength(3)
    await invokeScheduled(platform.config, 'measure', new Date(first + minute).toISOString())

    const group = processTrigger.consumerGroup
    const { points, partitions, step_seconds } = await get<StreamHistory>(`/history?span=1h&group=${group}`)
    expect(step_seconds).toBe(60)
    const at = (time: number) => points.find((point) => Date.parse(point.at) === time)
    expect(at(first)).toBeDefined()
    expect((at(first + minute)?.rate_in ?? 0) * 60).toBeGreaterThanOrEqual(2.99)
    const images = partitions?.filter(({ topic }) => topic === topics.images.name)
    expect(images).toHaveLength(topics.images.partitions)
    expect(at(first)?.partitions).toHaveLength(partitions?.length ?? 0)
    expect((await get<StreamHistory>('/history?span=7d')).points.length).toBeGreaterThan(0)
    expect((await as.engineers.call('GET', '/stream/history?span=1y')).status).toBe(400)
  })
})

describe('an image that is processed again', () => {
  it('is made anew under the same keys, once, and goes when it would have gone', async () => {
    const id = await upload()
    const before = (await as.uploaders.image(id)).json
    const dry = await send<StreamReprocessed>('POST', `/images/${id}/reprocess`, { dry_run: true }, as.operators)
    expect(dry.json).toMatchObject({ dry_run: true, before: 'processed', way: 'again' })
    expect((await as.uploaders.image(id)).json.status).toBe('processed')

    const done = await send<StreamReprocessed>('POST', `/images/${id}/reprocess`, {}, as.operators)
    expect(done.json).toMatchObject({ dry_run: false, way: 'again' })
    const processedAt = (image: typeof before) => image.timeline.find(({ status }) => status === 'processed')?.at ?? ''
    await expect
      .poll(async () => processedAt((await as.uploaders.image(id)).json) > processedAt(before), { timeout: 30_000 })
      .toBe(true)
    const after = (await as.uploaders.image(id)).json
    const kept = ({ renditions, expires_at, image_path, received_at, sha256 }: typeof before) => ({
      ...{ expires_at, image_path, received_at, sha256 },
      renditions: renditions.map(({ name, bytes, width, height }) => ({ name, bytes, width, height })),
    })
    expect(kept(after)).toEqual(kept(before))
    expect((await as.uploaders.all()).filter((image) => image.id === id)).toHaveLength(1)
    const [audit] = (await get<{ items: StreamChange[] }>('/changes')).items.filter(
      ({ action }) => action === 'image-reprocess',
    )
    expect(audit).toMatchObject({ role: 'operator', outcome: 'done', before: { status: 'processed' } })
    expect(JSON.stringify(audit)).not.toContain(id)
  })

  it('does not come back once it has been erased, and cannot be one that never was', async () => {
    const id = await upload()
    await as.uploaders.erase(id)
    for (const gone of [id, randomUUID(), 'no-id']) {
      const { status, json } = await send('POST', `/images/${gone}/reprocess`, {})
      expect([status, json.code]).toEqual([404, 'image-gone'])
    }
    expect((await as.uploaders.image(id)).status).toBe(404)
  })
})

describe('a test event', () => {
  const lag = () => lagOf(platform.config.urls.kafka, topics.images.name, processTrigger.consumerGroup)

  it('goes through the stream and leaves nothing behind', async () => {
    const dry = await send<StreamTestEventSent>('POST', '/test-event', { dry_run: true }, as.operators)
    expect(dry.json).toMatchObject({ dry_run: true, outcome: 'dropped' })
    expect(dry.json.offset).toBeUndefined()
    const { json } = await send<StreamTestEventSent>('POST', '/test-event', { value: dry.json.value }, as.operators)
    expect(json).toMatchObject({ dry_run: false, value: dry.json.value, topic: topics.images.name })
    await expect.poll(lag, { timeout: 30_000 }).toBe(0)
    const place = `partition=${json.partition}&offset=${json.offset}&limit=1`
    const [message] = (await get<StreamMessagePage>(`/topics/images/messages?${place}`)).items
    expect(message).toMatchObject({
      value: json.value,
      headers: { 'darkroom-test': 'true' },
      image: { status: 'gone' },
    })
  })

  it('is told beforehand what becomes of it', async () => {
    const id = await upload()
    const { image_path } = (await as.uploaders.image(id)).json
    const outcome = async (value: string) =>
      (await send<StreamTestEventSent>('POST', '/test-event', { value, dry_run: true })).json.outcome
    expect(await outcome(JSON.stringify({ timestamp: 1, image_path }))).toBe('unchanged')
    expect(await outcome('no event')).toBe('quarantined')
    expect(await outcome(JSON.stringify({ timestamp: 1, image_path: '/etc/passwd' }))).toBe('quarantined')
  })
})

describe('thumbnails', () => {
  it('are shown to operators by links that end soon, without the names of the images in the record of looks', async () => {
    const [id, erased] = [await upload(), await upload()]
    await as.uploaders.erase(erased)
    const asked = { ids: [id, erased, randomUUID()] }
    const { json } = await send<StreamThumbnails>('POST', '/thumbnails', asked, as.operators)
    expect(json.items.map((item) => item.id)).toEqual([id])
    const [item] = json.items
    const picture = await fetch(item?.url ?? '')
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: item?.width })
    const seconds = Number(new URL(item?.url ?? '').searchParams.get('X-Amz-Expires'))
    expect(seconds).toBeLessThanOrEqual(consoleLimits.thumbnailSeconds)
    const [look] = (await get<{ items: StreamChange[] }>('/changes?of=looks&limit=1')).items
    expect(look).toMatchObject({ action: 'thumbnails', role: 'operator', after: { images: '3' } })
    expect(JSON.stringify(look)).not.toContain(id)
  })
})

describe('records of a topic', () => {
  it('are all there, page by page, from both ends, and by what they hold', async () => {
    const topic = await newTopic(undefined, 3)
    const records = Array.from({ length: 130 }, (_, n) => ({ key: `key-${n}`, value: `{"number":${n}}` }))
    await produce(platform.config.urls.kafka, topic, records)
    const collect = async (query: string) => {
      const keys: string[] = []
      let cursor: string | undefined
      for (let pages = 0; pages === 0 || (cursor && pages < 20); pages += 1) {
        const rest = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
        const page = await get<StreamMessagePage>(`/topics/${topic}/messages?limit=50&${query}${rest}`)
        keys.push(...page.items.map(({ key }) => key ?? ''))
        cursor = page.next_cursor
      }
      return keys.toSorted()
    }
    const all = records.map(({ key }) => key).toSorted()
    expect(await collect('')).toEqual(all)
    expect(await collect('from=2020-01-01T00:00:00Z')).toEqual(all)
    expect(await collect('search=%22number%22:77%7D')).toEqual(['key-77'])
    const wrong = await as.engineers.call<Problem>('GET', `/stream/topics/${topic}/messages?cursor=nonsense`)
    expect([wrong.status, wrong.json.code]).toEqual([400, 'invalid-cursor'])
  })
})

describe('two engineers at once', () => {
  it('do not undo each other: who saw an older value is told, and changes nothing', async () => {
    const topic = await newTopic({ 'retention.ms': '3600000' })
    const value = async () =>
      (await get<StreamTopic>(`/topics/${topic}`)).settings.find(({ name }) => name === 'retention.ms')?.value
    const seen = { 'retention.ms': '3600000' }
    const first = { set: { 'retention.ms': '7200000' }, expected: seen }
    expect((await send('PATCH', `/topics/${topic}`, first)).status).toBe(200)
    for (const dry_run of [true, false]) {
      const second = { set: { 'retention.ms': '1800000' }, expected: seen, dry_run }
      const { status, json } = await send('PATCH', `/topics/${topic}`, second)
      expect([status, json.code]).toEqual([409, 'changed-meanwhile'])
      expect(json.detail).toContain('from 3600000 to 7200000')
    }
    expect(await value()).toBe('7200000')
    expect((await send('PATCH', `/topics/${topic}`, { partitions: 4, expected: { partitions: '2' } })).status).toBe(409)
  })

  it('do not undo each other at a trigger', async () => {
    const { settings } = await get<StreamTrigger>('/triggers/process')
    const change = { batch_size: 9, expected: { batch_size: settings.batch_size + 1 } }
    const { status, json } = await send('POST', '/triggers/process', change)
    expect([status, json.code]).toEqual([409, 'changed-meanwhile'])
    expect((await get<StreamTrigger>('/triggers/process')).settings).toEqual(settings)
  })
})

it('a group is shown with the lag of each partition', async () => {
  const group = await get<StreamGroup>(`/groups/${processTrigger.consumerGroup}`)
  expect(group.offsets.filter(({ topic }) => topic === topics.images.name)).toHaveLength(topics.images.partitions)
})
