/** What engineers do from the console, against a platform of its own: it pauses the trigger and lets the broker die. */
import { execFile } from 'node:child_process'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../../contract/schemas.ts'
import type {
  StreamGroup,
  StreamOverview,
  StreamReset,
  StreamResetDone,
  StreamTopic,
  StreamTopicChanged,
} from '../../contract/stream-schemas.ts'
import type {
  StreamChange,
  StreamMessagePage,
  StreamQuarantinePage,
  StreamRedriven,
  StreamTrigger,
} from '../../contract/stream-work-schemas.ts'
import { toolRecipes } from '../../local/setup/tools.ts'
import { buckets, type Group, processTrigger, resourceName, topics } from '../../platform.ts'
import { type Answer, type Api, apiClient } from '../support/api.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { produce } from '../support/topic.ts'

let platform: Platform
const as = {} as Record<Group, Api>
beforeAll(async () => {
  platform = await startPlatform()
  for (const group of ['uploaders', 'engineers', 'operators', 'viewers'] as const) {
    as[group] = apiClient(platform.url, await platform.token(group))
  }
}, 180_000)
afterAll(() => platform?.stop())

const get = async <T>(path: string, api = as.engineers) => (await api.call<T>('GET', `/stream${path}`)).json
const send = <T>(
  method: 'POST' | 'PATCH',
  path: string,
  body: unknown,
  api = as.engineers,
): Promise<Answer<T & Problem>> =>
  api.call(method, `/stream${path}`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

async function eventually<T>(look: () => Promise<T>, holds: (value: T) => boolean, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const value = await look()
    if (holds(value)) return value
    if (performance.now() > deadline) throw new Error(`Still ${JSON.stringify(value).slice(0, 500)}`)
    await pause(100)
  }
}

const lag = async () => (await get<StreamOverview>('')).lag
const triggerState = async () => (await get<StreamTrigger>('/triggers/process')).state
async function setTrigger(enabled: boolean) {
  expect((await send('POST', '/triggers/process', { enabled })).status).toBe(200)
  await eventually(triggerState, (state) => state === (enabled ? 'Enabled' : 'Disabled'))
}

let seed = 0
async function upload(): Promise<string> {
  seed += 1
  const image = sharp({ create: { width: 40, height: 30, channels: 3, background: { r: seed, g: 90, b: 40 } } })
  const { status, json } = await as.uploaders.upload(await image.jpeg().toBuffer(), 'image/jpeg')
  expect(status).toBe(202)
  return json.id
}
async function uploadBroken(): Promise<string> {
  seed += 1
  const whole = await sharp({
    create: {
      width: 400,
      height: 300,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: seed },
    },
  })
    .jpeg()
    .toBuffer()
  return (await as.uploaders.upload(whole.subarray(0, whole.length / 2), 'image/jpeg')).json.id
}

/** Kafka's own tool. @returns the topic's settings as the broker has them */
async function kafkaConfigs(topic: string): Promise<string> {
  const classpath = join(toolRecipes(platform.config.cache).kafka.folder, '*')
  const tool = ['kafka.admin.ConfigCommand', '--bootstrap-server', platform.config.urls.kafka]
  const { stdout } = await promisify(execFile)('java', [
    ...['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', classpath],
    ...[...tool, '--entity-type', 'topics', '--entity-name', topic, '--describe'],
  ])
  return stdout
}

