/** What can never be processed leaves the stream here: the record unchanged, with the reason in its headers. */
import type { PoisonError } from '../shared/errors.ts'
import { headerNames } from '../shared/event.ts'
import type { ImageRow } from '../shared/image.ts'
import type { OutgoingRecord } from '../shared/kafka.ts'
import { decodeBase64, headersOf, type MskRecord } from './msk-event.ts'
import type { DeliveryParts, Outcome } from './parts.ts'
import { settle, writeMetadata } from './settle.ts'

/** The image that a record names, where it names one that waits to be processed. */
export type NamedImage = {
  readonly row: ImageRow
  readonly changes: Pick<ImageRow, 'sha256' | 'event' | 'publishedAt'>
}

/**
 * Publishes the record to the quarantine topic first, so that whatever happens next, it is neither lost nor stuck.
 * @throws UnavailableError where Kafka, the lake or the ledger did not answer; the record must come again
 */
export async function quarantine(
  record: MskRecord,
  error: PoisonError,
  image: NamedImage | undefined,
  parts: DeliveryParts,
): Promise<Outcome> {
  const at = parts.clock()
  await parts.publisher.publish(parts.quarantineTopic, [quarantineRecord(record, error, at)])
  if (!image) return { outcome: 'quarantined', code: error.code }

  const { row, changes } = image
  const result = { ...changes, quarantinedAt: at, reason: { code: error.code, message: error.message } }
  await writeMetadata(parts.lake, { ...row, ...result, status: 'quarantined' })
  const end = await settle(await parts.ledger.markQuarantined(row.id, result), 'quarantined', row, parts)
  return end === 'settled' ? { outcome: 'quarantined', code: error.code } : { outcome: endings[end] }
}

const endings = { overtaken: 'unchanged', gone: 'dropped' } as const

/** Key, value and headers as they came, and four headers that say why, from where and when. */
export function quarantineRecord(record: MskRecord, error: PoisonError, at: number): OutgoingRecord {
  return {
    key: decodeBase64(record.key),
    value: decodeBase64(record.value),
    headers: {
      ...headersOf(record),
      [headerNames.reasonCode]: error.code,
      [headerNames.reason]: error.message,
      [headerNames.source]: `${record.topic}-${record.partition}-${record.offset}`,
      [headerNames.failedAt]: new Date(at).toISOString(),
    },
  }
}
