import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { imageLimits } from '../../../functions/process/limits.ts'
import { prepareRecipe } from '../../../functions/process/prepare.ts'
import { processImage } from '../../../functions/process/process-image.ts'
import { type Recipe, recipeInUse, recipes } from '../../../functions/process/recipes.ts'
import { largestBox } from '../../../functions/process/steps/attention-crop.ts'
import type { WatermarkOptions } from '../../../functions/process/steps/watermark.ts'
import * as odd from '../../support/corpus/odd-images.ts'

vi.setConfig({ testTimeout: 60_000 })

const dark = () =>
  sharp({ create: { width: 400, height: 200, channels: 3, background: '#202020' } })
    .png()
    .toBuffer()
const square =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#fff"/></svg>'
const mark: WatermarkOptions = { mark: { svg: square }, opacity: 1, gravity: 'southeast', width: 0.2 }
const recipeWith = (steps: NonNullable<Recipe[number]['steps']>): Recipe => [
  { name: 'made', side: 400, format: 'png', steps },
]

async function make(recipe: Recipe, bytes: Buffer) {
  const prepared = await prepareRecipe(recipe)
  const [made] = (await processImage(bytes, 'image/png', { recipe: prepared, limits: imageLimits })).renditions
  if (!made) throw new Error('nothing was made')
  const { data, info } = await sharp(made.bytes).raw().toBuffer({ resolveWithObject: true })
  const brightness = (x: number, y: number) => data[(y * info.width + x) * info.channels] ?? -1
  return { ...made, channels: info.channels, brightness }
}

