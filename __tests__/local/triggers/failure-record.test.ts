import { expect, it } from 'vitest'
import { failureKey, failureRecord } from '../../../local/triggers/failure-record.ts'
import { at, record, source } from './support/records.ts'

const failed = [record(41, { timestamp: at - 2_000 }), record(42, { timestamp: at - 1_000 })] as const
const failure = {
  records: failed,
  condition: 'RetryAttemptsExhausted',
  response: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  invocations: 4,
  requestId: '316aa6d0-8154-4f5a-9af7-85d5f4a6bc81',
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:myfunction',
  source,
  at,
} as const

it('the record is the documented one for an S3 destination of a Kafka trigger', () => {
  const { payload, ...rest } = failureRecord(failure)
  expect(rest).toEqual({
    requestContext: {
      requestId: '316aa6d0-8154-4f5a-9af7-85d5f4a6bc81',
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:myfunction',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 4,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-23T12:00:00.000Z',
    KafkaBatchInfo: {
      batchSize: 2,
      eventSourceArn: source.eventSourceArn,
      bootstrapServers: source.bootstrapServers,
      payloadSize: Buffer.byteLength(payload),
      recordsInfo: {
        'images-0': {
          firstRecordOffset: '41',
          lastRecordOffset: '42',
          firstRecordTimestamp: '2026-11-23T11:59:58.000Z',
          lastRecordTimestamp: '2026-11-23T11:59:59.000Z',
        },
      },
    },
  })
})

it('the payload is the whole event as a string, from which the records can be had back', () => {
  const event = JSON.parse(failureRecord(failure).payload)
  expect(event).toMatchObject({ eventSource: 'aws:kafka', ...source })
  expect(event.records['images-0'].map(({ key }: { key: string }) => atob(key))).toEqual(['k41', 'k42'])
  expect(event.records['images-0'][0]).not.toHaveProperty('bytes')
})

it('there is no response where the function was never invoked', () => {
  const { responseContext } = failureRecord({ ...failure, response: null, condition: 'MaximumPayloadSizeExceeded' })
  expect(responseContext).toBeNull()
})

it('the key follows AWS’s naming of failures of a stream', () => {
  const uuid = 'f89f8514-cdd9-4602-9e1f-01a5b77d449b'
  const random = '0b5f8a0e-3c57-4a68-b3b5-8f8a1f6c2a10'
  expect(failureKey(uuid, 'images-3', Date.parse('2026-02-03T04:05:06.789Z'), random)).toBe(
    `aws/lambda/${uuid}/images-3/2026/02/03/2026-02-03T04.05.06-${random}`,
  )
})
