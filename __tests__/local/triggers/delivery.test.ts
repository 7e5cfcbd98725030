import { describe, expect, it } from 'vitest'
import { payloadLimit } from '../../../local/triggers/batching.ts'
import {
  afterDiscard,
  afterInvoke,
  type Delivery,
  nextStep,
  pauseBefore,
  positions,
  startDelivery,
  withoutPartitions,
} from '../../../local/triggers/delivery.ts'
import type { TriggerRecord } from '../../../local/triggers/record.ts'
import type { Outcome } from '../../../local/triggers/response.ts'
import type { TriggerSettings } from '../../../local/triggers/settings.ts'
import { at, offsets, record, records, settings, source } from './support/records.ts'

const success: Outcome = { kind: 'success' }
const error: Outcome = { kind: 'failure', functionError: true, reason: 'Error: boom' }
const resumeAt = (...pairs: [number, number][]): Outcome => ({ kind: 'partial', resume: new Map(pairs) })

/** Plays a function against a delivery until it is done. */
function play(
  batch: readonly TriggerRecord[],
  set: TriggerSettings,
  answer: (list: readonly TriggerRecord[]) => Outcome,
) {
  const invoked: number[][] = []
  const discarded: { condition: string; offsets: number[]; invocations: number; functionError?: string }[] = []
  const committed: [number, number][][] = []
  let delivery: Delivery = startDelivery(batch)
  for (
    let step = nextStep(delivery, set, source, at);
    step.kind !== 'done';
    step = nextStep(delivery, set, source, at)
  ) {
    if (invoked.length > 100) throw new Error('never done')
    if (step.kind === 'discard') {
      const { condition, piece } = step
      const functionError = piece.response?.functionError
      discarded.push({
        condition,
        offsets: offsets(step.records) ?? [],
        invocations: piece.invocations,
        ...(functionError && { functionError }),
      })
      delivery = afterDiscard(delivery, step.records)
    } else {
      invoked.push(offsets(step.piece.records) ?? [])
      delivery = afterInvoke(delivery, answer(step.piece.records), set).delivery
    }
    committed.push([...positions(delivery)])
  }
  return { invoked, discarded, committed }
}

describe('a batch that succeeds', () => {
  it('is invoked once, and then every partition may be committed', () => {
    const batch = [...records(5, 7, { partition: 0 }), ...records(90, 91, { partition: 3 })]
    const { invoked, committed } = play(batch, settings(), () => success)
    expect(invoked).toEqual([[5, 6, 7, 90, 91]])
    expect(committed).toEqual([
      [
        [0, 8],
        [3, 92],
      ],
    ])
  })

  it('commits nothing before it is done', () => {
    expect(positions(startDelivery(records(5, 7)))).toEqual(new Map())
  })
})

describe('a partial response', () => {
  it('resumes exactly at the offset, and what lies before it is committed', () => {
    const answers = [resumeAt([0, 103]), success]
    const { invoked, committed } = play(records(100, 105), settings(), () => answers.shift() ?? success)
    expect(invoked).toEqual([
      [100, 101, 102, 103, 104, 105],
      [103, 104, 105],
    ])
    expect(committed).toEqual([[[0, 103]], [[0, 106]]])
  })

  it('leaves the other partitions of the batch done', () => {
    const batch = [...records(1, 3, { partition: 0 }), ...records(50, 52, { partition: 1 })]
    const answers = [resumeAt([1, 51]), success]
    const { invoked, committed } = play(batch, settings(), () => answers.shift() ?? success)
    expect(invoked).toEqual([
      [1, 2, 3, 50, 51, 52],
      [51, 52],
    ])
    expect(committed[0]).toEqual([
      [0, 4],
      [1, 51],
    ])
  })

  it('isolates a record that keeps failing, with its attempts, and does not give up on the others', () => {
    const { invoked, discarded } = play(records(100, 103), settings({ maximumRetryAttempts: 2 }), (list) =>
      list.some(({ offset }) => offset === 101) ? resumeAt([0, 101]) : success,
    )
    expect(invoked).toEqual([[100, 101, 102, 103], [101, 102, 103], [101], [102, 103]])
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', offsets: [101], invocations: 3 }])
  })

  it('gives up on the rest of the partition where batches may not be split', () => {
    const set = settings({ maximumRetryAttempts: 1, bisectBatchOnFunctionError: false })
    const { invoked, discarded } = play(records(1, 3), set, () => resumeAt([0, 2]))
    expect(invoked).toEqual([
      [1, 2, 3],
      [2, 3],
    ])
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', offsets: [2, 3], invocations: 2 }])
  })

  it('that moves forward each time never runs out of attempts', () => {
    const { discarded, invoked } = play(records(1, 6), settings({ maximumRetryAttempts: 1 }), (list) => {
      const second = list[1]
      return second ? resumeAt([0, second.offset]) : success
    })
    expect(discarded).toEqual([])
    expect(invoked.length).toBe(6)
  })
})