describe('watermark', () => {
  it('lays the mark into its corner, at its size, and leaves the rest alone', async () => {
    const { brightness, width, height, channels } = await make(
      recipeWith([{ step: 'watermark', options: mark }]),
      await dark(),
    )
    expect([width, height, channels]).toEqual([400, 200, 3])
    // 80 wide, 6 from the edges.
    expect([brightness(350, 150), brightness(316, 116), brightness(392, 192)]).toEqual([255, 255, 255])
    expect([brightness(312, 150), brightness(397, 150), brightness(100, 100)]).toEqual([32, 32, 32])
  })

  it('shines through as far as its opacity says', async () => {
    const options = { ...mark, opacity: 0.5 }
    const { brightness } = await make(recipeWith([{ step: 'watermark', options }]), await dark())
    expect(brightness(350, 150)).toBeGreaterThan(135)
    expect(brightness(350, 150)).toBeLessThan(152)
  })

  it('writes a line of text', async () => {
    const options = { ...mark, mark: { text: '© Ada & <Sons>' }, width: 0.8, gravity: 'centre' as const }
    const { brightness } = await make(recipeWith([{ step: 'watermark', options }]), await dark())
    const row = Array.from({ length: 400 }, (_, x) => brightness(x, 100))
    expect(row.filter((value) => value > 200).length).toBeGreaterThan(10)
  })

  it('fits images that are smaller than a mark can be', async () => {
    const options = { ...mark, width: 1 }
    expect(await make(recipeWith([{ step: 'watermark', options }]), await odd.onePixel('png'))).toMatchObject({
      width: 1,
      height: 1,
    })
  })

  it.each([
    [{ ...mark, opacity: 0 }, /opacity/],
    [{ ...mark, width: 1.5 }, /width/],
    [{ ...mark, mark: { svg: 'no svg' } }, /cannot be drawn|can be drawn/],
    [{ ...mark, mark: { svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' } }, /draws nothing/],
  ])('with options that cannot work is refused before any image comes', async (options, message) => {
    await expect(prepareRecipe(recipeWith([{ step: 'watermark', options }]))).rejects.toThrow(message)
  })

  it('is the only reason for which SVG is read: images from outside never are', async () => {
    await prepareRecipe(recipeWith([{ step: 'watermark', options: mark }]))
    await expect(sharp(odd.svg).metadata()).rejects.toThrow(/unsupported/)
  })
})

describe('attentionCrop', () => {
  it.each([
    [1, 200, 200],
    [4, 400, 100],
    [0.5, 100, 200],
  ])('cuts the largest box of ratio %d', async (ratio, width, height) => {
    expect(await make(recipeWith([{ step: 'attentionCrop', options: { ratio } }]), await dark())).toMatchObject({
      width,
      height,
    })
  })

  it('keeps what draws the eye', async () => {
    const scene = await sharp(await dark())
      .composite([
        { input: { create: { width: 40, height: 40, channels: 3, background: '#e05030' } }, left: 340, top: 80 },
      ])
      .png()
      .toBuffer()
    const { brightness } = await make(recipeWith([{ step: 'attentionCrop', options: { ratio: 1 } }]), scene)
    const row = Array.from({ length: 200 }, (_, x) => brightness(x, 100))
    expect(row.filter((value) => value > 200).length).toBeGreaterThanOrEqual(38)
  })

  it('never cuts to nothing', () => {
    expect(largestBox(5, 5, 1000)).toEqual({ width: 5, height: 1 })
    expect(largestBox(5, 5, 0.001)).toEqual({ width: 1, height: 5 })
  })

  it('refuses a ratio that is none', async () => {
    await expect(prepareRecipe(recipeWith([{ step: 'attentionCrop', options: { ratio: 0 } }]))).rejects.toThrow(
      /made: step "attentionCrop": ratio/,
    )
  })
})

describe('recipes', () => {
  it('run their steps in order, each on what the one before made', async () => {
    const crop = { step: 'attentionCrop', options: { ratio: 1 } } as const
    const sign = { step: 'watermark', options: mark } as const
    const cropFirst = await make(recipeWith([crop, sign]), await dark())
    expect([cropFirst.width, cropFirst.brightness(180, 180)]).toEqual([200, 255])
    // 40 wide on the square, 80 wide on the whole: at 130 there is only the second.
    expect(cropFirst.brightness(130, 180)).toBe(32)
  })

  it.each(Object.keys(recipes) as (keyof typeof recipes)[])(
    '"%s" can be made of a photograph and of an animation',
    async (name) => {
      const recipe = await prepareRecipe(recipes[name])
      for (const [bytes, type] of [
        [await odd.oriented(6), 'image/jpeg'],
        [await odd.animation('gif', 3), 'image/gif'],
      ] as const) {
        const { renditions } = await processImage(bytes, type, { recipe, limits: imageLimits })
        expect(renditions.map((made) => made.name)).toEqual(recipes[name].map((rendition) => rendition.name))
        for (const made of renditions) expect((await sharp(made.bytes).metadata()).width).toBe(made.width)
      }
    },
  )

  it('in use has a thumbnail, and the rendition whose bytes are compared with the original', () => {
    expect(recipes[recipeInUse].map(({ name }) => name)).toEqual(expect.arrayContaining(['thumb', 'compressed']))
  })

  it.each([
    [[], /no rendition/],
    [[{ name: 'original', format: 'webp' }], /original/],
    [[{ name: '../escape', format: 'webp' }], /no name/],
    [[{ name: 'Upper', format: 'webp' }], /no name/],
    [
      [
        { name: 'twice', format: 'webp' },
        { name: 'twice', format: 'avif' },
      ],
      /same name/,
    ],
  ] as [Recipe, RegExp][])('that cannot be run are refused', async (recipe, message) => {
    await expect(prepareRecipe(recipe)).rejects.toThrow(message)
  })

  it('with a step that is not registered are refused', async () => {
    const unknown = recipeWith([{ step: 'sepia', options: {} } as never])
    await expect(prepareRecipe(unknown)).rejects.toThrow(/there is no step "sepia"/)
  })
})

describe("the step of docs/processing.md's example", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(new URL('./example-', import.meta.url).pathname)
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('works as it is printed there', async () => {
    const page = await readFile(new URL('../../../docs/processing.md', import.meta.url), 'utf8')
    const blocks = [...page.matchAll(/```ts\n(\/\/ functions\/process\/steps\/(\S+)\n.*?)```/gs)]
    expect(blocks.map(([, , name]) => name)).toContain('duotone.ts')
    const [, code = ''] = blocks.find(([, , name]) => name === 'duotone.ts') ?? []
    const steps = new URL('../../../functions/process/steps/', import.meta.url).href
    await writeFile(`${folder}/duotone.ts`, code.replaceAll("'./", `'${steps}`))
    const example = await import(`${folder}/duotone.ts`)

    const recipe = [
      { name: 'duo', side: 100, format: 'png', steps: [{ step: 'duotone', options: { tint: '#ff0000' } }] },
    ]
    const prepared = await prepareRecipe(recipe as unknown as Recipe, example)
    const bytes = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#40c080' } })
      .png()
      .toBuffer()
    const [made] = (await processImage(bytes, 'image/png', { recipe: prepared, limits: imageLimits })).renditions
    const [red = 0, green = 0, blue = 0] = await sharp(made?.bytes).raw().toBuffer()
    expect(red).toBeGreaterThan(Math.max(green, blue) + 60)
    await expect(
      prepareRecipe([{ ...recipe[0], steps: [{ step: 'duotone', options: { tint: 'mud' } }] }] as never, example),
    ).rejects.toThrow(/tint/)
  })
})
