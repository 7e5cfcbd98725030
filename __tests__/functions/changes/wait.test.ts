import { describe, expect, it, vi } from 'vitest'
import {
  advanced,
  type ChangeEntry,
  decodePosition,
  encodePosition,
  firstPosition,
  isFresh,
} from '../../../functions/changes/position.ts'
import { waitForChanges } from '../../../functions/changes/wait.ts'
import { limits } from '../../../platform.ts'

const start = Date.UTC(2026, 10, 23)

/** A ledger whose changes become visible as its clock goes on; each pause takes its time. */
function ledgerWith(changes: readonly (ChangeEntry & { readonly visibleAt?: number })[]) {
  let now = start
  const changedSince = vi.fn(async (_owner: string, since: number) =>
    changes.filter(({ at, visibleAt = at }) => at > since && visibleAt <= now).sort((a, b) => a.at - b.at),
  )
  const pause = async (milliseconds: number) => {
    now += milliseconds
  }
  return { changedSince, clock: () => now, pause, elapsed: () => now - start }
}

describe('waiting for changes', () => {
  it('answers as soon as there is one, and not before', async () => {
    const ledger = ledgerWith([{ id: 'a', at: start + 1_000 }])
    const { ids } = await waitForChanges(ledger, 'uma', firstPosition(start), 20_000)
    expect(ids).toEqual(['a'])
    expect(ledger.elapsed()).toBeGreaterThanOrEqual(1_000)
    expect(ledger.elapsed()).toBeLessThanOrEqual(1_300)
  })

  it('answers with nothing when the time is over', async () => {
    const ledger = ledgerWith([])
    expect((await waitForChanges(ledger, 'uma', firstPosition(start), 5_000)).ids).toEqual([])
    expect(ledger.elapsed()).toBeLessThanOrEqual(5_000)
    expect(ledger.elapsed()).toBeGreaterThan(4_500)
  })

  it('tells each change once, also one that became visible after a later one', async () => {
    const ledger = ledgerWith([
      { id: 'late', at: start + 100, visibleAt: start + 900 },
      { id: 'early', at: start + 200 },
      { id: 'early', at: start + 1_200 },
    ])
    const told: string[] = []
    let position = firstPosition(start)
    for (let round = 0; round < 3; round++) {
      const answer = await waitForChanges(ledger, 'uma', decodePosition(encodePosition(position)), 20_000)
      told.push(...answer.ids)
      position = answer.position
    }
    expect(told).toEqual(['early', 'late', 'early'])
  })

  it('tells of more than one answer holds in the next one', async () => {
    const many = Array.from({ length: limits.changesMost + 20 }, (_, n) => ({ id: `image ${n}`, at: start + 10 }))
    const ledger = ledgerWith(many.map((change) => ({ ...change, visibleAt: start })))
    const first = await waitForChanges(ledger, 'uma', firstPosition(start), 1_000)
    const second = await waitForChanges(ledger, 'uma', first.position, 1_000)
    expect([first.ids.length, second.ids.length]).toEqual([limits.changesMost, 20])
    expect(new Set([...first.ids, ...second.ids]).size).toBe(many.length)
  })
})

describe('a position', () => {
  it('survives its way through an address, however many changes it remembers', () => {
    const changes = Array.from({ length: 500 }, (_, n) => ({ id: `image ${n}`, at: start + n }))
    const text = encodePosition(advanced(firstPosition(start), changes))
    expect(text.length).toBeLessThanOrEqual(limits.cursorLength)
    expect(encodeURIComponent(text)).toBe(text)
    expect(isFresh(decodePosition(text), changes.at(-1) as ChangeEntry)).toBe(false)
  })

  it.each(['', 'abc', '12', '12.short', '12.abcdef!', `1${'0'.repeat(20)}.`])(
    'that nobody gave is refused: %j',
    (text) => {
      expect(() => decodePosition(text)).toThrow('not one that this platform gave')
    },
  )
})