describe('settings of a topic', () => {
  it('are shown as a difference by a dry run, changed on the broker without it, and leave all others as they are', async () => {
    const change = { set: { 'retention.ms': '86400000' } }
    const dry = await send<StreamTopicChanged>('PATCH', '/topics/images', { ...change, dry_run: true })
    expect(dry.json.differences).toEqual([{ name: 'retention.ms', before: '259200000', after: '86400000' }])
    const shownBefore = (await get<StreamTopic>('/topics/images')).settings.find(({ name }) => name === 'retention.ms')
    expect(shownBefore?.default_value).toBe(String(7 * 86_400_000))
    expect(dry.json.warnings.join(' ')).toContain('older than the new retention.ms')
    expect(await kafkaConfigs('images')).toContain('retention.ms=259200000')

    expect((await send('PATCH', '/topics/images', change)).status).toBe(200)
    const shown = await kafkaConfigs('images')
    expect(shown).toContain('retention.ms=86400000')
    for (const name of ['segment.ms', 'message.timestamp.type', 'max.message.bytes'] as const) {
      expect(shown).toContain(`${name}=${topics.images.settings[name]}`)
    }
    const [audit] = (await get<{ items: StreamChange[] }>('/changes')).items
    expect(audit).toMatchObject({
      action: 'topic-change',
      target: 'images',
      role: 'admin',
      outcome: 'done',
      before: { 'retention.ms': '259200000' },
      after: { 'retention.ms': '86400000' },
    })
    expect(JSON.stringify(audit)).not.toContain('@')
  })

  it('keep what two engineers change at the same moment', async () => {
    await send('POST', '/topics', { name: 'two-engineers', partitions: 1, replicas: 1 })
    const changes = [{ 'retention.ms': '7200000' }, { 'max.message.bytes': '70000' }, { 'segment.bytes': '2000000' }]
    await Promise.all(changes.map((set) => send('PATCH', '/topics/two-engineers', { set })))
    const { settings } = await get<StreamTopic>('/topics/two-engineers')
    const own = Object.fromEntries(settings.filter(({ set }) => set).map(({ name, value }) => [name, value]))
    expect(own).toMatchObject(Object.assign({}, ...changes))
  })

  it('go back to the default when they are unset', async () => {
    await send('PATCH', '/topics/two-engineers', { unset: ['max.message.bytes'] })
    const { settings } = await get<StreamTopic>('/topics/two-engineers')
    const setting = settings.find(({ name }) => name === 'max.message.bytes')
    expect(setting).toMatchObject({ set: false, value: setting?.default_value })
    expect(setting?.value).not.toBe('70000')
  })

  it.each([
    [422, 'setting-refused', { set: { 'retention.ms': 'soon' } }],
    [422, 'breaks-the-promise', { set: { 'retention.ms': '-1' } }],
    [422, 'breaks-the-promise', { unset: ['retention.ms'] }],
    [422, 'breaks-the-promise', { set: { 'cleanup.policy': 'compact' } }],
    [400, 'unknown-setting', { set: { 'retention.mss': '1' } }],
    [422, 'partitions-refused', { partitions: 3 }],
    [400, 'nothing-to-change', {}],
    [400, 'invalid-request', { set: { 'retention.ms': 5 } }],
    [400, 'invalid-request', { delete: true }],
  ])('answer %i %s to %j, and stay', async (status, code, change) => {
    const before = await get<StreamTopic>('/topics/images')
    const { json, status: answered } = await send('PATCH', '/topics/images', change)
    expect([answered, json.code]).toEqual([status, code])
    expect((await get<StreamTopic>('/topics/images')).settings).toEqual(before.settings)
  })
})

describe('a paused trigger', () => {
  it('lets ten uploads wait as a lag of ten, and none when it has been resumed', async () => {
    await setTrigger(false)
    const ids = await Promise.all(Array.from({ length: 10 }, upload))
    await eventually(lag, (now) => now === 10)
    const group = await get<StreamGroup>(`/groups/${processTrigger.consumerGroup}`)
    expect(group).toMatchObject({ lag: 10, trigger: 'process' })
    await setTrigger(true)
    await eventually(lag, (now) => now === 0)
    for (const id of ids) expect((await as.uploaders.settled(id)).status).toBe('processed')
  })

  it('takes settings within their ranges only', async () => {
    const { json } = await send<StreamTrigger>('POST', '/triggers/process', { batch_size: 7 })
    expect(json).toMatchObject({ settings: { batch_size: 7 }, changed: ['batch_size'] })
    expect((await send('POST', '/triggers/process', { batch_size: 0 })).status).toBe(400)
    expect((await send('POST', '/triggers/nobody', { enabled: false })).status).toBe(404)
    expect((await get<StreamTrigger>('/triggers/process')).settings.batch_size).toBe(7)
    await send('POST', '/triggers/process', { batch_size: processTrigger.batchSize })
  })
})

