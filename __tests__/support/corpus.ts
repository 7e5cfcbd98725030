/**
 * Images for tests and measurements: real photographs in the mix of formats, sizes and oddities that people upload.
 * `corpus/odd-images.ts` has images that are odd in one known way.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { localConfig } from '../../config.ts'
import { cachedFolder } from '../../local/setup/cached.ts'
import { type ImageType, imageTypes } from '../../platform.ts'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { animation, truncated } from './corpus/odd-images.ts'
import { greyPhotographs, type OriginalName, original, photographs } from './corpus/originals.ts'
import { type Random, seeded } from './corpus/random.ts'

export type Photo = {
  readonly name: string
  readonly contentType: ImageType
  readonly bytes: Buffer
  /** How the platform must end with it. */
  readonly expect: 'processed' | 'quarantined'
}

/** Raise it when the images change, so that nobody keeps old ones. */
const edition = 1
/** Images are made and kept in sets of this size; a larger count uses several. */
const setSize = 50

/**
 * The same images for the same seed, all different, 20 kB to 3 MB; made once, then read from the cache. In fifty:
 * JPEGs with all orientations, cameras and positions, some in Display P3, CMYK and greyscale, PNG, WebP, AVIF, GIF and
 * TIFF, animations, and two that break off.
 */
export async function* photos(count: number, seed: number): AsyncGenerator<Photo> {
  for (let index = 0, left = count; left > 0; index += 1) {
    const folder = await photoSet(seed, index)
    for (const file of (await readdir(folder)).sort().slice(0, left)) {
      const [, name = '', end, extension = ''] = /^(\d+-[\w-]+)\.(ok|bad)\.(\w+)$/.exec(file) ?? []
      yield {
        name: `${seed}-${name}.${extension}`,
        contentType: typeOf(extension),
        bytes: await readFile(join(folder, file)),
        expect: end === 'ok' ? 'processed' : 'quarantined',
      }
    }
    left -= setSize
  }
}

function typeOf(extension: string): ImageType {
  const found = Object.entries(imageTypes).find(([, known]) => known === extension)
  if (!found) throw new Error(`No image type has the extension ${extension}`)
  return found[0] as ImageType
}

async function photoSet(seed: number, index: number): Promise<string> {
  const { cache } = localConfig()
  await mkdir(cache, { recursive: true })
  return cachedFolder(
    {
      title: `Test images, seed ${seed}, part ${index + 1}`,
      folder: join(cache, `corpus-${edition}-${seed}-${index}`),
      async make(folder, step) {
        for (let n = 0; n < setSize; n += 1) {
          const number = index * setSize + n
          const { kind, extension, bytes, ok = true } = await makePhoto(n, seeded(seed * 1_000_003 + number))
          const name = `${String(number).padStart(5, '0')}-${kind}`
          await writeFile(join(folder, `${name}.${ok ? 'ok' : 'bad'}.${extension}`), bytes)
          step.update(`${n + 1} of ${setSize}`)
        }
      },
    },
    createReport(),
  )
}

type Made = { kind: string; extension: string; bytes: Buffer; ok?: boolean }
type Maker = (random: Random) => Promise<Made>

/** A photograph of its own: another part, another size, another light. */
async function shot(random: Random, longest: number, names: readonly OriginalName[] = photographs): Promise<Sharp> {
  const bytes = await original(random.pick(names))
  const { width, height } = await sharp(bytes).metadata()
  const part = random.between(0.6, 0.98)
  const [w, h] = [Math.floor(width * part), Math.floor(height * part)]
  const cut = sharp(bytes)
    .extract({ left: random.integer(0, width - w), top: random.integer(0, height - h), width: w, height: h })
    .resize(random.chance(0.75) ? { width: longest } : { height: longest })
    .modulate({ brightness: random.between(0.8, 1.15), saturation: random.between(0.8, 1.3) })
  return longest < 1200 && random.chance(0.3) ? cut.sharpen() : cut
}

const camera = (random: Random) => ({
  IFD0: { Make: random.pick(['Zenit', 'Leica', 'Fujifilm']), Model: `Model ${random.integer(1, 9)}` },
  IFD2: { DateTimeOriginal: `2026:0${random.integer(1, 9)}:1${random.integer(0, 9)} 12:00:00` },
  ...(random.chance(0.5) && {
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1', GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 18/1' },
  }),
})

const jpeg: Maker = async (random) => ({
  kind: 'photo',
  extension: 'jpg',
  bytes: await (await shot(random, random.integer(800, 2400)))
    .withMetadata({ orientation: random.integer(1, 8) })
    .withExifMerge(camera(random))
    .jpeg({ quality: random.integer(75, 95), progressive: random.chance(0.2) })
    .toBuffer(),
})

const made =
  (
    kind: string,
    extension: string,
    encode: (image: Sharp, random: Random) => Sharp,
    longest: readonly [from: number, to: number] = [400, 1400],
  ): Maker =>
  async (random) => ({
    kind,
    extension,
    bytes: await encode(await shot(random, random.integer(...longest)), random).toBuffer(),
  })

const grey: Maker = async (random) => ({
  kind: 'grey',
  extension: 'jpg',
  bytes: await (await shot(random, random.integer(600, 1600), greyPhotographs)).toColourspace('b-w').jpeg().toBuffer(),
})

const animated =
  (format: 'gif' | 'webp'): Maker =>
  async (random) => ({
    kind: 'animation',
    extension: format,
    bytes: await animation(format, random.integer(4, 16), random.between(0.8, 1.2)),
  })

const brokenOff =
  (maker: Maker): Maker =>
  async (random) => {
    const { extension, bytes } = await maker(random)
    return { kind: 'broken-off', extension, bytes: truncated(bytes, random.between(0.3, 0.8)), ok: false }
  }

const png = made('png', 'png', (image) => image.png({ adaptiveFiltering: true }), [300, 1200])

/** One in each place of a set of fifty; the rest are plain JPEGs, as among people's uploads. */
const places: readonly Maker[] = [
  ...Array.from({ length: 8 }, () => png),
  ...Array.from({ length: 5 }, () =>
    made('webp', 'webp', (image, random) => image.webp({ quality: random.integer(70, 92) })),
  ),
  ...Array.from({ length: 3 }, () => made('avif', 'avif', (image) => image.avif({ effort: 0, quality: 65 }))),
  ...Array.from({ length: 2 }, () => made('tiff', 'tiff', (image) => image.tiff({ compression: 'lzw' }), [300, 900])),
  ...Array.from({ length: 2 }, () => made('p3', 'jpg', (image) => image.withIccProfile('p3').jpeg({ quality: 88 }))),
  made('cmyk', 'jpg', (image) => image.toColourspace('cmyk').jpeg()),
  made('alpha', 'png', (image) => image.ensureAlpha(0.7).png(), [200, 600]),
  made('deep', 'png', (image) => image.toColourspace('rgb16').png(), [200, 500]),
  made('still', 'gif', (image) => image.gif(), [200, 500]),
  grey,
  grey,
  animated('gif'),
  animated('webp'),
  brokenOff(jpeg),
  brokenOff(png),
]

const makePhoto = (place: number, random: Random): Promise<Made> => (places[place] ?? jpeg)(random)
