/** Sends words that occur nowhere else through every part of a platform, in names, pixels and metadata. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { BatchOutcome, BatchTickets } from '../../../contract/batch-schemas.ts'
import type { ImageView, UploadTicket } from '../../../contract/schemas.ts'
import type { StreamQuarantinePage, StreamRedriven } from '../../../contract/stream-work-schemas.ts'
import { createS3Client } from '../../../local/services/s3.ts'
import { poll } from '../../../local/supervisor/poll.ts'
import { buckets, resourceName } from '../../../platform.ts'
import { type Api, apiClient } from '../api.ts'
import type { Platform } from '../platform.ts'
import { jpegWith, pngWith, webpWith } from './images.ts'
import { type Sought, sought } from './sought.ts'

const minute = 60_000
const jsonBody = (body: object) => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

export type Planted = {
  readonly api: Api
  readonly engineer: Api
  /** Goes with the first purge after its term. */
  readonly due: Sought
  /** Outlives its term by a legal hold of thirty days. */
  readonly held: Sought
  /** Its owner has erased it, and no purge has run. */
  readonly erased: Sought
}

/** Sends the canary by every way in, and to every place where something may stay. */
export async function plant(platform: Platform): Promise<Planted> {
  const api = apiClient(platform.url, await platform.token('uploaders'))
  const engineer = apiClient(platform.url, await platform.token('engineers'))
  const planted = { api, engineer, due: sought('due'), held: sought('held'), erased: sought('erased') }
  const { due, held, erased } = planted
  await sendEveryWay(api, due)
  await sendOne(api, held)
  await sendOne(api, erased)
  for (const one of [due, held, erased]) await settle(api, one)
  await again(planted)
  for (const one of [due, held, erased]) await openEverything(api, one)
  await abandonUploads(api, due)
  await keepCopyOfFailure(platform, due)
  await share(api, due)

  const [id = ''] = held.ids
  const until = new Date(Date.now() + 30 * 24 * 60 * minute).toISOString()
  const hold = await engineer.call('PUT', `/retention/holds/${id}`, jsonBody({ why: 'case 4711', until }))
  expect(hold.status, JSON.stringify(hold.json)).toBe(200)
  for (const own of erased.ids) expect((await api.erase(own)).status).toBe(200)
  return planted
}

const named = ({ words }: Sought) => ({ 'x-file-name': `${words.name}.jpg` })

async function sendEveryWay(api: Api, { words, files, ids }: Sought): Promise<void> {
  const [jpeg, png, webp] = [await jpegWith(words.inside), await pngWith(words.inside), await webpWith(words.inside)]
  const batched = await jpegWith(`${words.inside} in a batch`)
  for (const [kind, bytes] of Object.entries({ jpeg, png, webp, batched })) files.set(`bytes of ${kind}`, bytes)
  const name = { 'x-file-name': `${words.name}.jpg` }
  const sent = [
    await api.upload(jpeg, 'image/jpeg', { ...name, 'idempotency-key': words.key }),
    await api.upload(png, 'image/png', name),
    await api.uploadPresigned(webp, 'image/webp'),
    // Cut in the midst of its pixels: goes to quarantine.
    await api.upload(jpeg.subarray(0, -4000), 'image/jpeg', name),
  ]
  for (const { status, json } of sent) {
    expect(status).toBe(202)
    ids.push(json.id)
  }
  ids.push(await sendBatch(api, words.name, batched))
}

async function sendOne(api: Api, one: Sought): Promise<void> {
  const jpeg = await jpegWith(one.words.inside)
  one.files.set(`bytes of what is ${one.kind}`, jpeg)
  const { status, json } = await api.upload(jpeg, 'image/jpeg', named(one))
  expect(status).toBe(202)
  one.ids.push(json.id)
}

/** Two announced, one of them sent. @returns the id of the other's neighbour, which has arrived */
async function sendBatch(api: Api, name: string, bytes: Buffer): Promise<string> {
  const announced = { content_type: 'image/jpeg', bytes: bytes.byteLength, name: `${name}.jpg` }
  const { json } = await api.call<BatchTickets>('POST', '/batches', jsonBody({ images: [announced] }))
  const [ticket] = json.uploads
  if (!ticket) throw new Error('The batch has no tickets')
  const body = bytes as Uint8Array<ArrayBuffer>
  expect((await fetch(ticket.url, { method: 'PUT', body, headers: ticket.headers })).status).toBe(200)
  const { json: outcome } = await api.call<BatchOutcome>('POST', '/batches/complete', jsonBody({ ids: [ticket.id] }))
  expect(outcome.images[0]?.accepted?.id).toBe(ticket.id)
  return ticket.id
}

