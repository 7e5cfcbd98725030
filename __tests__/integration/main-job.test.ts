/** The main job against the running platform: upload, event, processing, query, erasure. */
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { image as imageSchema } from '../../contract/schemas.ts'
import { topics } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'
import { readTopic } from '../support/topic.ts'

const platform = sharedPlatform()
let api: Api

/** A picture that no other test uploads: noise does not compress, so its size follows from its sides. */
const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: 'white', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  })

beforeAll(async () => {
  api = apiClient(platform.url, await platform.token('uploaders'))
})

describe('an uploaded photograph', () => {
  it('is processed within two seconds, with at least three renditions whose links open', async () => {
    const { status, json } = await api.upload(await noise(1600, 1200).jpeg().toBuffer(), 'image/jpeg')
    expect(status).toBe(202)
    expect(json.status_url).toBe(`${platform.url}/images/${json.id}`)
    const done = await api.settled(json.id, 2_000)
    expect(done.status).toBe('processed')
    expect(imageSchema.parse(done)).toEqual(done)
    expect(done.renditions.length).toBeGreaterThanOrEqual(3)
    for (const rendition of done.renditions) {
      const response = await fetch(rendition.url ?? '')
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe(rendition.content_type)
      const { width, height } = await sharp(await response.arrayBuffer()).metadata()
      expect({ width, height }).toEqual({ width: rendition.width, height: rendition.height })
    }
  })

  it('is acknowledged with its path, and the topic holds exactly the JSON of the event at its place', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { json } = await api.upload(await noise(64, 64).png().toBuffer(), 'image/png')
    const { event } = await api.settled(json.id)
    const records = await readTopic(platform.config.urls.kafka, topics.images.name)
    const record = records.find(({ partition, offset }) => partition === event?.partition && offset === event?.offset)
    expect(record?.key).toBe(json.id)
    const value = JSON.parse(record?.value ?? '')
    expect(value).toEqual({ timestamp: expect.any(Number), image_path: json.image_path })
    expect(value.timestamp - before).toBeLessThanOrEqual(5)
    expect(value.timestamp - before).toBeGreaterThanOrEqual(0)
  })

  it('is stored once when the request is repeated under the same Idempotency-Key', async () => {
    const body = await noise(64, 64).jpeg().toBuffer()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const answers = await Promise.all([1, 2, 3].map(() => api.upload(body, 'image/jpeg', headers)))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
    const other = await api.upload(await noise(65, 64).jpeg().toBuffer(), 'image/jpeg', headers)
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency-key-reused' } })
  })

  it('names its duplicates', async () => {
    const body = await noise(64, 64).jpeg().toBuffer()
    const first = await api.upload(body, 'image/jpeg')
    const second = await api.upload(body, 'image/jpeg')
    await expect
      .poll(async () => (await api.image(second.json.id)).json.duplicates, { timeout: 5_000 })
      .toEqual([first.json.id])
  })

  it('disappears when its owner erases it, and its links stop working', async () => {
    const { json } = await api.upload(await noise(128, 128).jpeg().toBuffer(), 'image/jpeg')
    const { renditions, original_url } = await api.settled(json.id)
    const { status, json: erasure } = await api.erase(json.id)
    expect(status).toBe(200)
    // The original, its renditions and the metadata file, one version each.
    expect(erasure).toMatchObject({ status: 'purged', versions: renditions.length + 2 })
    expect((await api.image(json.id)).status).toBe(404)
    expect((await fetch(original_url ?? '')).status).toBe(404)
    expect((await api.erase(json.id)).status).toBe(404)
    expect((await api.all()).map(({ id }) => id)).not.toContain(json.id)
  })
})

describe('a file above the direct limit', () => {
  it('goes by presigned POST and completion, and is processed', async () => {
    const body = await noise(2600, 2000).png({ compressionLevel: 1 }).toBuffer()
    expect(body.byteLength).toBeGreaterThan(4 * 1024 * 1024)
    const { status, json } = await api.uploadPresigned(body, 'image/png')
    expect(status).toBe(202)
    expect((await api.settled(json.id)).status).toBe('processed')
    expect(await api.call('POST', `/uploads/${json.id}/complete`)).toMatchObject({ status: 202, json: { id: json.id } })
  })

  it('is refused at once as a direct upload, with the way to go', async () => {
    const { status, json } = await api.upload(Buffer.alloc(5 * 1024 * 1024, 1), 'image/jpeg')
    expect(status).toBe(413)
    expect(json.hint).toContain('/uploads')
  })
})

describe('a broken photograph', () => {
  it('is accepted, then quarantined with the reason', async () => {
    const whole = await noise(800, 600).jpeg().toBuffer()
    const { status, json } = await api.upload(whole.subarray(0, whole.byteLength / 2), 'image/jpeg')
    expect(status).toBe(202)
    const view = await api.settled(json.id)
    expect(view).toMatchObject({ status: 'quarantined', reason: { code: 'truncated' } })
    const quarantined = await readTopic(platform.config.urls.kafka, topics.quarantine.name)
    expect(quarantined.map(({ key }) => key)).toContain(json.id)
  })
})

describe('people', () => {
  it.each(['engineers', 'analysts'] as const)('in %s cannot upload', async (group) => {
    const { status, json } = await apiClient(platform.url, await platform.token(group)).upload(
      await noise(8, 8).png().toBuffer(),
      'image/png',
    )
    expect(status).toBe(403)
    expect(json.code).toBe('insufficient-scope')
  })
})
