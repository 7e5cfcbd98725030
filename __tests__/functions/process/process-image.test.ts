import exifReader from 'exif-reader'
import sharp from 'sharp'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type ImageLimits, imageLimits } from '../../../functions/process/limits.ts'
import { type PreparedRecipe, prepareRecipe } from '../../../functions/process/prepare.ts'
import { processImage } from '../../../functions/process/process-image.ts'
import { recipes } from '../../../functions/process/recipes.ts'
import type { MadeRendition } from '../../../functions/process/renditions.ts'
import type { PoisonCode } from '../../../functions/shared/errors.ts'
import { type ImageType, imageTypes } from '../../../platform.ts'
import { heic } from '../../support/corpus/heic.ts'
import * as odd from '../../support/corpus/odd-images.ts'
import { original } from '../../support/corpus/originals.ts'
import { photos } from '../../support/corpus.ts'

// Real encoding takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

let recipe: PreparedRecipe
beforeAll(async () => {
  recipe = await prepareRecipe(recipes.standard)
})

const process = (bytes: Uint8Array, type: ImageType, limits: Partial<ImageLimits> = {}) =>
  processImage(bytes, type, { recipe, limits: { ...imageLimits, ...limits } })
type Made = Awaited<ReturnType<typeof process>>
const rendition = ({ renditions }: Made, name: string): MadeRendition => {
  const found = renditions.find((one) => one.name === name)
  if (!found) throw new Error(`no rendition ${name}`)
  return found
}
/** The colour at a place given in parts of width and height, as a colour-managed viewer shows it in sRGB. */
async function colourAt(bytes: Uint8Array, x: number, y: number): Promise<[number, number, number]> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}
const near = (actual: readonly number[], expected: readonly number[], tolerance = 24) =>
  actual.every((value, n) => Math.abs(value - (expected[n] ?? 0)) <= tolerance)

describe('the standard recipe', () => {
  const compressed: Record<ImageType, string> = { ...imageTypes, 'image/gif': 'webp', 'image/heic': 'jpg' }
  const formats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const
  it.each(formats)('makes four renditions of a %s, which can be read again', async (format) => {
    const type: ImageType = `image/${format}`
    const bytes = await sharp(await original('retina.jpg'))
      .resize(1200, 900)
      .toFormat(format)
      .toBuffer()
    const made = await process(bytes, type)
    expect(made.metadata).toMatchObject({ format, width: 1200, height: 900, frames: 1 })
    expect(made.renditions.map(({ name, extension, width, height }) => [name, extension, width, height])).toEqual([
      ['thumb', 'webp', 256, 192],
      ['preview', 'webp', 1024, 768],
      ['preview-avif', 'avif', 1024, 768],
      ['compressed', compressed[type], 1200, 900],
    ])
    for (const { bytes, contentType, width, height } of made.renditions) {
      expect(await sharp(bytes).metadata()).toMatchObject({ mediaType: contentType, width, height })
      expect((await sharp(bytes).stats()).isOpaque).toBe(true)
    }
  })

  it('never enlarges', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
      const made = await process(await odd.onePixel(format), `image/${format}`)
      for (const { width, height } of made.renditions) expect([width, height]).toEqual([1, 1])
    }
  })

  it('copes with extreme shapes', async () => {
    const strip = await sharp({ create: { width: 20_000, height: 2, channels: 3, background: '#336699' } })
      .png()
      .toBuffer()
    const made = await process(strip, 'image/png')
    expect(rendition(made, 'thumb')).toMatchObject({ width: 256, height: 1 })
    expect(rendition(made, 'compressed')).toMatchObject({ width: 20_000, height: 2 })
  })

  it('does not spend more bytes on a JPEG than the quality that it came with needs', async () => {
    const poor = await sharp(await original('rocket.jpg'))
      .jpeg({ quality: 40 })
      .toBuffer()
    expect(rendition(await process(poor, 'image/jpeg'), 'compressed').bytes.length).toBeLessThanOrEqual(poor.length)
  })

  it('takes 24 megapixels', async () => {
    const made = await process(await odd.twentyFourMegapixels(), 'image/jpeg')
    expect(made.metadata).toMatchObject({ width: 6000, height: 4000 })
    expect(rendition(made, 'compressed')).toMatchObject({ width: 6000, height: 4000 })
  })

  it('takes fifty mixed uploads as they come, and refuses only those that are broken', async () => {
    for await (const { name, bytes, contentType, expect: end } of photos(50, 1)) {
      const result = await process(bytes, contentType).then(
        () => 'processed',
        ({ code }) => code,
      )
      expect({ name, result }).toEqual({ name, result: end === 'processed' ? 'processed' : 'truncated' })
    }
  })
})