describe('quarantine', () => {
  it('shows three with their reasons; redriven, two fail again and the one whose file is back is processed', async () => {
    const broken = await Promise.all([uploadBroken(), uploadBroken()])
    // The third is a good image whose original is out of the way while it is processed.
    await setTrigger(false)
    const good = await upload()
    const { json } = await as.uploaders.image(good)
    const bucket = resourceName('local', buckets.lake.name)
    const file = join(platform.home, 'data', 's3', 'objects', bucket, json.image_path)
    await rename(file, `${file}.away`)
    await setTrigger(true)
    const three = [...broken, good]
    for (const id of three) expect((await as.uploaders.settled(id)).status).toBe('quarantined')
    const listed = await get<StreamQuarantinePage>('/quarantine')
    expect(listed.items.map(({ id }) => id).sort()).toEqual(three.toSorted())
    expect(listed.items.find(({ id }) => id === good)).toMatchObject({
      code: 'original-missing',
      times: 1,
      redrives: 0,
      redrivable: true,
      image: { status: 'quarantined' },
    })

    await rename(`${file}.away`, file)
    const dry = await send<StreamRedriven>('POST', '/quarantine/redrive', { all: true, dry_run: true })
    expect(dry.json).toMatchObject({ dry_run: true, left: 0, refused: [] })
    expect((await as.uploaders.image(good)).json.status).toBe('quarantined')

    const { json: done } = await send<StreamRedriven>('POST', '/quarantine/redrive', { ids: three })
    expect(done.redriven.toSorted()).toEqual(three.toSorted())
    expect((await as.uploaders.settled(good)).status).toBe('processed')
    const again = await eventually(
      () => get<StreamQuarantinePage>('/quarantine'),
      ({ items }) => broken.every((id) => items.some((one) => one.id === id && one.times === 2 && one.redrivable)),
    )
    expect(again.items.find(({ id }) => id === good)).toMatchObject({
      redrivable: false,
      why_not: 'It has been processed since.',
      image: { status: 'processed' },
    })
  })

  it('keeps what has come back three times, and drops what was discarded from the list', async () => {
    const id = await uploadBroken()
    await as.uploaders.settled(id)
    for (let times = 2; times <= 4; times += 1) {
      await send('POST', '/quarantine/redrive', { ids: [id] })
      await eventually(
        () => get<StreamQuarantinePage>('/quarantine'),
        ({ items }) => items.some((one) => one.id === id && one.times === times && one.image?.status === 'quarantined'),
      )
    }
    const { json } = await send<StreamRedriven>('POST', '/quarantine/redrive', { ids: [id] })
    expect(json.redriven).toEqual([])
    expect(json.refused[0]?.why).toContain('come back 3 times')

    const discarded = await send<{ receipts: { positions: string[] }[] }>('POST', '/quarantine/discard', { ids: [id] })
    expect(discarded.json.receipts[0]?.positions).toHaveLength(4)
    expect((await get<StreamQuarantinePage>('/quarantine')).items.map((one) => one.id)).not.toContain(id)
    // The image is still its owner's.
    expect((await as.uploaders.image(id)).json.status).toBe('quarantined')
  })

  it('does not send back what names no image', async () => {
    await produce(platform.config.urls.kafka, topics.images.name, [{ key: 'x', value: 'no event' }])
    const { items } = await eventually(
      () => get<StreamQuarantinePage>('/quarantine?code=malformed-event'),
      (page) => page.items.length === 1,
    )
    expect(items[0]).toMatchObject({ redrivable: false, reason: expect.stringContaining('not {"timestamp"') })
    const { json } = await send<StreamRedriven>('POST', '/quarantine/redrive', { code: 'malformed-event' })
    expect(json.redriven).toEqual([])
  })
})

