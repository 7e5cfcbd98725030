/** What does not belong in the stream or in an image: a clear end for each, and the next image is processed all the same. */
import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { headerNames } from '../../functions/shared/event.ts'
import { processTrigger, topics } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'
import { lagOf, produce, readTopic } from '../support/topic.ts'

const platform = sharedPlatform()
const brokers = platform.config.urls.kafka
let api: Api

const noise = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })

beforeAll(async () => {
  api = apiClient(platform.url, await platform.token('uploaders'))
})

/** Waits until the trigger has committed all that the topic holds. */
async function drained(): Promise<void> {
  const deadline = performance.now() + 60_000
  while ((await lagOf(brokers, processTrigger.topic, processTrigger.consumerGroup)) > 0) {
    if (performance.now() > deadline) throw new Error('The trigger does not come to the end of the topic')
    await pause(100)
  }
}

describe('a record that no producer of ours wrote', () => {
  const uuid = '7d0f6f0e-5a43-4c4f-9d0a-0f8a8c1f2b3c'
  it.each([
    ['is no JSON', 'hello', 'malformed-event'],
    ['is empty', '', 'malformed-event'],
    ['carries more than an event', `{"timestamp":1,"image_path":"/images/x","more":1}`, 'malformed-event'],
    ['names a file of the machine', '{"timestamp":1652699471,"image_path":"/etc/passwd"}', 'foreign-path'],
    [
      'climbs out of the lake',
      `{"timestamp":1,"image_path":"/images/date=2026-11-23/../../etc/passwd"}`,
      'foreign-path',
    ],
    [
      'names one of our own renditions',
      `{"timestamp":1,"image_path":"/images/date=2026-11-23/${uuid}/thumb.webp"}`,
      'foreign-path',
    ],
  ])('and that %s goes to quarantine with the reason', async (_, value, code) => {
    const key = `bad-${crypto.randomUUID()}`
    await produce(brokers, topics.images.name, [{ key, value }])
    await drained()
    const record = (await readTopic(brokers, topics.quarantine.name)).find((one) => one.key === key)
    expect(record?.value).toBe(value)
    expect(record?.headers[headerNames.reasonCode]).toBe(code)
  })

  it('does not hold up the images behind it', async () => {
    const { json } = await api.upload(await noise(64).jpeg().toBuffer(), 'image/jpeg')
    expect((await api.settled(json.id)).status).toBe('processed')
  })
})

describe('an event for an image that never was', () => {
  it('creates nothing', async () => {
    const id = crypto.randomUUID()
    const value = `{"timestamp":1,"image_path":"/images/date=2026-11-23/${id}/original.jpg"}`
    await produce(brokers, topics.images.name, [{ key: id, value }])
    await drained()
    expect((await api.image(id)).status).toBe(404)
    expect((await readTopic(brokers, topics.quarantine.name)).some(({ key }) => key === id)).toBe(false)
  })
})

describe('an image that claims more pixels than it may', () => {
  it('is quarantined before it is decoded', async () => {
    const bomb = await sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: 'black' } })
      .png({ compressionLevel: 9 })
      .toBuffer()
    const { status, json } = await api.upload(bomb, 'image/png')
    expect(status).toBe(202)
    expect(await api.settled(json.id)).toMatchObject({ status: 'quarantined', reason: { code: 'too-many-pixels' } })
  })
})

describe('an upload', () => {
  it.each([
    ['without a token', {}, 401, 'token-missing'],
    ['with a token that is none', { authorization: 'Bearer a.b.c' }, 401, 'token-invalid'],
  ])('%s is refused and told what to do', async (_, headers, status, code) => {
    const answer = await apiClient(platform.url).upload(await noise(8).png().toBuffer(), 'image/png', headers)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ code, hint: expect.any(String) })
  })

  it.each([
    ['of nothing', new Uint8Array(), 'image/png', 400, 'body-missing'],
    ['of text', Buffer.from('hello world, this is no image at all'), 'image/png', 415, 'not-an-image'],
    ['of a type that is not taken', Buffer.from('<svg/>'), 'image/svg+xml', 415, 'content-type-not-taken'],
  ])('%s is refused and stores nothing', async (_, body, type, status, code) => {
    const before = (await api.all()).length
    const answer = await api.upload(body, type)
    expect([answer.status, answer.json.code]).toEqual([status, code])
    expect((await api.all()).length).toBe(before)
  })

  it('with a lying content type is refused with the true one', async () => {
    const answer = await api.upload(await noise(8).png().toBuffer(), 'image/jpeg')
    expect(answer.json).toMatchObject({
      status: 415,
      code: 'type-mismatch',
      hint: expect.stringContaining('image/png'),
    })
  })

  it('under a name that is a path is refused', async () => {
    const answer = await api.upload(await noise(8).png().toBuffer(), 'image/png', {
      'x-file-name': '..%2F..%2Fetc%2Fpasswd',
    })
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid-file-name' })
  })

  it('that is completed before it was sent is told so', async () => {
    const { json } = await api.call<{ id: string }>('POST', '/uploads', {
      body: JSON.stringify({ content_type: 'image/png', bytes: 100 }),
      headers: { 'content-type': 'application/json' },
    })
    expect(await api.call('POST', `/uploads/${json.id}/complete`)).toMatchObject({
      status: 409,
      json: { code: 'not-arrived' },
    })
  })
})
