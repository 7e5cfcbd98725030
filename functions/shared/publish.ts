/** Publishing an image's event, for the producer and for the sweep that repeats what it could not do. */
import { randomUUID } from 'node:crypto'
import { headerNames, imageEvent, schemaVersion, serializeEvent } from './event.ts'
import type { EventPosition, ImageRow } from './image.ts'
import type { OutgoingRecord, Publisher } from './kafka.ts'
import { imagePath } from './keys.ts'
import type { Ledger } from './ledger.ts'

/**
 * Puts the event of an image, received or still unsettled, into the topic and records that in the ledger.
 * Safe to repeat: processing the same event twice changes nothing.
 * @throws UnavailableError when Kafka or the ledger did not answer; the row then stays pending
 */
export async function publishImage(
  {
    publisher,
    ledger,
    topic,
    clock,
  }: { publisher: Publisher; ledger: Pick<Ledger, 'markPublished' | 'markResent'>; topic: string; clock: () => number },
  row: Pick<ImageRow, 'id' | 'key' | 'receivedAt' | 'sha256' | 'status'>,
  trace: string,
): Promise<EventPosition> {
  const [position] = await publisher.publish(topic, [recordOf(row, trace)])
  if (!position) throw new Error('Kafka acknowledged without a position')
  const mark = row.status === 'published' ? ledger.markResent : ledger.markPublished
  await mark(row.id, clock(), position)
  return position
}

/**
 * Puts the events of received images into the topic, in one request to each broker. Nothing is recorded: the processor
 * sees where each of them is.
 * @throws UnavailableError when Kafka did not answer; some of them may be in the topic all the same
 */
export async function publishEvents(
  { publisher, topic }: { publisher: Publisher; topic: string },
  rows: readonly EventSource[],
  trace: string,
): Promise<void> {
  await publisher.publish(
    topic,
    rows.map((row) => recordOf(row, trace)),
  )
}

type EventSource = Pick<ImageRow, 'id' | 'key' | 'receivedAt' | 'sha256'>

const recordOf = (row: EventSource, trace: string): OutgoingRecord => ({
  key: row.id,
  value: serializeEvent(imageEvent(row.receivedAt, imagePath(row.key))),
  headers: {
    [headerNames.eventId]: randomUUID(),
    [headerNames.schemaVersion]: schemaVersion,
    [headerNames.trace]: trace,
    ...(row.sha256 && { [headerNames.checksum]: row.sha256 }),
  },
})
