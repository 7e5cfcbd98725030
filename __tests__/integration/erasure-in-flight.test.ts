/**
 * Erasure on request wherever an image may be on its way, on the whole running platform: whatever is still going on,
 * nothing comes back, and each erasure has a receipt.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { receiptPage } from '../../contract/receipts.ts'
import type { Erasure, UploadTicket } from '../../contract/schemas.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { sha256Hex } from '../../functions/shared/receipts/form.ts'
import { createS3Client } from '../../local/services/s3.ts'
import { buckets, resourceName } from '../../platform.ts'
import { type Api, apiClient } from '../support/api.ts'
import { jpegWith } from '../support/canary/images.ts'
import { sharedPlatform } from '../support/platform.ts'

const platform = sharedPlatform()
const { config } = platform
const lake = createLake(createS3Client(config), resourceName(config.environment, buckets.lake.name))
const json = { 'content-type': 'application/json' }
let api: Api
let engineer: Api
let photo: Buffer

beforeAll(async () => {
  api = apiClient(platform.url, await platform.token('uploaders'))
  engineer = apiClient(platform.url, await platform.token('engineers'))
  photo = await jpegWith('in flight')
})

/** Erases it, and finds nothing of it and the receipt that the answer names. */
async function eraseAndLook(id: string, path: string): Promise<void> {
  const answer = await api.call<Erasure>('DELETE', `/images/${id}`)
  expect(answer.status, JSON.stringify(answer.json)).toBe(200)
  const prefix = path.slice(1, path.lastIndexOf('/') + 1)
  const date = /date=([\d-]+)/.exec(path)?.[1]
  await becomesEmpty(() => lake.isEmpty(prefix))
  await becomesEmpty(() => lake.isKeyEmpty(`metadata/date=${date}/${id}.json`))
  expect((await api.image(id)).status).toBe(404)
  const { number = 0, sha256 } = answer.json.receipt ?? {}
  const page = receiptPage.parse((await engineer.call('GET', `/retention/receipts?after=${number - 1}&limit=1`)).json)
  expect(sha256Hex(page.items[0]?.content ?? '')).toBe(sha256)
  expect(page.items[0]?.content).not.toContain(id)
}

/** What another part may still do with it leads to nothing. */
async function staysGone(id: string, path: string): Promise<void> {
  const other = await api.upload(photo, 'image/jpeg')
  // Behind it in the stream: when this one is settled, whatever was before it has been dealt with.
  await api.settled(other.json.id)
  expect((await api.image(id)).status).toBe(404)
  await becomesEmpty(() => lake.isEmpty(path.slice(1, path.lastIndexOf('/') + 1)))
}

/** A processor that was at work may write once more; then it sees that the image is gone, and takes that away itself. */
const becomesEmpty = (isEmpty: () => Promise<boolean>) => expect.poll(isEmpty, { timeout: 10_000 }).toBe(true)

const start = (headers: Record<string, string> = {}) =>
  api.call<UploadTicket>('POST', '/uploads', {
    body: JSON.stringify({ content_type: 'image/jpeg', bytes: photo.byteLength }),
    headers: { ...json, ...headers },
  })

async function send({ url, fields }: UploadTicket): Promise<number> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([photo as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }))
  return (await fetch(url, { method: 'POST', body: form })).status
}

const pathOf = ({ fields }: UploadTicket): string => `/${fields.key}`

describe('an image can be erased', () => {
  it('right after its upload: its event is in Kafka, or on its way there, or being processed', async () => {
    for (let n = 0; n < 5; n += 1) {
      const { json: accepted } = await api.upload(photo, 'image/jpeg')
      await eraseAndLook(accepted.id, accepted.image_path)
      await staysGone(accepted.id, accepted.image_path)
    }
  })

  it('when it has been processed', async () => {
    const { json: accepted } = await api.upload(photo, 'image/jpeg')
    await api.settled(accepted.id)
    await eraseAndLook(accepted.id, accepted.image_path)
  })

  it('while it is in quarantine', async () => {
    const { json: accepted } = await api.upload(photo.subarray(0, -3000), 'image/jpeg')
    expect((await api.settled(accepted.id)).status).toBe('quarantined')
    await eraseAndLook(accepted.id, accepted.image_path)
    await staysGone(accepted.id, accepted.image_path)
  })

  it('while its presigned upload has not begun, and cannot be completed any more', async () => {
    const { json: ticket } = await start()
    await eraseAndLook(ticket.id, pathOf(ticket))
    expect((await api.call('POST', `/uploads/${ticket.id}/complete`)).status).toBe(404)
  })

  it('when its bytes have arrived and nobody has completed it', async () => {
    const { json: ticket } = await start()
    expect(await send(ticket)).toBeLessThan(300)
    await eraseAndLook(ticket.id, pathOf(ticket))
    expect((await api.call('POST', `/uploads/${ticket.id}/complete`)).status).toBe(404)
    await staysGone(ticket.id, pathOf(ticket))
  })

  it('while somebody completes it at the same moment: one of them wins, and nothing is left', async () => {
    const { json: ticket } = await start()
    await send(ticket)
    const [erased, completed] = await Promise.all([
      api.erase(ticket.id),
      api.call('POST', `/uploads/${ticket.id}/complete`),
    ])
    expect(erased.status).toBe(200)
    expect([202, 404]).toContain(completed.status)
    await staysGone(ticket.id, pathOf(ticket))
  })

  it('while its parts arrive', async () => {
    const body = JSON.stringify({ content_type: 'image/jpeg', bytes: photo.byteLength })
    const { json: upload } = await api.call<{ id: string; parts: { url?: string }[] }>('POST', '/uploads/multipart', {
      body,
      headers: json,
    })
    const [part] = upload.parts
    const sent = await fetch(part?.url ?? '', { method: 'PUT', body: photo as Uint8Array<ArrayBuffer> })
    expect(sent.status).toBe(200)
    const path = `${new URL(part?.url ?? '').pathname}`.replace(/^\/[^/]+/, '')
    await eraseAndLook(upload.id, decodeURIComponent(path))
  })
})
