/** What the page says: numbers, times, and reasons. */
import { describe, expect, it } from 'vitest'
import { poisonCodes } from '../../functions/shared/errors.ts'
import { imageTypes } from '../../platform.ts'
import { formatAgo, formatBytes, formatDuration, formatRemaining, formatShare } from '../../web/src/format.ts'
import { cameraName, duplicateCounts, pictureFor, recompressed, steps } from '../../web/src/images/facts.ts'
import { bucketsOf } from '../../web/src/retention/buckets.ts'
import { text } from '../../web/src/text.ts'
import { refusalOf, typeOf } from '../../web/src/upload/refusal.ts'
import { namePasted } from '../../web/src/upload/sources.ts'
import { imageView, rendition, start } from './imageView.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [1_540_000, '1.5 MB'],
    [104_857_600, '105 MB'],
  ])('shows %d bytes as %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words))

  it.each([
    [38, '38 ms'],
    [1_440, '1.4 s'],
    [42_000, '42 s'],
    [125_000, '2 min 5 s'],
  ])('shows a duration of %d ms as %s', (length, words) => expect(formatDuration(length)).toBe(words))

  it.each([
    [7 * day - second, '6 d 23 h'],
    [7 * day, '7 d'],
    [3 * hour + 12 * minute, '3 h 12 min'],
    [45 * second, '45 s'],
    [-5, '0 s'],
  ])('shows %d ms that are left as %s', (left, words) => expect(formatRemaining(left)).toBe(words))

  it('says how long ago in one unit', () => {
    expect(formatAgo(3 * minute + 15 * second)).toBe('3 min')
    expect(formatAgo(26 * hour)).toBe('1 d')
  })

  it('never calls a small saving nothing', () => {
    expect([formatShare(0.004), formatShare(0), formatShare(-0.5)]).toEqual(['<1 %', '0 %', '50 %'])
  })
})

describe('what is said of an image', () => {
  it('counts the time between the steps of its timeline', () => {
    expect(steps(imageView('a', 0)).map(({ status, since }) => [status, since])).toEqual([
      ['received', undefined],
      ['published', '40 ms'],
      ['processed', '1.2 s'],
    ])
  })

  it('names a camera without repeating its maker', () => {
    const metadata = { camera: { make: 'NIKON CORPORATION', model: 'NIKON D850' } } as never
    expect(cameraName(metadata)).toBe('NIKON D850')
    expect(cameraName({ camera: { make: 'Apple', model: 'iPhone 15' } } as never)).toBe('Apple iPhone 15')
    expect(cameraName({} as never)).toBeUndefined()
  })

  it('takes the smallest picture that fills its box on a dense screen', () => {
    const renditions = [rendition('compressed', 4000), rendition('thumb', 256), rendition('preview', 1024)]
    expect(pictureFor(renditions, 128)?.name).toBe('thumb')
    expect(pictureFor(renditions, 400)?.name).toBe('preview')
    expect(pictureFor(renditions.slice(1), 900)?.name).toBe('preview')
    const unlinked = { ...rendition('thumb', 256), url: undefined } as never
    expect(pictureFor([unlinked], 128)).toBeUndefined()
  })

  it('compares with the rendition that stands for the original', () => {
    const renditions = [rendition('preview', 1024), rendition('compressed', 4000)]
    expect(recompressed(imageView('a', 0, { renditions }))?.name).toBe('compressed')
  })

  it('finds duplicates in the list by their checksum', () => {
    const images = [
      imageView('a', 0, { sha256: 'x' }),
      imageView('b', 1, { sha256: 'x' }),
      imageView('c', 2, { sha256: 'y' }),
      imageView('d', 3),
    ]
    expect([...duplicateCounts(images)]).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['d', 0],
    ])
  })

  it('has words for every reason of a quarantine', () => {
    for (const code of poisonCodes) {
      const [what, todo] = text.quarantine.codes[code]
      expect(what.length, code).toBeGreaterThan(10)
      expect(todo.length, code).toBeGreaterThan(10)
    }
  })
})

describe('what is not sent', () => {
  const rules = { imageTypes: Object.keys(imageTypes), maxBytes: 1_000 }

  it('is told with what to do', () => {
    expect(refusalOf({ name: 'a.jpg', type: 'image/jpeg', size: 10 }, rules)).toBeUndefined()
    expect(refusalOf({ name: 'a.pdf', type: 'application/pdf', size: 10 }, rules)).toMatch(/JPEG, PNG.* TIFF/)
    expect(refusalOf({ name: 'a.HEIC', type: '', size: 10 }, rules)).toBeUndefined()
    expect(refusalOf({ name: 'a.heif', type: 'image/heif', size: 10 }, rules)).toBeUndefined()
    expect(refusalOf({ name: 'a.jpg', type: 'image/jpeg', size: 0 }, rules)).toMatch(/empty/)
    expect(refusalOf({ name: 'a.jpg', type: 'image/jpeg', size: 1_001 }, rules)).toMatch(/1 kB/)
  })

  it('takes the type from the name where the browser knows none', () => {
    expect(typeOf({ name: 'scan.TIF', type: '' })).toBe('image/tiff')
    expect(typeOf({ name: 'old.jpg', type: 'image/pjpeg' })).toBe('image/jpeg')
    expect(typeOf({ name: 'IMG_0001.HEIC', type: '' })).toBe('image/heic')
    expect(typeOf({ name: 'shared.heif', type: 'image/heif' })).toBe('image/heic')
    expect(typeOf({ name: 'unknown', type: '' })).toBe('')
  })

  it('tells pasted pictures apart by their time', () => {
    const pasted = new File(['x'], 'image.png', { type: 'image/png' })
    expect(namePasted(pasted, start).name).toMatch(/^Pasted at \d\d\.\d\d\.\d\d\.png$/)
    const named = new File(['x'], 'holiday.png', { type: 'image/png' })
    expect(namePasted(named, start)).toBe(named)
  })
})

describe('the chart of purges', () => {
  const run = (at: number, images: number) => ({ started_at: new Date(at).toISOString(), images }) as never

  it('counts by hours for a day, without gaps', () => {
    const now = start + 30 * minute
    const { unit, starts, images } = bucketsOf([run(start, 3), run(start + minute, 2), run(start - 2 * hour, 1)], now)
    expect([unit, starts.length]).toEqual(['hour', 24])
    expect(images.slice(-3)).toEqual([1, 0, 5])
  })

  it('counts by days where the runs go back further', () => {
    const { unit, images } = bucketsOf([run(start, 3), run(start - 5 * day, 7)], start)
    expect([unit, images]).toEqual(['day', [7, 0, 0, 0, 0, 3]])
  })
})
