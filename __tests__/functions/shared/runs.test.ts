import { describe, expect, it } from 'vitest'
import { purgeRun } from '../../../contract/schemas.ts'
import { addErasure, erasureRun, newRunId, noCounts, runKey } from '../../../functions/shared/runs.ts'

const erasure = { outcome: 'erased' as const, versions: 4, markers: 1, uploads: 2, metadataFiles: 1, rows: 2 }

describe('the record of an erasure on request', () => {
  it('is a run as the contract has it, and names neither image nor person', () => {
    const run = erasureRun(erasure, { startedAt: 1_000, finishedAt: 2_000 })
    expect(purgeRun.parse(run)).toEqual(run)
    expect(run).toMatchObject({ kind: 'erase', images: 1, versions: 4, metadata_files: 1, rows: 2, complete: true })
  })
})

describe('run ids', () => {
  it('sort by time', () => {
    const ids = [0, 999, 1_000, 1_763_899_200_000, 1_763_899_200_001].map(newRunId)
    expect([...ids].sort()).toEqual(ids)
  })

  it('lead to a file below the day of the run', () => {
    expect(runKey({ id: 'run-1', started_at: '2026-11-23T23:59:59.000Z' })).toBe('runs/date=2026-11-23/run-1.json')
  })
})

it('counts add up', () => {
  const counts = noCounts()
  addErasure(counts, erasure)
  addErasure(counts, erasure)
  expect(counts).toMatchObject({ versions: 8, markers: 2, uploads: 4, metadata_files: 2, rows: 4, images: 0 })
})