describe('a reset', () => {
  const path = `/groups/${processTrigger.consumerGroup}/reset`
  const hourAgo = (): StreamReset => ({
    topic: 'images',
    to: 'timestamp',
    timestamp: new Date(Date.now() - 3_600_000).toISOString(),
  })

  it('to one hour ago delivers every record again, and nothing is made twice', async () => {
    await eventually(lag, (now) => now === 0)
    const before = await as.uploaders.all()
    const { json: preview } = await send<StreamResetDone>('POST', path, { ...hourAgo(), dry_run: true })
    expect(preview.again).toBeGreaterThan(10)
    expect(preview).toMatchObject({ dry_run: true, skipped: 0, trigger: 'process' })
    expect(await lag()).toBe(0)

    const { json, status } = await send<StreamResetDone>('POST', path, hourAgo())
    expect(status).toBe(200)
    expect(json.again).toBe(preview.again)
    await eventually(triggerState, (state) => state === 'Enabled')
    await eventually(lag, (now) => now === 0)
    const counters = await get<StreamGroup>(`/groups/${processTrigger.consumerGroup}`)
    expect(counters.state).toBe('Stable')

    // The links are signed anew each time; all that is kept of an image is the same, times included.
    const kept = (images: Awaited<ReturnType<Api['all']>>) =>
      images.map(({ original_url: _url, renditions, ...image }) => ({
        ...image,
        renditions: renditions.map(({ url: _link, ...rendition }) => rendition),
      }))
    expect(kept(await as.uploaders.all())).toEqual(kept(before))
  })

  it('is refused with a clear error where it asks for nothing that could be', async () => {
    const refused = async (reset: object, api = as.engineers) => {
      const { status, json } = await send('POST', path, reset, api)
      return [status, json.code]
    }
    expect(await refused({ topic: 'nowhere', to: 'earliest' })).toEqual([404, 'unknown-topic'])
    expect(await refused({ topic: 'images', to: 'offset' })).toEqual([400, 'offset-missing'])
    expect(await refused({ topic: 'images', to: 'timestamp', timestamp: '2100-01-01T00:00:00Z' })).toEqual([
      400,
      'timestamp-in-future',
    ])
    expect(await refused({ topic: 'images', to: 'latest', partitions: [99] })).toEqual([400, 'unknown-partition'])
    expect(await lag()).toBe(0)
    expect(await triggerState()).toBe('Enabled')
  })
})

describe('messages', () => {
  it('are found by partition, offset, time and text, each with the status of its image', async () => {
    const id = await upload()
    await as.uploaders.settled(id)
    const { items } = await get<StreamMessagePage>(`/topics/images/messages?search=${id}`)
    expect(items).toHaveLength(1)
    const [message] = items
    expect(message).toMatchObject({ key: id, encoding: 'text', image: { id, status: 'processed' } })
    expect(JSON.parse(message?.value ?? '')).toEqual({
      timestamp: expect.any(Number),
      image_path: expect.stringContaining(id),
    })
    const at = `partition=${message?.partition}&offset=${message?.offset}&limit=1`
    expect((await get<StreamMessagePage>(`/topics/images/messages?${at}`)).items).toEqual(items)
    const from = new Date(Date.parse(message?.timestamp ?? '')).toISOString()
    expect((await get<StreamMessagePage>(`/topics/images/messages?from=${from}`)).items).toContainEqual(message)
    await as.uploaders.erase(id)
    expect((await get<StreamMessagePage>(`/topics/images/messages?${at}`)).items[0]?.image).toEqual({
      id,
      status: 'gone',
    })
  })
})

describe('people', () => {
  it('without a role are refused, viewers look and change nothing, operators do not change topics', async () => {
    const change = { set: { 'retention.ms': '3600000' } }
    expect((await as.uploaders.call('GET', '/stream')).status).toBe(403)
    expect((await apiClient(platform.url).call('GET', '/stream')).status).toBe(401)
    expect((await as.viewers.call('GET', '/stream')).json).toMatchObject({ role: 'viewer' })
    for (const [path, body] of [
      ['/triggers/process', { enabled: false }],
      ['/quarantine/redrive', { all: true }],
      [`/groups/${processTrigger.consumerGroup}/reset`, { topic: 'images', to: 'earliest' }],
    ] as const) {
      expect((await send('POST', path, body, as.viewers)).status).toBe(403)
      expect((await send('POST', path, body, as.uploaders)).status).toBe(403)
    }
    expect((await send('PATCH', '/topics/images', change, as.operators)).json).toMatchObject({
      status: 403,
      code: 'role-missing',
    })
    expect(await triggerState()).toBe('Enabled')
    expect(await lag()).toBe(0)
  })
})

describe('a broker that goes away', () => {
  it('is said so, and the console goes on by itself when it is back', async () => {
    const pid = Number(await readFile(join(platform.home, 'pids', 'kafka.pid'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    const away = await as.engineers.call<Problem>('GET', '/stream')
    expect([away.status, away.json.code]).toEqual([503, 'stream-unavailable'])
    const back = await eventually(
      () => as.engineers.call<StreamOverview>('GET', '/stream'),
      ({ status }) => status === 200,
      60_000,
    )
    expect(back.json.offline).toBe(0)
  })
})
