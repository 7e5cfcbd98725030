import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { purgeRun } from '../../../contract/schemas.ts'
import {
  addErasure,
  erasureRun,
  listInText,
  newRunId,
  noCounts,
  rowsOfKind,
  runKey,
} from '../../../functions/shared/runs.ts'

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

describe('rows of one kind', () => {
  /** Pages of the table, each of which leads to the next. */
  function paged(pages: readonly { id: number }[][]) {
    const asked: number[] = []
    const send = async ({ input }: { input: { ExclusiveStartKey?: { page: number } } }) => {
      const page = input.ExclusiveStartKey?.page ?? 0
      asked.push(page)
      const LastEvaluatedKey = page + 1 < pages.length ? { page: page + 1 } : undefined
      return { Items: pages[page], LastEvaluatedKey }
    }
    return { asked, client: { send } as unknown as DynamoDBDocumentClient }
  }
  const pages = [[{ id: 1 }, { id: 2 }], [{ id: 3 }], [{ id: 4 }]]

  it('come from every page', async () => {
    const { client } = paged(pages)
    expect(await Array.fromAsync(rowsOfKind(client, 'runs', 'purge'))).toEqual(pages.flat())
  })

  it.each([
    { limit: 1, asked: [0] },
    { limit: 2, asked: [0] },
    { limit: 3, asked: [0, 1] },
    { limit: 9, asked: [0, 1, 2] },
  ])('are $limit at most where so many are wanted, and no page more is asked for', async ({ limit, asked }) => {
    const table = paged(pages)
    const rows = await Array.fromAsync(rowsOfKind(table.client, 'runs', 'purge', limit))
    expect(rows).toEqual(pages.flat().slice(0, limit))
    expect(table.asked).toEqual(asked)
  })
})

describe('a list in a row', () => {
  const list = listInText(z.array(z.object({ id: z.string() })))

  it('is read from text, and as the list that rows of earlier versions hold', () => {
    expect(list.parse('[{"id":"a"}]')).toEqual([{ id: 'a' }])
    expect(list.parse([{ id: 'a' }])).toEqual([{ id: 'a' }])
  })

  it('is checked in either form', () => {
    expect(() => list.parse('[{"id":1}]')).toThrow()
    expect(() => list.parse([{ id: 1 }])).toThrow()
  })
})
