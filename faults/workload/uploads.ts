/** What clients do in a fault run: upload, try again, repeat, erase. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Answer, Client, Maybe } from './client.ts'
import { note, type Upload } from './history.ts'
import { type Sample, sha256Of, unique } from './images.ts'

/** A client gives up after so many attempts; its upload is then indeterminate. */
const attempts = 8
const pauseMs = { first: 150, most: 2_000 }

export type UploadPlan = {
  readonly sample: Sample
  readonly way: Upload['way']
  readonly withKey: boolean
  /** Sends the whole request once more under its key after it has been acknowledged. */
  readonly repeat: boolean
  readonly erase: 'no' | 'at-once' | 'later'
}

/** Draws what the next client does. */
export function planUpload(random: Random, samples: readonly Sample[]): UploadPlan {
  const sample = random.pick(samples)
  const withKey = random.chance(0.6)
  const erase = random.chance(0.15) ? (random.chance(0.4) ? 'at-once' : 'later') : 'no'
  const repeat = withKey && random.chance(0.3)
  return {
    sample: random.chance(0.8) ? unique(sample) : sample,
    way: random.chance(0.25) ? 'presigned' : 'direct',
    withKey,
    repeat,
    erase,
  }
}

export function newUpload(number: number, { sample, way, withKey }: UploadPlan): Upload {
  return {
    number,
    way,
    source: sample.source,
    expect: sample.expect,
    sha256: sha256Of(sample.bytes),
    key: withKey ? randomUUID() : undefined,
    events: [],
    acknowledged: new Set(),
    begun: new Set(),
    unanswered: false,
    erased: 'no',
    aged: false,
  }
}

/** Uploads until it is acknowledged, or refused for good, or the client gives up. */
export async function carryOut(client: Client, upload: Upload, plan: UploadPlan): Promise<void> {
  const once = plan.way === 'direct' ? direct : presigned
  await untilAnswered(upload, () => once(client, upload, plan.sample))
  if (!plan.repeat || upload.acknowledged.size === 0) return
  note(upload, 'repeats the request under its key')
  await untilAnswered(upload, () => (plan.way === 'direct' ? direct : completed)(client, upload, plan.sample))
}

/** @param attempt answers whether there is nothing more to try */
async function untilAnswered(upload: Upload, attempt: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < attempts; n += 1) {
    if (n > 0) await pause(Math.min(pauseMs.first * 2 ** n, pauseMs.most))
    if (await attempt()) return
  }
  note(upload, 'gives up')
}

const headersOf = (upload: Upload): Record<string, string> => (upload.key ? { 'idempotency-key': upload.key } : {})

async function direct(client: Client, upload: Upload, { bytes, contentType }: Sample): Promise<boolean> {
  const headers = { 'content-type': contentType, 'x-file-name': `${upload.source}.bin`, ...headersOf(upload) }
  return settled(upload, await client.send(upload, 'POST', '/images', { body: new Uint8Array(bytes), headers }))
}

/** Every attempt without a key begins anew: only what the last one completes is acknowledged. */
async function presigned(client: Client, upload: Upload, sample: Sample): Promise<boolean> {
  const body = JSON.stringify({ content_type: sample.contentType, bytes: sample.bytes.byteLength })
  const headers = { 'content-type': 'application/json', ...headersOf(upload) }
  const ticket = await client.send(upload, 'POST', '/uploads', { body, headers })
  if (ticket?.status === 409 && upload.begun.size > 0) return completed(client, upload)
  if (ticket?.status !== 201) return settled(upload, ticket)
  const { id, url, fields } = ticket.json as { id: string; url: string; fields: Record<string, string> }
  upload.begun.add(id)
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([new Uint8Array(sample.bytes)], { type: sample.contentType }))
  const status = await client.post(upload, url, form)
  if (status === undefined || status >= 300) return false
  return completed(client, upload)
}

async function completed(client: Client, upload: Upload): Promise<boolean> {
  const id = [...upload.begun].at(-1)
  return settled(upload, await client.send(upload, 'POST', `/uploads/${id}/complete`))
}

/** Takes down what an answer says. @returns whether it is final */
function settled(upload: Upload, answer: Maybe<Answer>): boolean {
  if (answer === undefined) {
    upload.unanswered = true
    return false
  }
  if (answer.status === 202) {
    upload.acknowledged.add(String(answer.json.id))
    return true
  }
  // The function may have done its work and died before it could say so.
  if (answer.status >= 500) upload.unanswered = true
  return answer.status >= 400 && answer.status < 500 && answer.status !== 409 && answer.status !== 429
}

/** Asks until the platform says that it is gone. */
export async function erase(client: Client, upload: Upload): Promise<void> {
  const [id] = upload.acknowledged
  for (let n = 0; n < attempts; n += 1) {
    if (n > 0) await pause(Math.min(pauseMs.first * 2 ** n, pauseMs.most))
    const answer = await client.send(upload, 'DELETE', `/images/${id}`)
    const before = upload.erased
    upload.erased = 'asked'
    if (answer?.status === 200) {
      upload.erased = 'told'
      return
    }
    if (answer?.status === 404) {
      // Another attempt, or the purge, was first; otherwise an acknowledged image has vanished, which the check finds.
      upload.erased = before === 'asked' || upload.aged ? 'told' : 'asked'
      if (before === 'no' && !upload.aged) note(upload, 'VANISHED: the first DELETE found no such image')
      return
    }
  }
}
