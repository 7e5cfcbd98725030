import { describe, expect, it } from 'vitest'
import { inventory, isNothing, mostEntries } from '../../../functions/purge/inventory.ts'
import { walk } from '../../../functions/purge/walk.ts'
import type { ImageRow } from '../../../functions/shared/image.ts'
import { imagePrefix, metadataKey, renditionKey } from '../../../functions/shared/keys.ts'
import { imageRow } from '../../support/images.ts'

const entryOf = (key: string) => ({ key, versionId: 'v', marker: false, modifiedAt: 0 })

/** A listing as S3 has it: in order, strictly behind the marker, cut after so many; and it counts its pages. */
function listing(keys: readonly string[], pageSize: number) {
  const sorted = [...keys].sort()
  const said = { pages: 0 }
  const read = async (after: string | undefined, prefix = '', most = pageSize) => {
    said.pages += 1
    const rest = sorted.filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
    return { entries: rest.slice(0, most).map(entryOf), more: rest.length > most }
  }
  return { said, read }
}

const images = (count: number, date = '2026-11-23'): ImageRow[] =>
  Array.from({ length: count }, () => imageRow({ date })).sort((a, b) => (a.id < b.id ? -1 : 1))

const keysOf = (row: ImageRow, renditions = 2): string[] => [
  row.key,
  ...Array.from({ length: renditions }, (_, n) => renditionKey(row, `r${n}`, 'webp')),
]

describe('a walk', () => {
  it.each([4, 5, 7, 50, 1000])(
    'shows every image whole and once, and nobody else, in pages of %i',
    async (pageSize) => {
      const all = images(40)
      const own = all.filter((_, n) => n % 3 !== 1)
      const { read, said } = listing(
        all.flatMap((row) => keysOf(row)),
        pageSize,
      )
      const seen = new Map<string, string[]>()
      for await (const { covered, entries } of walk(own, imagePrefix, read)) {
        for (const { id } of covered) {
          expect(seen.has(id)).toBe(false)
          seen.set(id, [])
        }
        for (const [{ id }, { key }] of entries) seen.get(id)?.push(key)
      }
      expect(seen).toEqual(new Map(own.map((row) => [row.id, keysOf(row).sort()])))
      expect(said.pages).toBeLessThanOrEqual(own.length)
    },
  )

  it('needs one page for neighbours', async () => {
    const own = images(300)
    const { read, said } = listing(
      own.flatMap((row) => keysOf(row)),
      1000,
    )
    for await (const { covered } of walk(own, imagePrefix, read)) expect(covered).toHaveLength(300)
    expect(said.pages).toBe(1)
  })

  it('leaves out an image that fills a page, and goes on behind it', async () => {
    const own = images(5)
    const keys = own.flatMap((row, n) => keysOf(row, n === 2 ? 9 : 1))
    const covered: ImageRow[] = []
    for await (const stretch of walk(own, imagePrefix, listing(keys, 6).read)) covered.push(...stretch.covered)
    expect(covered).toEqual(own.filter((_, n) => n !== 2))
  })

  it('takes no key for a metadata file that only begins like one', async () => {
    const own = images(3)
    const keys = own.flatMap((row) => [metadataKey(row), `${metadataKey(row)}.bak`, `${metadataKey(row)}`.slice(0, -2)])
    for await (const { entries } of walk(own, metadataKey, listing(keys, 1000).read)) {
      expect(entries.map(([, { key }]) => key)).toEqual(own.map(metadataKey))
    }
  })
})

describe('an inventory', () => {
  const lakeOf = (keys: readonly string[], pageSize = 1000) => {
    const { read } = listing(keys, pageSize)
    const asked: number[] = []
    return {
      asked,
      versionsPage: (prefix: string, after?: string, most = pageSize) => {
        asked.push(most)
        return read(after, prefix, most)
      },
      uploadsPage: async () => ({ entries: [], more: false }),
    }
  }

  it('holds what lies there for images of several days', async () => {
    const rows = [...images(3, '2026-11-22'), ...images(3, '2026-11-23')]
    const found = await inventory(lakeOf(rows.flatMap((row) => [...keysOf(row), metadataKey(row)])), rows)
    expect([...found.keys()].map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort())
    for (const [row, { objects, metadata }] of found) {
      expect(objects.map(({ key }) => key)).toEqual(keysOf(row).sort())
      expect(metadata.map(({ key }) => key)).toEqual([metadataKey(row)])
    }
  })

  it('asks S3 for little more than it needs, and for a look at what has gone for a few entries', async () => {
    const all = images(100)
    const some = all.slice(20, 60)
    const lake = lakeOf(all.flatMap((row) => [...keysOf(row, 4), metadataKey(row)]))
    const found = await inventory(lake, some)
    expect([...found.values()].map(({ objects, metadata }) => objects.length + metadata.length)).toEqual(
      some.map(() => 6),
    )
    expect(lake.asked).toEqual([5 * 40 + 10, 40 + 10])

    const others = all.filter((row) => !some.includes(row))
    const after = lakeOf(others.flatMap((row) => [...keysOf(row, 4), metadataKey(row)]))
    const left = await inventory(after, some, { expectsNothing: true })
    expect([...left.values()].every(isNothing)).toBe(true)
    expect(left.size).toBe(40)
    expect(after.asked).toEqual([10, 10])
  })

  it('goes on with whole pages where images have more objects than usual', async () => {
    const rows = images(30)
    const lake = lakeOf(rows.flatMap((row) => keysOf(row, 20)))
    const found = await inventory(lake, rows)
    for (const row of rows) expect(found.get(row)?.objects.map(({ key }) => key)).toEqual(keysOf(row, 20).sort())
    expect(found.size).toBe(30)
    expect(lake.asked.filter((most) => most === 1000).length).toBeGreaterThan(0)
  })

  it('does not speak for an image with more than a handful of objects', async () => {
    const [small, large] = images(2)
    if (!small || !large) throw new Error('two images')
    const found = await inventory(lakeOf([...keysOf(small), ...keysOf(large, mostEntries)]), [small, large])
    expect([...found.keys()]).toEqual([small])
  })

  it('does not speak for an image whose keys do not say whose they are: it would always seem to have none', async () => {
    const odd = imageRow({ id: 'not-a-uuid' })
    const found = await inventory(lakeOf(keysOf(odd)), [odd])
    expect(found.size).toBe(0)
  })
})
