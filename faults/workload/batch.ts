/** Many images at once: announced in one request, sent one by one, completed in one request. */
import pMap from 'p-map'
import { settled, untilAnswered } from './answers.ts'
import type { Client } from './client.ts'
import { note, type Upload } from './history.ts'
import type { UploadPlan } from './plan.ts'

export type BatchItem = { readonly upload: Upload; readonly plan: UploadPlan }

type Ticket = { readonly id: string; readonly url: string; readonly headers: Record<string, string> }
/** `sent`: S3 has said that it is there. */
type Ticketed = BatchItem & { readonly ticket: Ticket; sent: boolean }
type Outcome = { readonly id: string; readonly accepted?: { id: string }; readonly problem?: { status: number } }

const sentAtOnce = 4
const uploadsOf = (items: readonly BatchItem[]) => items.map(({ upload }) => upload)
const isOpen = ({ upload }: BatchItem) => upload.acknowledged.size === 0

/** Uploads until all are acknowledged or refused for good, or the client gives up. Tickets hold over all attempts. */
export async function carryOutBatch(client: Client, items: readonly BatchItem[]): Promise<void> {
  let tickets: Ticketed[] | undefined
  await untilAnswered(uploadsOf(items), async () => {
    tickets ??= await announce(client, items)
    if (!tickets) return uploadsOf(items).every(({ refused }) => refused)
    const open = tickets.filter(isOpen)
    await pMap(
      open.filter(({ sent }) => !sent),
      (ticketed) => send(client, ticketed),
      { concurrency: sentAtOnce },
    )
    return complete(client, open)
  })
  const accepted = tickets?.filter((ticketed) => ticketed.plan.repeat && !isOpen(ticketed)) ?? []
  if (accepted.length === 0) return
  for (const { upload } of accepted) note(upload, 'repeats what was acknowledged')
  await untilAnswered(uploadsOf(accepted), () => complete(client, accepted))
}

/** @returns undefined where there is no answer, or a refusal. What was reserved unheard ends after a day. */
async function announce(client: Client, items: readonly BatchItem[]): Promise<Ticketed[] | undefined> {
  const images = items.map(({ upload, plan: { sample, announced } }) => ({
    content_type: sample.contentType,
    bytes: sample.bytes.byteLength,
    ...(announced && { sha256: upload.sha256 }),
  }))
  const answer = await client.send(uploadsOf(items), 'POST', '/batches', jsonOf({ images }))
  if (answer?.status !== 201) {
    for (const { upload } of items) settled(upload, answer)
    return undefined
  }
  const { uploads } = answer.json as { uploads: Ticket[] }
  return items.flatMap((item, n) => {
    const ticket = uploads[n]
    if (!ticket) return []
    item.upload.begun.add(ticket.id)
    return { ...item, ticket, sent: false }
  })
}

async function send(client: Client, ticketed: Ticketed): Promise<void> {
  const { upload, plan, ticket } = ticketed
  const { url, headers } = ticket
  const status = await client.store(upload, { method: 'PUT', url, headers, body: new Uint8Array(plan.sample.bytes) })
  // 412: an attempt that was not answered had been carried out.
  ticketed.sent = status !== undefined && (status < 300 || status === 412)
  if (status === undefined) upload.unanswered = true
}

/** Names all of them, also what may not have arrived: each image has an outcome of its own. */
async function complete(client: Client, tickets: readonly Ticketed[]): Promise<boolean> {
  const ids = tickets.map(({ ticket }) => ticket.id)
  const answer = await client.send(uploadsOf(tickets), 'POST', '/batches/complete', jsonOf({ ids }))
  const { images = [] } = (answer?.json ?? {}) as { images?: Outcome[] }
  const outcomes = new Map(images.map((outcome) => [outcome.id, outcome]))
  const final = tickets.map(({ upload, ticket, sent }) => {
    if (answer?.status !== 200) return settled(upload, answer, sent)
    const { accepted, problem } = outcomes.get(ticket.id) ?? {}
    const own = accepted
      ? { status: 202, json: accepted }
      : { status: problem?.status ?? 0, json: { ...problem, code: problemCode(problem) } }
    note(upload, `in the batch's answer: ${own.status} ${accepted?.id ?? problemCode(problem)}`)
    return settled(upload, own, sent)
  })
  return final.every(Boolean)
}

const problemCode = (problem: object | undefined): string =>
  problem ? String((problem as { code?: unknown }).code) : 'left out'

const jsonOf = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
