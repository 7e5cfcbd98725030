/** Lays a logo or a line of text over the image. */
import sharp from 'sharp'
import { openPixels, type Pixels } from '../loaders.ts'
import { type Step, StepError, type StepInput } from './step.ts'

export type WatermarkOptions = {
  /** What to lay over: a logo as SVG, or a line of text, which needs a font on the machine that runs the function. */
  readonly mark: { readonly svg: string } | { readonly text: string }
  /** 0 (invisible) to 1. */
  readonly opacity: number
  readonly gravity:
    | 'northwest'
    | 'north'
    | 'northeast'
    | 'west'
    | 'centre'
    | 'east'
    | 'southwest'
    | 'south'
    | 'southeast'
  /** The mark's width as a part of the image's, 0 to 1. */
  readonly width: number
}

/** The mark is drawn once at this width and scaled down for each image. */
const drawnWidth = 1024
/** Space to the edge, as a part of the image's shorter side. */
const margin = 0.03

export const watermark: Step<WatermarkOptions> = async ({ mark, opacity, gravity, width }) => {
  if (!(opacity > 0 && opacity <= 1)) throw new StepError(`opacity must be above 0 and at most 1, not ${opacity}`)
  if (!(width > 0 && width <= 1)) throw new StepError(`width must be above 0 and at most 1, not ${width}`)
  const drawn = await draw('svg' in mark ? mark.svg : textAsSvg(mark.text))
  const faint = fade(drawn, opacity)
  return async (image, input) => {
    const { data, info } = await placed(faint, input, width)
    const marked = image.composite([
      { input: data, raw: { width: info.width, height: info.height, channels: 4 }, gravity },
    ])
    return input.channels === 3 ? marked.removeAlpha() : marked
  }
}

/** The mark at its size on this image, with its margin; never larger than the image. */
function placed(mark: Pixels, { width, height }: StepInput, part: number) {
  const space = Math.round(Math.min(width, height) * margin)
  return openPixels(mark)
    .resize({
      width: Math.max(1, Math.min(Math.round(width * part), width - 2 * space)),
      height: Math.max(1, height - 2 * space),
      fit: 'inside',
    })
    .extend({ top: space, bottom: space, left: space, right: space, background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .raw()
    .toBuffer({ resolveWithObject: true })
}

async function draw(svg: string): Promise<Pixels> {
  const { data, info } = await sharp(Buffer.from(svg), { density: 300 })
    .resize({ width: drawnWidth })
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw new StepError('The watermark is not an SVG that can be drawn', { cause })
    })
  const visible = data.some((value, at) => at % 4 === 3 && value > 0)
  if (!visible) throw new StepError('The watermark draws nothing: is a font installed for its text?')
  return { data, width: info.width, height: info.height, channels: 4 }
}

const fade = (mark: Pixels, opacity: number): Pixels => ({
  ...mark,
  data: mark.data.map((value, at) => (at % 4 === 3 ? Math.round(value * opacity) : value)) as Buffer,
})

/** White with a dark rim, legible on light and dark. */
const textAsSvg = (text: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.max(1, text.length) * 14}" height="32"><text x="50%" y="24"
    text-anchor="middle" font-family="sans-serif" font-size="22" fill="#fff" stroke="#000" stroke-width="3"
    stroke-opacity="0.5" paint-order="stroke">${escapeXml(text)}</text></svg>`

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