async function settle(api: Api, one: Sought): Promise<void> {
  one.images = await Promise.all(one.ids.map((id) => api.settled(id, 2 * minute)))
}

/** As engineers do: a quarantined image is sent back and fails again, a processed one is processed anew. */
async function again({ api, engineer, due }: Planted): Promise<void> {
  const [processed] = due.images.filter(({ status }) => status === 'processed')
  const [broken] = due.images.filter(({ status }) => status === 'quarantined')
  if (!processed || !broken) throw new Error('The canary was not processed as it should have been')

  const sent = await engineer.call<StreamRedriven>('POST', '/stream/quarantine/redrive', jsonBody({ ids: [broken.id] }))
  expect(sent.json).toMatchObject({ redriven: [broken.id], refused: [] })
  await poll(
    async () => {
      const { json } = await engineer.call<StreamQuarantinePage>('GET', '/stream/quarantine')
      expect(json.items.find(({ id }) => id === broken.id)).toMatchObject({ times: 2, redrives: 1 })
    },
    { limitMs: 2 * minute, everyMs: 250 },
  )
  const reprocessed = await engineer.call('POST', `/stream/images/${processed.id}/reprocess`, jsonBody({}))
  expect(reprocessed.json).toMatchObject({ dry_run: false, way: 'again' })
  await engineer.call('POST', '/stream/thumbnails', jsonBody({ ids: due.ids }))
  await settle(api, due)
  expect(processedAt(due.images.find(({ id }) => id === processed.id))).toBeGreaterThan(processedAt(processed))
}

const processedAt = (image: ImageView | undefined): number =>
  Date.parse(image?.timeline.findLast(({ status }) => status === 'processed')?.at ?? '')

/** Opens every rendition by its link, so that whoever serves it has had it in hand. */
async function openEverything(api: Api, one: Sought): Promise<void> {
  await settle(api, one)
  for (const { renditions } of one.images) {
    for (const { name, url } of renditions) {
      if (!url) continue
      one.links.push(url)
      one.files.set(`rendition ${name} ${one.links.length}`, Buffer.from(await (await fetch(url)).arrayBuffer()))
    }
  }
}

/** One whose bytes arrive and that is never completed, one in parts and one of a batch of which nothing arrives. */
async function abandonUploads(api: Api, { words, files, ids }: Sought): Promise<void> {
  const png = files.get('bytes of png')
  if (!png) throw new Error('The canary has no PNG')
  const announced = { content_type: 'image/png', bytes: png.byteLength, name: `${words.name}.png` }
  const { json } = await api.call<UploadTicket>('POST', '/uploads', jsonBody(announced))
  const form = new FormData()
  for (const [name, value] of Object.entries(json.fields)) form.set(name, value)
  form.set('file', new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }))
  expect((await fetch(json.url, { method: 'POST', body: form })).ok).toBe(true)
  const parts = await api.call<{ id: string }>('POST', '/uploads/multipart', jsonBody(announced))
  expect(parts.status).toBe(201)
  const batch = await api.call<BatchTickets>('POST', '/batches', jsonBody({ images: [announced] }))
  expect(batch.status).toBe(201)
  ids.push(json.id, parts.json.id, ...batch.json.uploads.map(({ id }) => id))
}

/** As the trigger writes it when it gives a batch up: the whole event. */
async function keepCopyOfFailure({ config }: Platform, { words, images }: Sought): Promise<void> {
  const s3 = createS3Client(config)
  await s3.send(
    new PutObjectCommand({
      Bucket: resourceName(config.environment, buckets.failures.name),
      Key: 'aws/lambda/async/canary.json',
      Body: JSON.stringify({ payload: images.map(({ image_path }) => image_path), of: words.inside }),
    }),
  )
  s3.destroy()
}

/** A link for everybody, opened once. */
async function share(api: Api, { ids, links }: Sought): Promise<void> {
  const body = jsonBody({ rendition: 'thumb', seconds: 3600 })
  const { status, json } = await api.call<{ url: string }>('POST', `/images/${ids[0]}/links`, body)
  expect(status, JSON.stringify(json)).toBe(201)
  await (await fetch(json.url)).arrayBuffer()
  links.push(json.url)
}
