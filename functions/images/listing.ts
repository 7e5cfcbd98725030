/**
 * A page of a person's images by filter and order. Newest and oldest follow the index: a page reads on from where the
 * last one ended until it is full, or has looked at `listScan` rows. The other orders read all of the person's rows for
 * each page, which the quota bounds; an index for each of them would cost a write at each upload.
 */
import { type ImageOrder, limits, listScan } from '../../platform.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Ledger } from '../shared/ledger.ts'
import { decodeCursor, decodePosition, encodeCursor, type Position } from './cursor.ts'
import { type ImageFilter, isFiltered, matches, type ReadAllOrder, sortValue } from './filter.ts'

export type ListQuery = {
  readonly filter: ImageFilter
  readonly order: ImageOrder
  readonly limit: number
  readonly cursor?: string | undefined
}
export type Listed = { readonly rows: ImageRow[]; readonly cursor: string | undefined }

/** @throws RequestError 400 for a cursor of another person or order */
export function listImages(ledger: Pick<Ledger, 'listByOwner'>, ownerId: string, query: ListQuery): Promise<Listed> {
  const { order } = query
  if (order === 'newest' || order === 'oldest') return inOrderOfTime(ledger, ownerId, query)
  return readingAll(ledger, ownerId, { ...query, order })
}

async function inOrderOfTime(ledger: Pick<Ledger, 'listByOwner'>, ownerId: string, query: ListQuery): Promise<Listed> {
  const { filter, order, limit } = query
  const rows: ImageRow[] = []
  let cursor = decodeCursor(query.cursor, ownerId)
  let looked = 0
  do {
    const page = await ledger.listByOwner(ownerId, {
      limit: isFiltered(filter) ? limits.pageSize.most : limit - rows.length,
      cursor,
      oldestFirst: order === 'oldest',
      from: filter.from,
      to: filter.to,
    })
    looked += Math.max(1, page.rows.length)
    for (const [n, row] of page.rows.entries()) {
      if (matches(row, filter)) rows.push(row)
      if (rows.length < limit) continue
      const last = n === page.rows.length - 1
      return { rows, cursor: encodeCursor(last ? page.cursor : keyOf(row)) }
    }
    cursor = page.cursor
  } while (cursor && looked < listScan)
  return { rows, cursor: encodeCursor(cursor) }
}

const keyOf = ({ id, ownerId, receivedAt }: ImageRow) => ({ id, ownerId, receivedAt })

async function readingAll(
  ledger: Pick<Ledger, 'listByOwner'>,
  ownerId: string,
  { filter, order, limit, cursor }: ListQuery & { readonly order: ReadAllOrder },
): Promise<Listed> {
  const after = decodePosition(cursor, ownerId, order)
  const value = sortValue[order]
  const all: ImageRow[] = []
  let key: Record<string, unknown> | undefined
  do {
    const page = await ledger.listByOwner(ownerId, { limit: 1_000, cursor: key, from: filter.from, to: filter.to })
    all.push(...page.rows.filter((row) => matches(row, filter)))
    key = page.cursor
  } while (key)
  const sorted = all
    .map((row) => ({ row, at: { value: value(row), id: row.id } }))
    .filter(({ at }) => !after || comparePositions(at, after) > 0)
    .sort((a, b) => comparePositions(a.at, b.at))
  const page = sorted.slice(0, limit)
  const last = sorted.length > limit ? page.at(-1) : undefined
  const next: Position | undefined = last && { order, ownerId, ...last.at }
  return { rows: page.map(({ row }) => row), cursor: encodeCursor(next) }
}

type At = Pick<Position, 'value' | 'id'>
const comparePositions = (a: At, b: At): number => compare(a.value, b.value) || compare(a.id, b.id)
const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)
