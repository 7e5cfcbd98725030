import { describe, expect, it } from 'vitest'
import { groupByImage, groupsIn, positionBefore } from '../../../functions/purge/groups.ts'
import { imagePrefix, metadataKey, renditionKey } from '../../../functions/shared/keys.ts'
import { imageRow } from '../../support/images.ts'

const keyed = (key: string) => ({ key })

/** A listing as S3 has it: in order, strictly behind the marker, cut after so many. */
const listing = (keys: readonly string[], pageSize: number) => {
  const sorted = [...keys].sort()
  return async (after: string | undefined) => {
    const rest = after === undefined ? sorted : sorted.filter((key) => key > after)
    return { entries: rest.slice(0, pageSize).map(keyed), more: rest.length > pageSize }
  }
}

const imageKeys = (count: number, renditions: number) =>
  Array.from({ length: count }, () => {
    const row = imageRow()
    return [row.key, ...Array.from({ length: renditions }, (_, n) => renditionKey(row, `r${n}`, 'webp'))]
  })

describe('groups', () => {
  it('hold what lies below one image, one metadata file, or one unknown key', () => {
    const row = imageRow()
    const keys = [`${imagePrefix(row)}a`, `${imagePrefix(row)}b/c`, 'images/stray', metadataKey(row)]
    const groups = groupByImage(keys.map(keyed))
    expect(groups.map(({ address, entries }) => [address?.id, entries.length])).toEqual([
      [row.id, 2],
      [undefined, 1],
      [row.id, 1],
    ])
  })

  it.each([3, 4, 5, 7, 1000])('come whole and once each from pages of %i', async (pageSize) => {
    const images = imageKeys(9, 2)
    const seen: string[][] = []
    for await (const { groups } of groupsIn(listing(images.flat(), pageSize))) {
      seen.push(...groups.map(({ entries }) => entries.map(({ key }) => key).sort()))
    }
    expect(seen.map((keys) => keys.join()).sort()).toEqual(images.map((keys) => [...keys].sort().join()).sort())
  })

  it('come to an end where one image fills more than a page', async () => {
    const images = imageKeys(3, 20)
    const seen = new Set<string>()
    for await (const { groups } of groupsIn(listing(images.flat(), 4))) {
      for (const { address } of groups) if (address) seen.add(address.id)
    }
    expect(seen.size).toBe(3)
  })

  it('lose nobody when a scan goes on from where another stopped', async () => {
    const images = imageKeys(40, 1)
    const seen = new Set<string>()
    let position: string | undefined
    for (let run = 0; run < 100; run += 1) {
      let pages = 0
      let stopped: string | undefined
      for await (const { groups, end } of groupsIn(listing(images.flat(), 6), position)) {
        if (pages++ === 2) {
          stopped = position
          break
        }
        for (const { address } of groups) if (address) seen.add(address.id)
        position = positionBefore(end)
      }
      if (stopped === undefined) break
    }
    expect(seen.size).toBe(40)
  })
})

describe('the position between two runs', () => {
  it('lies before the group and names no image', () => {
    const row = imageRow()
    for (const key of [row.key, metadataKey(row)]) {
      const [group] = groupByImage([keyed(key)])
      const position = positionBefore(group?.end ?? '') ?? ''
      expect(position < key).toBe(true)
      expect(position.startsWith(`${key.split('/').slice(0, 2).join('/')}/`)).toBe(true)
      expect(position).not.toContain(row.id.slice(0, 8))
    }
  })

  it('is the beginning for a key that is none of ours', () => {
    expect(positionBefore(groupByImage([keyed('images/stray')])[0]?.end ?? '')).toBeUndefined()
  })
})
