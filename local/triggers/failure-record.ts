/** What Lambda writes to an S3 failure destination for Kafka: the invocation record and its key. Pure. */
import type { Condition, ResponseContext } from './delivery.ts'
import { type EventSource, mskEvent, partitionName, type TriggerRecord } from './record.ts'

export type FailureRecord = {
  readonly requestContext: {
    readonly requestId: string
    readonly functionArn: string
    readonly condition: Condition
    readonly approximateInvokeCount: number
  }
  /** Null where the records never reached the function. */
  readonly responseContext: ResponseContext | null
  readonly version: '1.0'
  readonly timestamp: string
  readonly KafkaBatchInfo: {
    readonly batchSize: number
    readonly eventSourceArn: string
    readonly bootstrapServers: string
    readonly payloadSize: number
    readonly recordsInfo: Readonly<
      Record<
        string,
        {
          readonly firstRecordOffset: string
          readonly lastRecordOffset: string
          readonly firstRecordTimestamp: string
          readonly lastRecordTimestamp: string
        }
      >
    >
  }
  /** The whole event as an escaped JSON string. */
  readonly payload: string
}

export type Failure = {
  /** Of one partition, because the partition is part of the key. */
  readonly records: readonly [TriggerRecord, ...TriggerRecord[]]
  readonly condition: Condition
  readonly response: ResponseContext | null
  readonly invocations: number
  /** Of the last invocation; a new one where there was none. */
  readonly requestId: string
  readonly functionArn: string
  readonly source: EventSource
  /** Epoch milliseconds. */
  readonly at: number
}

export function failureRecord(failure: Failure): FailureRecord {
  const { records, source } = failure
  const payload = JSON.stringify(mskEvent(source, records))
  const [first] = records
  const last = records.at(-1) ?? first
  const time = ({ timestamp }: TriggerRecord) => new Date(timestamp).toISOString()
  return {
    requestContext: {
      requestId: failure.requestId,
      functionArn: failure.functionArn,
      condition: failure.condition,
      approximateInvokeCount: failure.invocations,
    },
    responseContext: failure.response,
    version: '1.0',
    timestamp: new Date(failure.at).toISOString(),
    KafkaBatchInfo: {
      batchSize: records.length,
      eventSourceArn: source.eventSourceArn,
      bootstrapServers: source.bootstrapServers,
      payloadSize: Buffer.byteLength(payload),
      recordsInfo: {
        [partitionName(first)]: {
          firstRecordOffset: String(first.offset),
          lastRecordOffset: String(last.offset),
          firstRecordTimestamp: time(first),
          lastRecordTimestamp: time(last),
        },
      },
    },
    payload,
  }
}

/**
 * AWS names the objects of a stream's failures `aws/lambda/<mapping's UUID>/<shard>/YYYY/MM/DD/…`; for Kafka it says
 * nothing, and the shard of a topic is its partition.
 * @param at epoch milliseconds; @param random a fresh UUID
 */
export function failureKey(mappingUuid: string, partition: string, at: number, random: string): string {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T') as [string, string]
  return `aws/lambda/${mappingUuid}/${partition}/${date.replaceAll('-', '/')}/${date}T${time.replaceAll(':', '.')}-${random}`
}
