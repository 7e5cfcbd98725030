import { describe, expect, it } from 'vitest'
import {
  applyChanges,
  changesSchema,
  definedSettings,
  effectiveSettings,
  parallelism,
  retryLimit,
} from '../../../local/triggers/settings.ts'
import { processTrigger } from '../../../platform.ts'
import { settings } from './support/records.ts'

const saved = { uuid: crypto.randomUUID(), enabled: true, changes: {} }

describe('a change', () => {
  it.each([
    { batchSize: 1 },
    { batchSize: 10_000 },
    { batchWindowMs: 0 },
    { batchWindowMs: 300_000 },
    { maximumRetryAttempts: -1 },
    { maximumRetryAttempts: 10_000 },
    { maximumRecordAgeSeconds: -1 },
    { maximumRecordAgeSeconds: 60 },
    { maximumRecordAgeSeconds: 604_800 },
    { enabled: false, bisectBatchOnFunctionError: false, reportBatchItemFailures: false, maximumPollers: 1 },
  ])('within AWS’s ranges is taken: %o', (change) => {
    expect(changesSchema.parse(change)).toEqual(change)
  })

  it.each([
    { batchSize: 0 },
    { batchSize: 10_001 },
    { batchSize: 1.5 },
    { batchSize: '10' },
    { batchWindowMs: -1 },
    { batchWindowMs: 300_001 },
    { maximumRetryAttempts: -2 },
    { maximumRetryAttempts: 10_001 },
    { maximumRecordAgeSeconds: 59 },
    { maximumRecordAgeSeconds: 604_801 },
    { maximumPollers: 0 },
    { enabled: 'yes' },
    { topic: 'other' },
    null,
  ])('outside of them is refused: %o', (change) => {
    expect(changesSchema.safeParse(change).success).toBe(false)
  })

  it('is kept apart from what the platform defines, and forgotten when put back', () => {
    const changed = applyChanges(saved, { batchSize: 50, enabled: false })
    expect(changed).toEqual({ ...saved, enabled: false, changes: { batchSize: 50 } })
    expect(effectiveSettings(changed)).toEqual({ ...definedSettings, batchSize: 50 })
    expect(applyChanges(changed, { batchSize: processTrigger.batchSize }).changes).toEqual({})
  })
})

describe('retries', () => {
  it('are as set', () => expect(retryLimit(settings({ maximumRetryAttempts: 3 }))).toBe(3))
  it('without end are ten, because there is a failure destination', () =>
    expect(retryLimit(settings({ maximumRetryAttempts: -1 }))).toBe(10))
})

describe('parallelism', () => {
  it.each([
    { pollers: 4, partitions: 6, concurrency: 20, gives: { pollers: 4, invocations: 20 } },
    { pollers: 4, partitions: 6, concurrency: 2, gives: { pollers: 2, invocations: 2 } },
    { pollers: 4, partitions: 3, concurrency: 20, gives: { pollers: 3, invocations: 15 } },
    { pollers: 4, partitions: 0, concurrency: 2, gives: { pollers: 1, invocations: 2 } },
  ])(
    '$pollers pollers, $partitions partitions, concurrency $concurrency',
    ({ pollers, partitions, concurrency, gives }) => {
      expect(parallelism(settings({ maximumPollers: pollers }), partitions, concurrency)).toEqual(gives)
    },
  )
})
