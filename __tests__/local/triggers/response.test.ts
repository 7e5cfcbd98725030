import { describe, expect, it } from 'vitest'
import { failure } from '../../../local/lambda/result.ts'
import { interpret } from '../../../local/triggers/response.ts'
import { records } from './support/records.ts'

const batch = [...records(100, 104, { partition: 0 }), ...records(7, 9, { partition: 1 })]
const answer = (payload: unknown, report = true) => interpret({ ok: true, payload }, batch, report)
const item = (partition: unknown, offset: unknown) => ({ itemIdentifier: { partition, offset } })

describe('a batch is done when the function answers', () => {
  it.each([
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['an empty list', []],
    ['no failures', { batchItemFailures: [] }],
    ['null failures', { batchItemFailures: null }],
    ['something else', { processed: 8 }],
  ])('%s', (_, payload) => {
    expect(answer(payload)).toEqual({ kind: 'success' })
  })

  it('anything at all, where partial batch responses are off', () => {
    expect(answer({ batchItemFailures: [item('images-0', 100)] }, false)).toEqual({ kind: 'success' })
    expect(answer('rubbish', false)).toEqual({ kind: 'success' })
  })
})

describe('the documented partial response', () => {
  it('resumes the partition at the offset, and only that partition', () => {
    const payload = { batchItemFailures: [{ itemIdentifier: { partition: 'images-0', offset: 102 } }] }
    expect(answer(payload)).toEqual({ kind: 'partial', resume: new Map([[0, 102]]) })
  })

  it('resumes at the lowest of several offsets', () => {
    const payload = {
      batchItemFailures: [item('images-0', 103), item('images-0', 101), item('images-0', 104), item('images-1', 9)],
    }
    const resume = new Map([
      [0, 101],
      [1, 9],
    ])
    expect(answer(payload)).toEqual({ kind: 'partial', resume })
  })
})

describe('the whole batch has failed when the response', () => {
  it.each([
    ['names a partition that was not in the event', { batchItemFailures: [item('images-2', 100)] }],
    ['names an offset that was not in the event', { batchItemFailures: [item('images-0', 105)] }],
    ['names an offset of another partition', { batchItemFailures: [item('images-1', 100)] }],
    ['names one record well and one badly', { batchItemFailures: [item('images-0', 101), item('images-0', 1)] }],
    ['has the offset as text', { batchItemFailures: [item('images-0', '101')] }],
    ['has an empty identifier', { batchItemFailures: [item('', 100)] }],
    ['has no identifier', { batchItemFailures: [{}] }],
    ['has the identifier of another kind of stream', { batchItemFailures: [{ itemIdentifier: '100' }] }],
    ['has a bad key name', { batchItemFailures: [{ itemIdentifiers: { partition: 'images-0', offset: 100 } }] }],
    ['has failures that are no list', { batchItemFailures: 'all' }],
    ['is text', 'ok'],
    ['is a number', 1],
    ['is a list', [1]],
  ])('%s', (_, payload) => {
    expect(answer(payload)).toMatchObject({ kind: 'failure', functionError: false })
  })
})

describe('a function error', () => {
  it.each(['Unhandled', 'Timeout', 'Crash'] as const)('(%s) fails the whole batch and says why', (kind) => {
    const outcome = interpret(failure(kind, 'Error', 'no luck'), batch, true)
    expect(outcome).toEqual({ kind: 'failure', functionError: true, reason: 'Error: no luck' })
  })

  it('is not what a refusal by the host is: that does not count as an attempt', () => {
    expect(interpret(failure('Throttled', 'TooManyRequestsException', 'busy'), batch, true).kind).toBe('throttled')
  })
})
