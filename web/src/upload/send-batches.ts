/**
 * Many files at once: announced together, each PUT straight to the storage, and completed together (decision 0008). Every
 * file is still sent by itself, with its own attempts, progress and outcome; only the requests about them are shared.
 */
import PQueue from 'p-queue'
import type { BatchOutcome, BatchTickets } from '../../../contract/batch-schemas.ts'
import type { Accepted, UploadRequest } from '../../../contract/schemas.ts'
import { type Api, ApiError } from '../api.ts'
import type { sendBody } from './body.ts'
import { gathered } from './gather.ts'
import type { OutgoingFile, Sender, SendOptions } from './send.ts'
import { storageRefused, storageUnreachable } from './storage-errors.ts'

/** Of the hundred that the platform takes: so the first ones are processed while the others are being sent. */
const windowSize = 20
const gatherMs = { announce: 50, complete: 300 }
/** Bodies at once; browsers open six connections to a host. */
const bodiesAtOnce = 4

type Ticket = BatchTickets['uploads'][number]
type Held = Ticket & { arrived: boolean }
type Outcome = BatchOutcome['images'][number]

export type BatchSenderParts = {
  readonly api: Pick<Api, 'startBatch' | 'completeBatch' | 'abortUpload'>
  readonly put: typeof sendBody
  /** The way of a file by itself. */
  readonly alone: Sender
}

/** @returns a sender that takes files with `inBatch` by batches, and the others by themselves */
export function createBatchSender({ api, put, alone }: BatchSenderParts): Sender {
  const bodies = new PQueue({ concurrency: bodiesAtOnce })
  /** By Idempotency-Key, over all attempts: so a repetition goes to the same place, where nothing is written twice. */
  const tickets = new Map<string, Held>()
  /** Keys of files whose batch was refused: they stay on their own way, which alone knows what it has stored. */
  const refusedTogether = new Set<string>()

  const announce = gathered(async (requests: readonly UploadRequest[]) => (await api.startBatch(requests)).uploads, {
    most: windowSize,
    gatherMs: gatherMs.announce,
  })
  const complete = gathered(
    async (ids: readonly string[]) => {
      // A file may be completed again while its first completion is still on its way.
      const { images } = await api.completeBatch([...new Set(ids)])
      const byId = new Map(images.map((image) => [image.id, image]))
      return ids.map((id): Outcome | Error => byId.get(id) ?? new ApiError(502, { code: 'no-outcome' }))
    },
    { most: windowSize, gatherMs: gatherMs.complete },
  )

  /** @returns undefined where the batch was refused: one file may spoil it for the others, by its name or the quota */
  async function ticketFor(file: OutgoingFile): Promise<Held | undefined> {
    const known = tickets.get(file.idempotencyKey)
    if (known) return known
    try {
      const ticket = await announce({
        content_type: file.type as never,
        bytes: file.data.size,
        name: file.name,
        ...(file.sha256 && { sha256: file.sha256 }),
      })
      const held = { ...ticket, arrived: false }
      tickets.set(file.idempotencyKey, held)
      return held
    } catch (error) {
      if (!(error instanceof ApiError) || error.retriable) throw error
      refusedTogether.add(file.idempotencyKey)
      return undefined
    }
  }

  async function sendBytes(ticket: Held, file: OutgoingFile, options: SendOptions) {
    options.signal.throwIfAborted()
    options.onSending?.()
    const answer = await put(ticket.url, ticket.headers, file.data, {
      method: 'PUT',
      signal: options.signal,
      onProgress: options.onProgress,
      unreachable: () => storageUnreachable(ticket.url),
    })
    // 412: an earlier attempt has brought it there, only its answer was lost.
    if (answer.status !== 200 && answer.status !== 412) {
      // The link's hour may be over; the next attempt asks for another.
      if (answer.status === 403) giveBack(file.idempotencyKey)
      throw storageRefused(answer.status)
    }
    ticket.arrived = true
    options.onArrived?.(file.data.size)
  }

  /** @throws ApiError what the platform says of this file */
  async function outcomeOf(id: string): Promise<Accepted> {
    const { accepted, problem } = await complete(id)
    if (accepted) return accepted
    throw new ApiError(problem?.status ?? 502, problem ?? {})
  }

  async function sendAndComplete(ticket: Held, file: OutgoingFile, options: SendOptions): Promise<Accepted> {
    // Told before any byte is sent: after a reload it is asked whether this one has been accepted.
    options.onAnnounced?.(ticket.id)
    try {
      if (!ticket.arrived) await bodies.add(() => sendBytes(ticket, file, options))
      options.onChecking()
      const accepted = await outcomeOf(ticket.id)
      tickets.delete(file.idempotencyKey)
      return accepted
    } catch (error) {
      if (!(error instanceof ApiError) || !error.retriable) giveBack(file.idempotencyKey)
      throw error
    }
  }

  /** What was announced and will not come: the platform forgets it at once, or by itself a day later. */
  function giveBack(key: string) {
    const ticket = tickets.get(key)
    tickets.delete(key)
    if (ticket) void api.abortUpload(ticket.id).catch(() => {})
  }

  const byItself = (file: OutgoingFile, options: SendOptions): Promise<Accepted> =>
    bodies.add(async () => {
      options.signal.throwIfAborted()
      options.onSending?.()
      return alone(file, options)
    })

  /** A file of a batch that the page was left with may have been accepted without our having heard of it. */
  async function acceptedBefore(id: string): Promise<Accepted | undefined> {
    try {
      return await outcomeOf(id)
    } catch (error) {
      if (!(error instanceof ApiError) || error.retriable) throw error
      void api.abortUpload(id).catch(() => {})
      return undefined
    }
  }

  return async (file, options) => {
    if (file.inBatch && !refusedTogether.has(file.idempotencyKey)) {
      const ticket = await ticketFor(file)
      return ticket ? sendAndComplete(ticket, file, options) : byItself(file, options)
    }
    const accepted = !file.inBatch && file.announcedId && (await acceptedBefore(file.announcedId))
    return accepted || byItself(file, options)
  }
}