describe('orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%d is applied to every rendition and recorded', async (orientation) => {
    const made = await process(await odd.oriented(orientation), 'image/jpeg')
    expect(made.metadata).toMatchObject({ orientation, width: 48, height: 32 })
    for (const { bytes, width, height } of made.renditions) {
      expect([width, height]).toEqual([48, 32])
      expect((await sharp(bytes).metadata()).orientation ?? 1).toBe(1)
      const quarters = await Promise.all([
        colourAt(bytes, 0.25, 0.25),
        colourAt(bytes, 0.75, 0.25),
        colourAt(bytes, 0.25, 0.75),
      ])
      expect(near(quarters.flat(), [255, 0, 0, 0, 255, 0, 0, 0, 255], 40), JSON.stringify(quarters)).toBe(true)
    }
  })
})

describe('colour', () => {
  it('beyond sRGB is converted for small renditions and kept as Display P3 at full size', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const made = await process(await odd.displayP3(format), `image/${format}`)
      expect(made.metadata.colorSpace).toBe('wide-gamut RGB')
      // P3's green is out of sRGB's reach: converted it is sRGB's own green, unconverted it would be a dull one.
      expect(near(await colourAt(rendition(made, 'preview').bytes, 0.5, 0.5), [0, 255, 0], 30)).toBe(true)
      expect((await sharp(rendition(made, 'preview').bytes).metadata()).hasProfile).toBe(false)
      const full = rendition(made, 'compressed').bytes
      expect((await sharp(full).metadata()).hasProfile).toBe(true)
      const raw = await sharp(full, { ignoreIcc: true }).raw().toBuffer()
      expect(near([...raw.subarray(48 * 3, 48 * 3 + 3)], [0, 255, 0], 12), 'still pure P3 green').toBe(true)
    }
  })

  it('of CMYK images is converted', async () => {
    const cmyk = await odd.cmykJpeg()
    const made = await process(cmyk, 'image/jpeg')
    expect(made.metadata.colorSpace).toBe('CMYK')
    for (const { bytes } of made.renditions) expect((await sharp(bytes).metadata()).space).toBe('srgb')
    const [before, after] = await Promise.all([
      colourAt(cmyk, 0.5, 0.5),
      colourAt(rendition(made, 'preview').bytes, 0.5, 0.5),
    ])
    expect(near(before, after)).toBe(true)
  })

  it('keeps 16 bits and greyscale in lossless formats, pixel by pixel', async () => {
    for (const [make, space] of [
      [odd.sixteenBitPng, 'rgb16'],
      [odd.sixteenBitGrey, 'grey16'],
      [odd.greyPng, 'b-w'],
    ] as const) {
      const before = await make()
      const after = rendition(await process(before, 'image/png'), 'compressed').bytes
      expect((await sharp(after).metadata()).space).toBe(space)
      const pixels = (bytes: Buffer) => sharp(bytes).toColourspace(space).raw({ depth: 'ushort' }).toBuffer()
      expect((await pixels(after)).equals(await pixels(before))).toBe(true)
    }
  })

  it('that is transparent stays so', async () => {
    for (const format of ['png', 'webp', 'avif', 'tiff', 'gif'] as const) {
      const made = await process(await odd.withAlpha(format), `image/${format}`)
      expect(made.metadata).toMatchObject({ hasAlpha: true, dominantColor: expect.stringMatching(/^#(1[def]|2[0-2])/) })
      for (const { bytes, name } of made.renditions) {
        const corner = await sharp(bytes).ensureAlpha().extractChannel(3).raw().toBuffer()
        expect([format, name, corner[0]]).toEqual([format, name, 0])
      }
    }
  })
})

describe('an image longer than WebP can be', () => {
  const strip = (pages: number) => {
    const data = Buffer.alloc(20_000 * 4 * pages * 4, 0x40)
    // Frames that do not differ would become one.
    for (let page = 1; page < pages; page += 1) data.fill(0x80, 20_000 * 4 * page * 4)
    const raw = { width: 20_000, height: 4 * pages, channels: 4, ...(pages > 1 && { pageHeight: 4 }) } as const
    return sharp(data, { raw }).gif().toBuffer()
  }
  it.each([
    ['becomes as long as can be', strip(1), { extension: 'webp', width: 16_383 }],
    ['and animated becomes as long as can be', strip(2), { extension: 'webp', width: 16_383 }],
  ])('%s', async (_, gif, expected) => {
    const made = await process(await gif, 'image/gif')
    expect(rendition(made, 'compressed')).toMatchObject(expected)
    expect(rendition(made, 'thumb')).toMatchObject({ width: 256, height: 1 })
  })
})

describe('animation', () => {
  it.each(['gif', 'webp'] as const)(
    'of a %s lives on in preview and compressed, elsewhere it is its first frame',
    async (format) => {
      const made = await process(await odd.animation(format, 12), `image/${format}`)
      expect(made.metadata).toMatchObject({ frames: 12, width: 160, height: 120 })
      for (const name of ['preview', 'compressed']) {
        const { bytes, width, height } = rendition(made, name)
        expect([width, height]).toEqual([160, 120])
        expect(await sharp(bytes).metadata()).toMatchObject({ pages: 12, loop: 0, delay: Array(12).fill(80) })
      }
      for (const name of ['thumb', 'preview-avif'])
        expect((await sharp(rendition(made, name).bytes).metadata()).pages ?? 1).toBe(1)
    },
  )

  it('that is long gets a smaller preview and loses no frame', async () => {
    const wide = await sharp(await odd.animation('webp', 60), { animated: true })
      .resize(1000, 750)
      .webp({ effort: 0 })
      .toBuffer()
    const preview = rendition(await process(wide, 'image/webp'), 'preview')
    expect((await sharp(preview.bytes).metadata()).pages).toBe(60)
    expect(preview.width * preview.height * 60).toBeLessThan(24_100_000)
  })
})

describe('HEIC', () => {
  const sizes = ({ renditions }: Made) =>
    renditions.map(({ name, extension, width, height }) => `${name}.${extension} ${width}×${height}`)

  it('from a phone becomes a JPEG and the usual previews, with time, camera and colours, and without its place', async () => {
    const made = await process(await heic('phone'), 'image/heic')
    expect(made.metadata).toMatchObject({
      format: 'heic',
      width: 4032,
      height: 3024,
      colorSpace: 'Display P3',
      camera: { make: 'Apple', model: 'iPhone 13 Pro' },
      capturedAt: '2023-02-21T14:33:08',
      hasGps: true,
    })
    expect(sizes(made)).toEqual([
      'thumb.webp 256×192',
      'preview.webp 1024×768',
      'preview-avif.avif 1024×768',
      'compressed.jpg 4032×3024',
    ])
    expect((await sharp(rendition(made, 'compressed').bytes).metadata()).hasProfile).toBe(true)
    for (const one of made.renditions) await expectBare(one)
    // The wall, the pug's collar and its back, as other programs show them: no tile is out of its place.
    const preview = rendition(made, 'preview').bytes
    expect(
      near(await colourAt(preview, 0.9, 0.2), [205, 195, 180], 40),
      String(await colourAt(preview, 0.9, 0.2)),
    ).toBe(true)
  })

  it('is upright however the phone was held', async () => {
    const made = await process(await heic('turned'), 'image/heic')
    expect(made.metadata).toMatchObject({ width: 3024, height: 4032, orientation: 1 })
    const { data, info } = await sharp(rendition(made, 'thumb').bytes)
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    // The arrow points up: its widest line is in the upper half.
    const dark = (row: number) => data.subarray(row * info.width, (row + 1) * info.width).filter((value) => value < 90)
    const widest = Array.from({ length: info.height }, (_, row) => dark(row).length)
    expect(widest.indexOf(Math.max(...widest)) / info.height).toBeLessThan(0.8)
  })

  it('of 12 bits, with alpha, or with a header that tells another size is read as it is', async () => {
    expect((await process(await heic('deep'), 'image/heic')).metadata).toMatchObject({ width: 29, height: 100 })
    const transparent = await process(await heic('alpha'), 'image/heic')
    expect(transparent.metadata).toMatchObject({ width: 29, height: 100, hasAlpha: true })
    expect(rendition(transparent, 'compressed').extension).toBe('webp')
    const odd = await process(await heic('mismatched'), 'image/heic')
    expect(rendition(odd, 'compressed')).toMatchObject({ width: odd.metadata.width, height: odd.metadata.height })
  })

  it('is read whatever came before it, and beside it: a refused one, a photograph', async () => {
    const small = await heic('small')
    const expected = rendition(await process(small, 'image/heic'), 'compressed').bytes
    const damaged = Buffer.from(small)
    damaged.fill(0xff, damaged.indexOf('mdat') + 4)
    const refused = process(damaged, 'image/heic').catch((error) => error.code)
    const all = await Promise.all([refused, process(small, 'image/heic'), process(await heic('phone'), 'image/heic')])
    expect(all[0]).toMatch(/undecodable|truncated/)
    expect(rendition(all[1], 'compressed').bytes).toEqual(expected)
    expect(await process(damaged, 'image/heic').catch((error) => error.code)).toBe(all[0])
    expect(rendition(await process(small, 'image/heic'), 'compressed').bytes).toEqual(expected)
  })
})

describe('what a file tells about people', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)(
    'in a %s is recorded only as far as it is harmless',
    async (format) => {
      const { metadata } = await process(await odd.telltale(format), `image/${format}`)
      expect(metadata).toMatchObject({
        hasGps: true,
        camera: { make: 'Zenit', model: 'TTL 50' },
        capturedAt: '2026-05-17T09:41:30',
      })
      expect(JSON.stringify(metadata)).not.toMatch(/canary|Ada/)
    },
  )

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('in a %s is in no rendition', async (format) => {
    const bytes = await odd.telltale(format)
    expect(bytes.includes('canary'), 'the test image tells something').toBe(true)
    for (const made of (await process(bytes, `image/${format}`)).renditions) await expectBare(made)
  })

  it('in comments, IPTC blocks and trailing bytes is in no rendition', async () => {
    for (const bytes of [await odd.talkativeJpeg(), await odd.polyglotJpeg()]) {
      expect(bytes.includes('canary')).toBe(true)
      for (const made of (await process(bytes, 'image/jpeg')).renditions) await expectBare(made)
    }
  })
})

