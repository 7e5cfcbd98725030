import { describe, expect, it } from 'vitest'
import { deliverBatch } from '../../../functions/process/batch.ts'
import type { MskEvent, MskRecord } from '../../../functions/process/msk-event.ts'
import { rawRecord } from './fakes.ts'

const ample = { concurrency: 2, remaining: () => 300_000, needed: 45_000 }

/** `{ 0: [10, 11] }` → partition 0 with offsets 10 and 11. */
const eventOf = (offsets: Record<number, number[]>): MskEvent => ({
  eventSource: 'aws:kafka',
  records: Object.fromEntries(
    Object.entries(offsets).map(([partition, list]) => [
      `images-${partition}`,
      list.map((offset) => rawRecord('{}', { partition: Number(partition), offset })),
    ]),
  ),
})
const failingAt =
  (...offsets: number[]) =>
  async ({ offset }: MskRecord) => {
    if (offsets.includes(offset)) throw new Error(`failed at ${offset}`)
  }
const failures = (...expected: [number, number][]) => ({
  batchItemFailures: expected.map(([partition, offset]) => ({
    itemIdentifier: { partition: `images-${partition}`, offset },
  })),
})

describe('deliverBatch', () => {
  it('names nothing where every record has been settled', async () => {
    expect(await deliverBatch(eventOf({ 0: [1, 2], 4: [7] }), failingAt(), ample)).toEqual(failures())
  })

  it('accepts a batch without records', async () => {
    expect(await deliverBatch(eventOf({}), failingAt(), ample)).toEqual(failures())
  })

  it("names each partition's first failure and leaves the other partitions alone", async () => {
    const event = eventOf({ 0: [10, 11, 12], 1: [50, 51], 2: [90] })
    expect(await deliverBatch(event, failingAt(11, 90), ample)).toEqual(failures([2, 90], [0, 11]))
  })

  it.each([10, 11])('names the lower of two failures also where %d is the slower one', async (slow) => {
    const deliver = async ({ offset }: MskRecord) => {
      await new Promise((resolve) => setTimeout(resolve, offset === slow ? 30 : 10))
      throw new Error('failed')
    }
    expect(await deliverBatch(eventOf({ 0: [10, 11] }), deliver, ample)).toEqual(failures([0, 10]))
  })

  it('does not begin records behind a failure', async () => {
    const begun: number[] = []
    const deliver = async (record: MskRecord) => {
      begun.push(record.offset)
      await failingAt(10)(record)
    }
    await deliverBatch(eventOf({ 0: [10, 11, 12, 13, 14], 1: [20, 21] }), deliver, { ...ample, concurrency: 1 })
    expect(begun).toEqual([10, 20, 21])
  })

  it('begins records in the order of their offsets, partitions in turn', async () => {
    const begun: number[] = []
    const deliver = async ({ offset }: MskRecord) => void begun.push(offset)
    await deliverBatch(eventOf({ 0: [12, 10, 11], 1: [20, 21] }), deliver, { ...ample, concurrency: 1 })
    expect(begun).toEqual([10, 20, 11, 21, 12])
  })

  it('keeps to its concurrency', async () => {
    let [now, most] = [0, 0]
    const deliver = async () => {
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now -= 1
    }
    await deliverBatch(eventOf({ 0: [1, 2, 3, 4], 1: [1, 2, 3, 4] }), deliver, { ...ample, concurrency: 3 })
    expect(most).toBe(3)
  })

  it('hands back what there is no time for, rather than be cut off in the middle', async () => {
    let left = 100_000
    const deliver = async () => {
      left -= 30_000
    }
    const options = { concurrency: 1, remaining: () => left, needed: 45_000 }
    expect(await deliverBatch(eventOf({ 0: [1, 2, 3, 4] }), deliver, options)).toEqual(failures([0, 3]))
  })
})
