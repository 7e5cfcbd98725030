/** Every way of tampering that we could think of, and the name by which the check tells it. */
import { describe, expect, it } from 'vitest'
import { receiptName, sha256Hex } from '../../../functions/shared/receipts/form.ts'
import type { Anchor } from '../../../scripts/verify/chain.ts'
import { reasons } from '../../../scripts/verify/findings.ts'
import { anchor, copy, day, key, now, whole } from '../../../scripts/verify/tampering/chains.ts'
import { withKey, withoutKey } from '../../../scripts/verify/tampering/index.ts'
import { type Files, headTo } from '../../../scripts/verify/tampering/receipt-chain.ts'
import { verifyReceipts } from '../../../scripts/verify/verify.ts'

const check = (files: Files, held?: Anchor, at = now) => verifyReceipts(files, held, at).findings
const names = (files: Files, held?: Anchor, at = now) => check(files, held, at).map(({ reason }) => reason)

describe('receipts that nobody has touched', () => {
  it('are whole, with an anchor and without, and at once as years later', () => {
    expect(check(whole)).toEqual([])
    expect(check(whole, anchor)).toEqual([])
    expect(check(whole, anchor, now + 1000 * day)).toEqual([])
    expect(whole.size).toBe(11)
  })

  it('are whole when more have come since the earlier check', () => {
    const early = new Map([...whole].slice(0, 6))
    const seen = { ...anchor, number: 6, sha256: sha256Hex(early.get(receiptName(6)) as Buffer) }
    expect(check(whole, seen)).toEqual([])
  })

  it('are whole when the oldest have come to their end, and a head is one behind its receipt', async () => {
    const files = copy()
    for (const n of [1, 2, 3]) files.delete(receiptName(n))
    expect(check(files, anchor, now + 401 * day)).toEqual([])
    expect(check(await headTo(copy(), 9, key), anchor)).toEqual([])
  })
})

describe('tampering without the key', () => {
  it.each(withoutKey)('is found without an earlier check: %s is %s', async (_what, reason, tamper) => {
    expect(names(await tamper(copy()))).toContain(reason)
  })
})

describe('tampering with the key', () => {
  it.each(withKey)('is found: %s is %s', async (_what, reason, tamper) => {
    expect(names(await tamper(copy()), anchor)).toContain(reason)
  })
})

describe('the variants', () => {
  it('are more than fifty, and every reason has one', () => {
    const all = [...withoutKey, ...withKey]
    expect(all.length).toBeGreaterThanOrEqual(50)
    expect(new Set(all.map(([what]) => what)).size).toBe(all.length)
    expect([...new Set(all.map(([, reason]) => reason))].toSorted()).toEqual(Object.keys(reasons).toSorted())
  })
})
