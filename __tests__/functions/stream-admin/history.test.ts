import { expect, it } from 'vitest'
import { slotOf } from '../../../functions/stream-admin/history.ts'
import { historyRings, historySpans } from '../../../platform.ts'

it('a measurement is written over by the one of a round later, and by none before', () => {
  for (const ring of ['minutes', 'quarters'] as const) {
    const { everyMs, slots } = historyRings[ring]
    const at = Date.parse('2026-11-23T12:00:00Z')
    const places = Array.from({ length: slots }, (_, n) => slotOf(ring, at + n * everyMs))
    expect(new Set(places).size).toBe(slots)
    expect(slotOf(ring, at + slots * everyMs)).toBe(slotOf(ring, at))
  }
})

it('every span that the charts show is kept', () => {
  for (const { lengthMs, ring } of Object.values(historySpans)) {
    const { everyMs, slots } = historyRings[ring]
    expect(lengthMs).toBeLessThanOrEqual(everyMs * slots)
  }
})
