/** Records as kafkajs reads them, for tests of what the trigger makes of them. */
import { type TriggerRecord, toRecord } from '../../../../local/triggers/record.ts'
import { definedSettings, type TriggerSettings } from '../../../../local/triggers/settings.ts'

/** As in AWS's example of the event. */
export const source = {
  eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973-a626-431c-9d4e-d7975eb44dd7-2',
  bootstrapServers: 'b-1.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092',
}

export const at = Date.parse('2026-11-23T12:00:00.000Z')

type Parts = { partition?: number; timestamp?: number; key?: string | null; value?: string | Buffer | null }

export function record(
  offset: number,
  { partition = 0, timestamp = at, key = `k${offset}`, value = '{}' }: Parts = {},
) {
  return toRecord('images', partition, {
    offset: String(offset),
    timestamp: String(timestamp),
    attributes: 0,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: {},
  })
}

/** Records with consecutive offsets. */
export const records = (from: number, to: number, parts: Parts = {}): TriggerRecord[] =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index, parts))

export const settings = (changes: Partial<TriggerSettings> = {}): TriggerSettings => ({
  ...definedSettings,
  maximumRetryAttempts: 2,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  ...changes,
})

export const offsets = (list: readonly TriggerRecord[] | undefined) => list?.map(({ offset }) => offset)
