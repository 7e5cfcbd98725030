/** Records of the topic as Lambda's event for Amazon MSK carries them. */
import type { KafkaMessage } from 'kafkajs'

/** A record in the event's own words; `key` and `value` are base64, and absent where Kafka has null. */
export type MskRecord = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  readonly key?: string
  readonly value?: string
  /** A header's bytes are Java's, −128 to 127, as AWS sends them; `Buffer.from` takes them as they are. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[]
}

export type MskEvent = {
  readonly eventSource: 'aws:kafka'
  readonly eventSourceArn: string
  readonly bootstrapServers: string
  readonly records: Readonly<Record<string, readonly MskRecord[]>>
}

/** A record on its way through the trigger. */
export type TriggerRecord = MskRecord & {
  /** Bytes that it adds to an event's JSON. */
  readonly bytes: number
}

/** Where an event says that it comes from. */
export type EventSource = { readonly eventSourceArn: string; readonly bootstrapServers: string }

/** kafkajs decodes the batch's attributes, but its types do not say so: 1 is the broker's clock. */
type WithContext = KafkaMessage & { readonly batchContext?: { readonly timestampType?: number } }
const logAppendTime = 1

/** The name of a partition in events and responses: `images-0`. */
export const partitionName = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}-${partition}`

/** What kafkajs read, in the event's words. */
export function toRecord(topic: string, partition: number, message: WithContext): TriggerRecord {
  const record: MskRecord = {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: message.batchContext?.timestampType === logAppendTime ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    ...(message.key && { key: message.key.toString('base64') }),
    ...(message.value && { value: message.value.toString('base64') }),
    headers: Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => ({ [name]: signedBytes(one) })),
    ),
  }
  return { ...record, bytes: Buffer.byteLength(JSON.stringify(record)) }
}

const signedBytes = (value: Buffer | string | undefined): number[] => [...Int8Array.from(Buffer.from(value ?? ''))]

/** @param records any number of partitions; each partition's records keep their order */
export function mskEvent(source: EventSource, records: readonly TriggerRecord[]): MskEvent {
  const byPartition: Record<string, MskRecord[]> = {}
  for (const { bytes: _bytes, ...record } of records) {
    const name = partitionName(record)
    byPartition[name] ??= []
    byPartition[name].push(record)
  }
  return { eventSource: 'aws:kafka', ...source, records: byPartition }
}

/** Bytes of an event without records. */
export const envelopeBytes = (source: EventSource): number => Buffer.byteLength(JSON.stringify(mskEvent(source, [])))

/** Bytes that a partition's name, brackets, colon and comma add to an event. */
export const partitionBytes = (record: MskRecord): number => Buffer.byteLength(partitionName(record)) + 6
