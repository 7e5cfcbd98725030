/** What the checker believes of an image's time must never be more than what the ledger was told. */
import type { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { age, giveTimeBack } from '../../../faults/workload/aging.ts'
import { newUpload } from '../../../faults/workload/plan.ts'

const upload = () => {
  const sample = { source: 'a', bytes: Buffer.from('a'), contentType: 'image/png', expect: 'processed' } as const
  const plan = { sample, way: 'direct', withKey: false, announced: false, repeat: false, erase: 'no' } as const
  const made = newUpload(1, plan)
  made.acknowledged.add('id-1')
  return made
}

function ledger(answer: () => Promise<unknown>) {
  const asked: UpdateCommand['input'][] = []
  const send = ({ input }: UpdateCommand) => {
    asked.push(input)
    return answer()
  }
  return { asked, ledgerTable: 'ledger', documents: { send } as never }
}

describe('an image that comes of age', () => {
  it('is due at once, and counts as due before the ledger has answered', async () => {
    const aged = upload()
    let before: boolean | undefined
    const { asked, ...parts } = ledger(async () => {
      before = aged.aged
    })
    await age(parts, aged)
    expect(before).toBe(true)
    expect(asked[0]?.Key).toEqual({ id: 'id-1' })
    expect(asked[0]?.ExpressionAttributeValues?.[':at']).toBeLessThan(Date.now())
  })

  it('that gets its time back must be there, from when the ledger says so', async () => {
    const aged = { ...upload(), aged: true }
    const { asked, ...parts } = ledger(async () => {})
    await giveTimeBack(parts, aged, 4_102_444_800_000)
    expect(aged.aged).toBe(false)
    expect(asked[0]?.ExpressionAttributeValues?.[':at']).toBe(4_102_444_800_000)
  })

  it('and has gone before its time came back may be gone', async () => {
    const aged = { ...upload(), aged: true }
    const { asked: _, ...parts } = ledger(() => Promise.reject(new Error('ConditionalCheckFailed')))
    await expect(giveTimeBack(parts, aged, 1)).rejects.toThrow('ConditionalCheckFailed')
    expect(aged.aged).toBe(true)
  })
})
