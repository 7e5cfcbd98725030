/** The transitions that an upload makes, alone or in a batch. Pure. */
import type { EventPosition } from './image.ts'
import { expiryOf, pendingOf, unsettledOf } from './keys.ts'
import type { Change } from './transition.ts'

/** What has arrived for a presigned upload. Times are epoch milliseconds. */
export type Arrival = {
  readonly at: number
  readonly bytes: number
  readonly versionId?: string | undefined
  readonly expiresAt: number
  readonly owner: string
  /** Where its checksum was announced and has been verified. */
  readonly ownerContent?: string
}

/** A presigned upload has arrived whole: from now on it counts as received, and its event is sent next. */
export const completion = (id: string, { at, bytes, versionId, expiresAt, owner, ownerContent }: Arrival): Change => ({
  from: ['uploading'],
  owner,
  set: {
    status: 'received',
    receivedAt: at,
    changedAt: at,
    bytes,
    versionId,
    ownerContent,
    ...expiryOf(id, expiresAt),
    ...unsettledOf(id, at),
  },
  remove: ['multipart'],
})

/** The event of a received image may not be in Kafka: the sweep has to send it. @param since as the row says it */
export const waitingForSweep = (id: string, since: number): Change => ({
  from: ['received'],
  unchanged: { pendingSince: since },
  set: pendingOf(id, since),
})

export const publication = (id: string, at: number, event: EventPosition): Change => ({
  from: ['received'],
  set: {
    status: 'published',
    publishedAt: at,
    changedAt: at,
    event,
    ...unsettledOf(id, at),
  },
})
