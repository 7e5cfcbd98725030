import { describe, expect, it } from 'vitest'
import { envelopeBytes, mskEvent, partitionBytes, toRecord } from '../../../local/triggers/record.ts'
import { record, records, source } from './support/records.ts'

const message = (changes: object = {}) => ({
  offset: '15',
  timestamp: '1545084650987',
  attributes: 0,
  key: Buffer.from('recordKey'),
  value: Buffer.from('Hello, this is a test.'),
  headers: { headerKey: Buffer.from('headerValue') },
  ...changes,
})

describe('the event', () => {
  it('is the documented one for Amazon MSK', () => {
    expect(mskEvent(source, [toRecord('mytopic', 0, message())])).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: source.eventSourceArn,
      bootstrapServers: source.bootstrapServers,
      records: {
        'mytopic-0': [
          {
            topic: 'mytopic',
            partition: 0,
            offset: 15,
            timestamp: 1545084650987,
            timestampType: 'CREATE_TIME',
            key: 'cmVjb3JkS2V5',
            value: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
            headers: [{ headerKey: [104, 101, 97, 100, 101, 114, 86, 97, 108, 117, 101] }],
          },
        ],
      },
    })
  })

  it('leaves out a key and a value that are null', () => {
    const [only] = mskEvent(source, [record(1, { key: null, value: null })]).records['images-0'] ?? []
    expect(Object.keys(only ?? {})).toEqual(['topic', 'partition', 'offset', 'timestamp', 'timestampType', 'headers'])
  })

  it('says when the time is the broker’s', () => {
    const stamped = toRecord('mytopic', 0, message({ batchContext: { timestampType: 1 } }))
    expect(stamped.timestampType).toBe('LOG_APPEND_TIME')
  })

  it('has header bytes as AWS sends them, Java’s signed ones, which Buffer.from reads back', () => {
    const { headers } = toRecord('mytopic', 0, message({ headers: { name: Buffer.from('ë') } }))
    expect(headers).toEqual([{ name: [-61, -85] }])
    expect(Buffer.from(headers[0]?.name ?? []).toString()).toBe('ë')
  })

  it('repeats a header that a record has twice', () => {
    const { headers } = toRecord('t', 0, message({ headers: { h: [Buffer.from('a'), Buffer.from('b')], i: 'c' } }))
    expect(headers).toEqual([{ h: [97] }, { h: [98] }, { i: [99] }])
  })

  it('groups by partition and keeps the order within each', () => {
    const event = mskEvent(source, [...records(3, 4, { partition: 1 }), ...records(7, 9, { partition: 0 })])
    expect(Object.entries(event.records).map(([name, list]) => [name, list.map(({ offset }) => offset)])).toEqual([
      ['images-1', [3, 4]],
      ['images-0', [7, 8, 9]],
    ])
  })
})

it('the size of an event is never estimated below what it is, and hardly above', () => {
  const list = [...records(1, 20, { partition: 0, value: 'é'.repeat(50) }), ...records(1, 3, { partition: 11 })]
  const estimate =
    envelopeBytes(source) +
    list.reduce((sum, { bytes }) => sum + bytes + 1, 0) +
    partitionBytes(record(1, { partition: 0 })) +
    partitionBytes(record(1, { partition: 11 }))
  const actual = Buffer.byteLength(JSON.stringify(mskEvent(source, list)))
  expect(estimate).toBeGreaterThanOrEqual(actual)
  expect(estimate).toBeLessThan(actual + 20)
})
