import { describe, expect, it } from 'vitest'
import { filterQuery, matches } from '../../../functions/images/filter.ts'
import { listImages } from '../../../functions/images/listing.ts'
import { measureUsage } from '../../../functions/images/usage.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import type { OwnerPage } from '../../../functions/shared/ledger-owner.ts'

const start = Date.UTC(2026, 10, 23)

/** Rows of one person, the newest first, as the index has them. */
const rows = (count: number, change: (n: number) => Partial<ImageRow> = () => ({})): ImageRow[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `id-${String(n).padStart(5, '0')}`,
    ownerId: 'uma',
    status: 'processed',
    contentType: 'image/jpeg',
    bytes: 1_000 + ((n * 7_919) % 1_000),
    name: `Photo ${n}.jpg`,
    receivedAt: start - n * 1_000,
    expiresAt: start + 86_400_000 - n * 1_000,
    ...change(n),
  })) as unknown as ImageRow[]

/** As DynamoDB answers: pages of its own size, in either direction, from behind a start key. */
function index(all: readonly ImageRow[], pageSize = 300) {
  const asked: OwnerPage[] = []
  const ledger = {
    async listByOwner(_owner: string, page: OwnerPage) {
      asked.push(page)
      const { from = 0, to = Number.MAX_SAFE_INTEGER } = page
      const inTime = all.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to)
      const ordered = page.oldestFirst ? inTime.toReversed() : inTime
      const at = page.cursor ? ordered.findIndex(({ id }) => id === page.cursor?.id) + 1 : 0
      const part = ordered.slice(at, at + Math.min(page.limit, pageSize))
      const last = part.at(-1)
      const cursor = last && last !== ordered.at(-1) ? keyOf(last) : undefined
      return { rows: [...part], cursor: cursor as Record<string, unknown> | undefined }
    },
    async *ownerSummaries() {
      for (let n = 0; n < all.length; n += pageSize) yield all.slice(n, n + pageSize)
    },
  }
  return { ledger, asked }
}
const keyOf = ({ id, ownerId, receivedAt }: ImageRow) => ({ id, ownerId, receivedAt })

/** All pages, one after the other. */
async function everything(
  ledger: ReturnType<typeof index>['ledger'],
  query: Omit<Parameters<typeof listImages>[2], 'cursor'>,
) {
  const found: string[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const page = await listImages(ledger, 'uma', { ...query, cursor })
    expect(page.rows.length).toBeLessThanOrEqual(query.limit)
    found.push(...page.rows.map(({ id }) => id))
    cursor = page.cursor
    pages += 1
  } while (cursor)
  return { found, pages }
}

describe('a filter', () => {
  const parse = (query: Record<string, string>) => filterQuery.parse(query)
  const [row] = rows(1, () => ({
    name: 'Café au lait.JPG',
    metadata: { camera: { make: 'Canon', model: 'Canon EOS R5' } } as ImageRow['metadata'],
  })) as [ImageRow]

  it.each<[string, Record<string, string>, boolean]>([
    ['a part of the name, whatever its case', { name: 'cafÉ' }, true],
    ['a name that is not it', { name: 'tea' }, false],
    ['the camera by its name', { camera: 'Canon EOS R5' }, true],
    ['another camera', { camera: 'EOS' }, false],
    ['one of several states', { status: 'received,processed' }, true],
    ['other states', { status: 'quarantined' }, false],
    ['the type', { type: 'image/jpeg,image/png' }, true],
    ['another type', { type: 'image/png' }, false],
    ['a size from its first byte', { min_bytes: '1000' }, true],
    ['a size up to its last byte', { max_bytes: '1000' }, true],
    ['a greater size', { min_bytes: '1001' }, false],
    ['a time from its first moment', { from: '2026-11-23T00:00:00Z' }, true],
    ['a time whose end is not part of it', { to: '2026-11-23T00:00:00Z' }, false],
    ['all at once', { name: 'lait', type: 'image/jpeg', min_bytes: '1', camera: 'Canon EOS R5' }, true],
    ['all but one', { name: 'lait', type: 'image/jpeg', min_bytes: '1', camera: 'X-T5' }, false],
  ])('knows %s', (_what, query, expected) => {
    expect(matches(row, parse(query))).toBe(expected)
  })

  it('never lets a closed image through', () => {
    expect(matches({ ...row, status: 'purged' }, {})).toBe(false)
  })

  it.each([{ status: 'developed' }, { type: 'text/html' }, { from: 'yesterday' }, { min_bytes: '-1' }])(
    'refuses %o',
    (query) => {
      expect(filterQuery.safeParse(query).success).toBe(false)
    },
  )
})

