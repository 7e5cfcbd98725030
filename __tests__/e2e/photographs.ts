/** Photographs for browser tests, each with a name that nothing else has: the platform is shared. */
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { type OriginalName, original } from '../support/corpus/originals.ts'

export type TestFile = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }

const unique = (name: string) => `${name} ${crypto.randomUUID().slice(0, 8)}`

/** A real photograph as JPEG; the random corner makes its bytes its own. */
export async function photograph(source: OriginalName, name: string, width = 900): Promise<TestFile> {
  const tone = { r: Math.random() * 255, g: Math.random() * 255, b: Math.random() * 255 }
  const corner = await sharp({ create: { width: 8, height: 8, channels: 3, background: tone } })
    .png()
    .toBuffer()
  const image = sharp(await original(source)).resize(width)
  const buffer = await image
    .composite([{ input: corner, gravity: 'northwest' }])
    .jpeg({ quality: 90 })
    .withExif({ IFD0: { Make: 'Canon', Model: 'Canon EOS R5' } })
    .toBuffer()
  return { name: `${unique(name)}.jpg`, mimeType: 'image/jpeg', buffer }
}

/** Noise, which does not compress: larger than the gateway takes, so that it goes straight to the storage. */
export async function largePhotograph(): Promise<TestFile> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  const image = sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'white', noise } })
  return { name: `${unique('Large')}.png`, mimeType: 'image/png', buffer: await image.png().toBuffer() }
}

export async function brokenOff(): Promise<TestFile> {
  const whole = await photograph('rocket.jpg', 'Broken off')
  return { ...whole, buffer: whole.buffer.subarray(0, whole.buffer.length / 2) }
}

/** The row of a photograph in the list. */
export const row = (page: Page, { name }: Pick<TestFile, 'name'>) =>
  page.locator('li[data-image]').filter({ has: page.getByRole('link', { name: `Open ${name}`, exact: true }) })

/** The open dialog; what is slotted into it is not inside the browser's own dialog element. */
export const openDialog = (page: Page) => page.locator('wa-dialog[open]')

export const choose = (page: Page, files: readonly TestFile[]) =>
  page.getByTestId('file-input').setInputFiles(files.map((file) => ({ ...file })))

/** As the file manager or the clipboard hands files over. */
export async function hand(page: Page, how: 'drop' | 'paste', files: readonly TestFile[]): Promise<void> {
  const plain = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }))
  await page.evaluate(
    ({ how, plain }) => {
      const transfer = new DataTransfer()
      for (const { name, mimeType, base64 } of plain) {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
        transfer.items.add(new File([bytes], name, { type: mimeType }))
      }
      const options = { bubbles: true, cancelable: true }
      if (how === 'paste') {
        document.body.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: transfer }))
        return
      }
      for (const name of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(name, { ...options, dataTransfer: transfer }))
      }
    },
    { how, plain },
  )
}

/** Processing is asked for by an event; under load it takes a while. */
export const processedWithin = { timeout: 60_000 }
