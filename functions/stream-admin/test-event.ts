/** An event to try the stream with: where it stands, and what the processor makes of it. */
import { randomUUID } from 'node:crypto'
import type { StreamTestEvent, StreamTestEventSent } from '../../contract/stream-work-schemas.ts'
import { PoisonError } from '../shared/errors.ts'
import { headerNames, imageEvent, parseEvent, schemaVersion, serializeEvent } from '../shared/event.ts'
import { dateOf, imagePath, newImageId, originalKey } from '../shared/keys.ts'
import type { StreamAdminParts } from './parts.ts'
import type { Values } from './records.ts'

export type AuditTest = (after: Values, work: () => Promise<StreamTestEventSent>) => Promise<StreamTestEventSent>

/** An event of an image that has never been: the processor reads it, finds no row, and drops it. */
export function exampleEvent(at: number): string {
  const address = { id: newImageId(), date: dateOf(at) }
  return serializeEvent(imageEvent(at, imagePath(originalKey(address, 'jpg'))))
}

export async function sendTestEvent(
  parts: StreamAdminParts,
  { value = exampleEvent(parts.clock()), dry_run: dryRun = false }: StreamTestEvent,
  trace: string,
  audit: AuditTest,
): Promise<StreamTestEventSent> {
  const { publisher, imagesTopic: topic } = parts
  const { key, ...consequence } = await consequenceOf(parts, value)
  const event = { value, topic, ...(key !== undefined && { key }), ...consequence }
  if (dryRun) return { dry_run: true, ...event }
  return audit({ outcome: consequence.outcome, bytes: String(Buffer.byteLength(value)) }, async () => {
    const headers = {
      [headerNames.eventId]: randomUUID(),
      [headerNames.schemaVersion]: schemaVersion,
      [headerNames.trace]: trace,
      [headerNames.test]: 'true',
    }
    const [position] = await publisher.publish(topic, [{ key: key ?? null, value, headers }])
    if (!position) throw new Error('Kafka acknowledged without a position')
    return { dry_run: false, ...event, partition: position.partition, offset: position.offset }
  })
}

type Consequence = Pick<StreamTestEventSent, 'outcome' | 'why'> & { readonly key?: string }

/** What the processor will do: the same reading of the event, and the same row. */
async function consequenceOf({ ledger }: Pick<StreamAdminParts, 'ledger'>, value: string): Promise<Consequence> {
  try {
    const address = parseEvent(value)
    const row = await ledger.get(address.id)
    const known = { key: address.id }
    if (!row || row.status === 'purged') {
      return { ...known, outcome: 'dropped', why: 'There is no such image: the processor leaves the event alone.' }
    }
    if (row.status === 'processed' || row.status === 'quarantined') {
      return { ...known, outcome: 'unchanged', why: `The image is ${row.status}: a repeated event changes nothing.` }
    }
    if (row.status === 'uploading') {
      return { ...known, outcome: 'unchanged', why: 'Its upload has not been completed: the event changes nothing.' }
    }
    if (row.key !== address.key) {
      return { ...known, outcome: 'quarantined', why: 'image_path is not where this image was stored.' }
    }
    return { ...known, outcome: 'processed', why: 'The image waits: the first of its events does the work.' }
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error
    return { outcome: 'quarantined', why: `${error.code}: ${error.message}.` }
  }
}