async function expectBare({ bytes, name }: MadeRendition) {
  const { exif, iptc, xmp, comments, tifftagPhotoshop } = await sharp(bytes).metadata()
  expect({ name, iptc, xmp, comments, tifftagPhotoshop }).toEqual({ name })
  // libvips may write an EXIF block of its own that holds only technical tags.
  const known = exif ? Object.keys(exifReader(exif).Image ?? {}) : []
  expect(known).not.toContain('Make')
  expect(exif ? exifReader(exif).GPSInfo : undefined).toBeUndefined()
  for (const word of ['canary', 'Zenit', 'Ada', 'iPhone', '<script', 'PK\x03\x04', 'PK\x05\x06'])
    expect(bytes.includes(word)).toBe(false)
}

describe('a colour profile', () => {
  it('that is damaged is in no rendition', async () => {
    const bytes = await odd.displayP3('jpeg')
    const at = bytes.indexOf('rXYZ')
    // Its white point's tag loses its name: the primaries still tell a wide gamut, but nothing can be converted.
    for (let n = 0; n < bytes.length; n += 1) {
      if (bytes.toString('latin1', n, n + 4) === 'rTRC') bytes.write('canary'.slice(0, 4), n, 'latin1')
    }
    expect(at).toBeGreaterThan(0)
    const profile = (await sharp(bytes).metadata()).icc
    expect(profile?.includes('cana')).toBe(true)
    for (const made of (await process(bytes, 'image/jpeg')).renditions) {
      expect(made.bytes.includes('cana')).toBe(false)
    }
  })
})

