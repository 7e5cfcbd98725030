/** A TIFF whose own tags tell camera, time and position, built by hand because no library here writes them. */

type Entry = readonly [tag: number, type: 2 | 3 | 4 | 5, value: string | number | readonly number[]]

const typeSize = { 2: 1, 3: 2, 4: 4, 5: 8 } as const

/** TIFF 6.0, little-endian: the entries of one directory, and behind them what does not fit into four bytes. */
function directory(entries: readonly Entry[], at: number): Buffer {
  const table = Buffer.alloc(2 + entries.length * 12 + 4)
  table.writeUInt16LE(entries.length, 0)
  const behind: Buffer[] = []
  let free = at + table.length
  for (const [n, [tag, type, value]] of entries.entries()) {
    const bytes = encode(type, value)
    const entry = 2 + n * 12
    table.writeUInt16LE(tag, entry)
    table.writeUInt16LE(type, entry + 2)
    table.writeUInt32LE(bytes.length / typeSize[type], entry + 4)
    if (bytes.length <= 4) bytes.copy(table, entry + 8)
    else {
      table.writeUInt32LE(free, entry + 8)
      behind.push(bytes)
      free += bytes.length
    }
  }
  return Buffer.concat([table, ...behind])
}

function encode(type: Entry[1], value: Entry[2]): Buffer {
  if (typeof value === 'string') return Buffer.from(`${value}\0`)
  const numbers = typeof value === 'number' ? [value] : value
  // Rationals are given by their numerators.
  const bytes = Buffer.alloc(numbers.length * typeSize[type])
  for (const [n, number] of numbers.entries()) {
    if (type === 3) bytes.writeUInt16LE(number, n * 2)
    else bytes.writeUInt32LE(number, n * typeSize[type])
    if (type === 5) bytes.writeUInt32LE(1, n * 8 + 4)
  }
  return bytes
}

export function telltaleTiff(): Buffer {
  const side = 16
  const pixels = Buffer.alloc(side * side * 3, 0x60)
  const pixelsAt = 8
  const exifAt = pixelsAt + pixels.length
  const exif = directory(
    [
      [36867, 2, '2026:05:17 09:41:30'],
      [37510, 2, 'canary-comment'],
    ],
    exifAt,
  )
  const gpsAt = exifAt + exif.length
  const gps = directory(
    [
      [1, 2, 'N'],
      [2, 5, [59, 56, 21]],
      [3, 2, 'E'],
      [4, 5, [30, 18, 50]],
    ],
    gpsAt,
  )
  const mainAt = gpsAt + gps.length
  const main = directory(
    [
      [256, 3, side],
      [257, 3, side],
      [258, 3, [8, 8, 8]],
      [259, 3, 1],
      [262, 3, 2],
      [270, 2, 'canary-description'],
      [271, 2, 'Zenit'],
      [272, 2, 'TTL 50'],
      [273, 4, pixelsAt],
      [277, 3, 3],
      [278, 3, side],
      [279, 4, pixels.length],
      [315, 2, 'Ada Canary'],
      [34665, 4, exifAt],
      [34853, 4, gpsAt],
    ],
    mainAt,
  )
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
  header.writeUInt32LE(mainAt, 4)
  return Buffer.concat([header, pixels, exif, gps, main])
}