describe('a function error', () => {
  const poison = (bad: number) => (list: readonly TriggerRecord[]) =>
    list.some(({ offset }) => offset === bad) ? error : success

  it('bisects until the poison record is alone, then uses up its retries, then goes on after it', () => {
    const { invoked, discarded, committed } = play(records(1, 8), settings({ maximumRetryAttempts: 2 }), poison(6))
    expect(invoked).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [6], [6], [7, 8]])
    expect(discarded).toEqual([
      { condition: 'RetryAttemptsExhausted', offsets: [6], invocations: 6, functionError: 'Unhandled' },
    ])
    expect(committed.map(([position]) => position?.[1])).toEqual([undefined, 5, 5, 5, 6, 6, 6, 6, 7, 9])
  })

  it('keeps the order of a partition while bisecting', () => {
    const { invoked } = play(records(1, 9), settings(), poison(5))
    const firstDone = invoked.filter((list) => !list.includes(5)).flat()
    expect(firstDone).toEqual([1, 2, 3, 4, 6, 7, 8, 9])
  })

  it('retries the whole batch where batches may not be split, and gives up on all of it', () => {
    const set = settings({ bisectBatchOnFunctionError: false, maximumRetryAttempts: 2 })
    const { invoked, discarded } = play(records(1, 3), set, () => error)
    expect(invoked).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(discarded).toEqual([
      { condition: 'RetryAttemptsExhausted', offsets: [1, 2, 3], invocations: 3, functionError: 'Unhandled' },
    ])
  })

  it('with no retries allowed gives up after the first attempt', () => {
    const { invoked, discarded } = play(records(1, 1), settings({ maximumRetryAttempts: 0 }), () => error)
    expect(invoked).toEqual([[1]])
    expect(discarded.length).toBe(1)
  })

  it('with endless retries gives up after ten of them, because there is a failure destination', () => {
    const { invoked } = play(records(1, 1), settings({ maximumRetryAttempts: -1 }), () => error)
    expect(invoked.length).toBe(11)
  })

  it('that is a malformed response names no function error in the failure record', () => {
    const malformed: Outcome = { kind: 'failure', functionError: false, reason: 'malformed' }
    const { discarded } = play(records(1, 1), settings(), () => malformed)
    expect(discarded[0]).not.toHaveProperty('functionError')
  })
})

it('a refusal by the host counts neither as an attempt nor as an invocation', () => {
  let refusals = 50
  const { invoked, discarded } = play(records(1, 2), settings({ maximumRetryAttempts: 0 }), () =>
    refusals-- > 0 ? { kind: 'throttled', reason: 'busy' } : success,
  )
  expect(invoked.length).toBe(51)
  expect(discarded).toEqual([])
})

describe('records that are too old', () => {
  it('are given up on without an invocation, and the rest is delivered', () => {
    const batch = [record(1, { timestamp: at - 120_000 }), record(2)]
    const { invoked, discarded, committed } = play(batch, settings({ maximumRecordAgeSeconds: 60 }), () => success)
    expect(discarded).toEqual([{ condition: 'RecordAgeExceeded', offsets: [1], invocations: 0 }])
    expect(invoked).toEqual([[2]])
    expect(committed).toEqual([[[0, 2]], [[0, 3]]])
  })

  it('commit nothing that lies behind a younger record of the same partition', () => {
    const batch = [record(1), record(2, { timestamp: at - 120_000 })]
    const { committed } = play(batch, settings({ maximumRecordAgeSeconds: 60 }), () => success)
    expect(committed).toEqual([[], [[0, 3]]])
  })
})

it('a record that no invocation can carry is given up on, and the next is delivered', () => {
  const huge = record(1, { value: Buffer.alloc(payloadLimit) })
  const first = play([huge], settings(), () => success)
  expect(first.invoked).toEqual([])
  expect(first.discarded).toEqual([{ condition: 'MaximumPayloadSizeExceeded', offsets: [1], invocations: 0 }])
})

it('partitions that another consumer has taken over are neither invoked nor committed', () => {
  const batch = [...records(1, 2, { partition: 0 }), ...records(8, 9, { partition: 1 })]
  const { delivery } = afterInvoke(startDelivery(batch), error, settings())
  const left = withoutPartitions(delivery, new Set([0]))
  expect(left.pieces.map((piece) => offsets(piece.records))).toEqual([[8, 9]])
  expect(positions({ ...left, pieces: [] })).toEqual(new Map([[1, 10]]))
})

describe('the pause before the next attempt', () => {
  const after = (failures: number) => pauseBefore({ batch: [], pieces: [{ ...startPiece, failures }] }, 0.5)
  const [startPiece] = startDelivery(records(1, 1)).pieces as [Delivery['pieces'][0]]

  it('is none before the first', () => expect(after(0)).toBe(0))
  it('grows, and has an end', () => {
    expect([1, 2, 3, 4, 5, 50].map(after)).toEqual([500, 1_500, 4_500, 13_500, 30_000, 30_000])
  })
})
