/** Publishing an image's event, for the producer and for the sweep that repeats what it could not do. */
import { randomUUID } from 'node:crypto'
import { headerNames, imageEvent, schemaVersion, serializeEvent } from './event.ts'
import type { EventPosition, ImageRow } from './image.ts'
import type { Publisher } from './kafka.ts'
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
  const value = serializeEvent(imageEvent(row.receivedAt, imagePath(row.key)))
  const headers = {
    [headerNames.eventId]: randomUUID(),
    [headerNames.schemaVersion]: schemaVersion,
    [headerNames.trace]: trace,
    ...(row.sha256 && { [headerNames.checksum]: row.sha256 }),
  }
  const [position] = await publisher.publish(topic, [{ key: row.id, value, headers }])
  if (!position) throw new Error('Kafka acknowledged without a position')
  const mark = row.status === 'published' ? ledger.markResent : ledger.markPublished
  await mark(row.id, clock(), position)
  return position
}