describe('a list', () => {
  const all = rows(1_000, (n) => (n % 17 === 0 ? { status: 'quarantined' } : {}))
  const ids = all.map(({ id }) => id)

  it.each(['newest', 'oldest'] as const)('shows each image once, %s first, page by page', async (order) => {
    const { found } = await everything(index(all).ledger, { filter: {}, order, limit: 37 })
    expect(found).toEqual(order === 'newest' ? ids : ids.toReversed())
  })

  it.each(['largest', 'smallest', 'name'] as const)('shows each image once by %s, page by page', async (order) => {
    const { found } = await everything(index(all).ledger, { filter: {}, order, limit: 83 })
    const by = { largest: (a: ImageRow) => -a.bytes, smallest: (a: ImageRow) => a.bytes, name: (a: ImageRow) => a.name }
    const value = by[order] as (row: ImageRow) => string | number
    const expected = all.toSorted((a, b) => {
      const [left, right] = [value(a), value(b)]
      return left < right ? -1 : left > right ? 1 : a.id < b.id ? -1 : 1
    })
    // Names compare by their folded form; these have one case only, but for the P.
    expect(found).toEqual(expected.map(({ id }) => id))
  })

  it('finds all that match, and no other, however few they are', async () => {
    const { found } = await everything(index(all).ledger, {
      filter: { status: ['quarantined'] },
      order: 'newest',
      limit: 10,
    })
    expect(found).toEqual(ids.filter((_, n) => n % 17 === 0))
  })

  it('looks at a bounded number of rows for one page, and says that there may be more', async () => {
    const many = rows(9_000, (n) => (n === 8_999 ? { name: 'Needle.jpg' } : {}))
    const { ledger, asked } = index(many)
    const first = await listImages(ledger, 'uma', { filter: { name: 'needle' }, order: 'newest', limit: 50 })
    expect(first.rows).toEqual([])
    expect(first.cursor).toBeDefined()
    expect(asked.length).toBeLessThanOrEqual(21)
    const { found, pages } = await everything(index(many).ledger, {
      filter: { name: 'needle' },
      order: 'newest',
      limit: 50,
    })
    expect([found, pages]).toEqual([['id-08999'], 3])
  })

  it('leaves days that are not meant to the index', async () => {
    const { ledger, asked } = index(all)
    const filter = { from: start - 10_000, to: start }
    const { found } = await everything(ledger, { filter, order: 'newest', limit: 50 })
    expect(found).toEqual(ids.slice(1, 11))
    expect(asked).toEqual([expect.objectContaining(filter)])
  })

  it('takes no cursor of another person or order', async () => {
    const { ledger } = index(all)
    const { cursor } = await listImages(ledger, 'uma', { filter: {}, order: 'largest', limit: 5 })
    const query = { filter: {}, limit: 5, cursor }
    await expect(listImages(ledger, 'eve', { ...query, order: 'largest' })).rejects.toThrow('does not fit')
    await expect(listImages(ledger, 'uma', { ...query, order: 'name' })).rejects.toThrow('does not fit')
    await expect((async () => listImages(ledger, 'uma', { ...query, order: 'newest' }))()).rejects.toThrow(
      'does not fit',
    )
  })
})

describe('the use of the quota', () => {
  it('counts all, what matches, and what there is to choose from; closed images are none of it', async () => {
    const all = rows(700, (n) => ({
      bytes: 10,
      contentType: n < 100 ? 'image/png' : 'image/jpeg',
      ...(n === 0 && { status: 'purged' }),
      ...(n % 2 === 1 && { metadata: { camera: { model: 'X-T5', make: 'FUJIFILM' } } as ImageRow['metadata'] }),
    }))
    const usage = await measureUsage(index(all).ledger, 'uma', { type: ['image/png'] })
    expect(usage).toMatchObject({
      images: 699,
      bytes: 6_990,
      matching: { images: 99, bytes: 990 },
      statuses: [{ value: 'processed', images: 699 }],
      types: [
        { value: 'image/jpeg', images: 600 },
        { value: 'image/png', images: 99 },
      ],
      cameras: [{ value: 'FUJIFILM X-T5', images: 350 }],
      next_expires_at: new Date(start + 86_400_000 - 699_000).toISOString(),
    })
  })
})
