import { describe, expect, it } from 'vitest'
import { noCounts } from '../../../functions/shared/runs.ts'
import { table, totals, verdict } from '../../../scripts/purge/report.ts'

const at = '2026-12-01T00:00:00Z'
const run = { id: 'run', kind: 'purge' as const, started_at: at, finished_at: at, cut_off: at, ...noCounts() }

describe('the report of a purge', () => {
  it('adds up what several runs did', () => {
    const runs = [
      { ...run, images: 2, versions: 8, complete: false },
      { ...run, images: 1, versions: 4, complete: true },
    ]
    expect(totals(runs)).toMatchObject({ images: 3, versions: 12 })
    expect(table(runs)).toMatch(/object versions +12/)
    expect(verdict(runs, at)).toBe(`Everything that was due at ${at} is gone (2 runs).`)
  })

  it('says plainly that something failed, or is left', () => {
    expect(verdict([{ ...run, failed: 3, complete: false }], at)).toContain(
      'Not everything is gone: 3 deletions failed',
    )
    expect(verdict([{ ...run, complete: false }], at)).toContain('Not everything is gone after 1 run.')
    expect(verdict([], at)).toContain('Not everything is gone')
  })
})
