/** The failure destination: one object in S3 for each partition of a batch that a trigger gave up on. */
import { randomUUID } from 'node:crypto'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { byPartition } from './batching.ts'
import type { Condition, ResponseContext } from './delivery.ts'
import { type Failure, failureKey, failureRecord } from './failure-record.ts'
import { type EventSource, partitionName, type TriggerRecord } from './record.ts'

export type Discarded = {
  readonly records: readonly TriggerRecord[]
  readonly condition: Condition
  readonly response: ResponseContext | null
  readonly invocations: number
  readonly requestId: string
}

/** @returns the keys of what was written; @throws when S3 did not take all of it, and the caller must try again */
export type Destination = (discarded: Discarded) => Promise<string[]>

export type DestinationOptions = {
  readonly s3: S3Client
  readonly bucket: string
  readonly mappingUuid: string
  readonly functionArn: string
  readonly source: EventSource
  readonly clock: () => number
}

export function createS3Destination(options: DestinationOptions): Destination {
  const { s3, bucket, mappingUuid, functionArn, source, clock } = options
  return async ({ records, ...discarded }) => {
    const keys: string[] = []
    for (const ofPartition of byPartition(records).values()) {
      const failed = ofPartition as Failure['records']
      const at = clock()
      const Key = failureKey(mappingUuid, partitionName(failed[0]), at, randomUUID())
      const Body = JSON.stringify(failureRecord({ ...discarded, records: failed, functionArn, source, at }))
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }))
      keys.push(Key)
    }
    return keys
  }
}
