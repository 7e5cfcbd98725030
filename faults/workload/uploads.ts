/** What clients do in a fault run with one image: upload, try again, repeat, erase. */
import { attempts, pauseBefore, settled, untilAnswered } from './answers.ts'
import type { Client } from './client.ts'
import { note, type Upload, vanished } from './history.ts'
import type { Sample } from './images.ts'
import { sendParts } from './parts.ts'
import type { UploadPlan } from './plan.ts'

type SingleWay = Exclude<Upload['way'], 'batch'>
type Attempt = (client: Client, upload: Upload, plan: UploadPlan) => Promise<boolean>

/** Uploads until it is acknowledged, or refused for good, or the client gives up. */
export async function carryOut(client: Client, upload: Upload, plan: UploadPlan & { way: SingleWay }): Promise<void> {
  await untilAnswered([upload], () => first[plan.way](client, upload, plan))
  if (!plan.repeat || upload.acknowledged.size === 0) return
  note(upload, 'repeats what was acknowledged')
  await untilAnswered([upload], () => again[plan.way](client, upload, plan))
}

const headersOf = (upload: Upload): Record<string, string> => (upload.key ? { 'idempotency-key': upload.key } : {})

const direct: Attempt = async (client, upload, { sample: { bytes, contentType } }) => {
  const headers = { 'content-type': contentType, 'x-file-name': `${upload.source}.bin`, ...headersOf(upload) }
  return settled(upload, await client.send([upload], 'POST', '/images', { body: new Uint8Array(bytes), headers }))
}

/** Every attempt without a key begins anew: only what the last one completes is acknowledged. */
const presigned: Attempt = async (client, upload, plan) => {
  const ticket = await client.send([upload], 'POST', '/uploads', announcementOf(upload, plan))
  if (ticket?.status === 409 && upload.begun.size > 0) return completed(client, upload)
  if (ticket?.status !== 201) return settled(upload, ticket)
  const { id, url, fields } = ticket.json as { id: string; url: string; fields: Record<string, string> }
  upload.begun.add(id)
  const status = await client.store(upload, { method: 'POST', url, body: formOf(fields, plan.sample) })
  if (status === undefined) {
    // It may have arrived, now or later: asking does no harm.
    upload.unanswered = true
    return completed(client, upload, false)
  }
  return status < 300 && completed(client, upload)
}

function formOf(fields: Record<string, string>, { bytes, contentType }: Sample): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([new Uint8Array(bytes)], { type: contentType }))
  return form
}

/** One upload goes on over all attempts; only where no id was heard of is another one begun. */
const inParts: Attempt = async (client, upload, plan) => {
  const [id] = upload.begun
  const state = id
    ? await client.send([upload], 'GET', `/uploads/${id}/parts`)
    : await client.send([upload], 'POST', '/uploads/multipart', announcementOf(upload, plan))
  if (state?.status !== (id ? 200 : 201)) return settled(upload, state)
  upload.begun.add(String(state.json.id))
  return (await sendParts(client, upload, plan.sample, state.json)) && completed(client, upload)
}

function announcementOf(upload: Upload, { sample, announced }: UploadPlan) {
  const { contentType, bytes } = sample
  const sha256 = announced ? { sha256: upload.sha256 } : {}
  return {
    body: JSON.stringify({ content_type: contentType, bytes: bytes.byteLength, ...sha256 }),
    headers: { 'content-type': 'application/json', ...headersOf(upload) },
  }
}

async function completed(client: Client, upload: Upload, certain = true): Promise<boolean> {
  const id = [...upload.begun].at(-1)
  return settled(upload, await client.send([upload], 'POST', `/uploads/${id}/complete`), certain)
}

const complete: Attempt = (client, upload) => completed(client, upload)
const first: Record<SingleWay, Attempt> = { direct, presigned, parts: inParts }
const again: Record<SingleWay, Attempt> = { direct, presigned: complete, parts: complete }

/** Asks until the platform says that it is gone. */
export async function erase(client: Client, upload: Upload): Promise<void> {
  const [id] = upload.acknowledged
  for (let n = 0; n < attempts; n += 1) {
    await pauseBefore(n)
    const answer = await client.send([upload], 'DELETE', `/images/${id}`)
    const before = upload.erased
    upload.erased = 'asked'
    if (answer?.status === 200) {
      upload.erased = 'told'
      return
    }
    if (answer?.status === 404) {
      // Another attempt, or the purge, was first; otherwise an acknowledged image has vanished, which the check finds.
      upload.erased = before === 'asked' || upload.aged ? 'told' : 'asked'
      if (before === 'no' && !upload.aged) note(upload, `${vanished}: the first DELETE found no such image`)
      return
    }
  }
}
