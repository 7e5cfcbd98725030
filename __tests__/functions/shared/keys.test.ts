import { describe, expect, it } from 'vitest'
import {
  addressOfKey,
  expiryShard,
  expiryShards,
  imagePath,
  imagePrefix,
  isImageId,
  metadataKey,
  newImageId,
  originalKey,
  parseImagePath,
  pendingShard,
  pendingShards,
  renditionKey,
} from '../../../functions/shared/keys.ts'

const image = { id: newImageId(), date: '2026-11-23' }
const path = imagePath(originalKey(image, 'jpg'))

describe('the path in an event', () => {
  it('leads back to the address of an original', () => {
    expect(parseImagePath(path)).toEqual({ ...image, key: originalKey(image, 'jpg'), extension: 'jpg' })
  })

  it.each([
    ['a rendition, which is our own output', imagePath(renditionKey(image, 'thumb', 'webp'))],
    ['a metadata file', imagePath(metadataKey(image))],
    ['a path from elsewhere', '/path/to/image/camera.png'],
    ['a relative key', path.slice(1)],
    ['a way up', path.replace('/images/', '/images/../images/')],
    ['something behind it', `${path}/..`],
    ['a line break behind it', `${path}\n`],
    ['a day that does not exist', path.replace('2026-11-23', '2026-02-30')],
    ['another version of UUID', path.replace(image.id, '00000000-0000-1000-8000-000000000000')],
    ['upper case', path.replace(image.id, image.id.toUpperCase().replace(/[0-9]/g, 'A'))],
    ['an unknown extension', path.replace('.jpg', '.exe')],
    ['nothing', ''],
  ])('is refused where it is %s', (_what, foreign) => {
    expect(parseImagePath(foreign)).toBeUndefined()
  })
})

describe('the address of a key', () => {
  it('is found for all that an image consists of', () => {
    const keys = [originalKey(image, 'png'), renditionKey(image, 'thumb', 'webp'), metadataKey(image)]
    for (const key of keys) expect(addressOfKey(key)).toEqual(image)
  })

  it.each([
    `${metadataKey(image)}.bak`,
    imagePrefix(image).slice(0, -1),
    `x${imagePrefix(image)}a`,
    'images/stray.txt',
    '',
  ])('is none for %s', (key) => {
    expect(addressOfKey(key)).toBeUndefined()
  })
})

describe('shards', () => {
  it('are spread evenly enough, and none is missing', () => {
    const counts = new Map<string, number>()
    for (let n = 0; n < 4_000; n += 1) {
      const shard = expiryShard(newImageId())
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(expiryShards)
    // 250 on average; a fair spread strays by some 15.
    for (const count of counts.values()) expect(count).toBeGreaterThan(150)
    for (let n = 0; n < 50; n += 1) expect(pendingShards).toContain(pendingShard(newImageId()))
  })
})

it('ids are random UUIDs, and nothing else passes for one', () => {
  expect(isImageId(newImageId())).toBe(true)
  for (const text of ['', 'x', `${newImageId()}\n`, ` ${newImageId()}`]) expect(isImageId(text)).toBe(false)
})
