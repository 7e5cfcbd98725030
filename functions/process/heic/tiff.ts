/** Uncompressed TIFF: the least that carries pixels, alpha and a colour profile to libvips without encoding. */

/** libvips reads a strip at a time. */
const rowsPerStrip = 64

type Picture = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly icc?: Uint8Array | undefined
}

/** TIFF 6.0: tag, type (3: 16 bits, 4: 32 bits, 7: bytes), values. */
type Entry = readonly [tag: number, type: 3 | 4 | 7, values: readonly number[] | Uint8Array]
const typeSize = { 3: 2, 4: 4, 7: 1 } as const

/**
 * A little-endian TIFF file of 8-bit RGB, with alpha that is not multiplied in where there are four channels.
 * @returns the file, its pixels still 0, and where they begin: row after row without gaps
 */
export function tiffFile({ width, height, channels, icc }: Picture): {
  file: Uint8Array<ArrayBuffer>
  pixelsAt: number
} {
  const rowBytes = width * channels
  const pixelsAt = 8
  const strips = Array.from({ length: Math.ceil(height / rowsPerStrip) }, (_, n) => ({
    offset: pixelsAt + n * rowsPerStrip * rowBytes,
    bytes: Math.min(rowsPerStrip, height - n * rowsPerStrip) * rowBytes,
  }))
  const entries: Entry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array(channels).fill(8)],
    [259, 3, [1]],
    [262, 3, [2]],
    [273, 4, strips.map(({ offset }) => offset)],
    [277, 3, [channels]],
    [278, 4, [rowsPerStrip]],
    [279, 4, strips.map(({ bytes }) => bytes)],
    ...(channels === 4 ? [[338, 3, [2]] as const] : []),
    ...(icc && icc.length > 0 ? [[34675, 7, icc] as const] : []),
  ]
  const directoryAt = pixelsAt + height * rowBytes + ((height * rowBytes) % 2)
  const directoryBytes = 2 + entries.length * 12 + 4
  const valueBytes = entries.map(([, type, values]) => typeSize[type] * values.length)
  const outside = valueBytes.reduce((sum, bytes) => sum + (bytes > 4 ? bytes + (bytes % 2) : 0), 0)

  const file = new Uint8Array(directoryAt + directoryBytes + outside)
  const view = new DataView(file.buffer)
  file.set([0x49, 0x49, 42, 0])
  view.setUint32(4, directoryAt, true)
  view.setUint16(directoryAt, entries.length, true)
  let free = directoryAt + directoryBytes
  for (const [n, [tag, type, values]] of entries.entries()) {
    const entry = directoryAt + 2 + n * 12
    const bytes = valueBytes[n] as number
    view.setUint16(entry, tag, true)
    view.setUint16(entry + 2, type, true)
    view.setUint32(entry + 4, values.length, true)
    let to = entry + 8
    if (bytes > 4) {
      view.setUint32(entry + 8, free, true)
      to = free
      free += bytes + (bytes % 2)
    }
    if (type === 7) file.set(values, to)
    else for (const [m, value] of [...values].entries()) writeNumber(view, to + m * typeSize[type], type, value)
  }
  return { file, pixelsAt }
}

const writeNumber = (view: DataView, to: number, type: 3 | 4, value: number) =>
  type === 3 ? view.setUint16(to, value, true) : view.setUint32(to, value, true)