describe('bad input', () => {
  const refused = async (bytes: Uint8Array, type: ImageType, limits: Partial<ImageLimits> = {}): Promise<PoisonCode> =>
    process(bytes, type, limits).then(
      () => expect.unreachable('it was processed'),
      (error) => {
        expect(error).toMatchObject({ name: 'PoisonError', retriable: false })
        return error.code
      },
    )

  it('that is no image is refused whatever it is called', async () => {
    expect(await refused(Buffer.from('hello, this is text'), 'image/jpeg')).toBe('not-an-image')
    expect(await refused(odd.svg, 'image/png')).toBe('not-an-image')
    expect(await refused(new Uint8Array(), 'image/png')).toBe('not-an-image')
  })

  it('that lies about its type is refused', async () => {
    expect(await refused(await odd.onePixel('png'), 'image/jpeg')).toBe('type-mismatch')
  })

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'heic', 'tiff'] as const)(
    'that breaks off is refused: %s',
    async (format) => {
      const whole =
        format === 'heic'
          ? await heic('small')
          : await sharp(await original('coffee.png'))
              .toFormat(format)
              .toBuffer()
      for (const part of [0.1, 0.5, 0.9]) {
        expect([part, await refused(odd.truncated(whole, part), `image/${format}`)]).toEqual([part, 'truncated'])
      }
    },
  )

  it('that is damaged inside is refused', async () => {
    expect(await refused(await odd.corruptPng(), 'image/png')).toBe('undecodable')
  })

  it('that claims absurd sizes is refused before anything is decoded', async () => {
    const started = performance.now()
    expect(await refused(odd.bombPng(50_000), 'image/png')).toBe('too-many-pixels')
    expect(await refused(odd.bombPng(20_000), 'image/png')).toBe('too-many-pixels')
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('is told from valid input exactly at the limits', async () => {
    const bytes = await odd.withAlpha('png')
    expect(await refused(bytes, 'image/png', { pixels: 200 * 120 - 1 })).toBe('too-many-pixels')
    expect(await refused(bytes, 'image/png', { side: 199 })).toBe('too-many-pixels')
    await process(bytes, 'image/png', { pixels: 200 * 120, side: 200 })
    const moving = await odd.animation('gif', 5)
    expect(await refused(moving, 'image/gif', { frames: 4 })).toBe('too-many-frames')
    expect(await refused(moving, 'image/gif', { pixels: 160 * 120 * 5 - 1 })).toBe('too-many-pixels')
    await process(moving, 'image/gif', { frames: 5, pixels: 160 * 120 * 5 })
  })

  it('that takes too long is given up', async () => {
    expect(await refused(await odd.twentyFourMegapixels(), 'image/jpeg', { seconds: 0.02 })).toBe('too-slow')
  })
})
