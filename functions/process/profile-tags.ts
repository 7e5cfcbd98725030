/** Where the parts of a colour profile lie. Pure. */

/** ICC.1:2022, 7.3: a count at byte 128, then 12 bytes a tag: signature, offset, size. Real profiles have a few dozen. */
export function tagAt(icc: Buffer, tag: string): number | undefined {
  const count = Math.min(icc.readUInt32BE(128), 100)
  for (let entry = 132; entry < 132 + count * 12; entry += 12) {
    if (icc.toString('latin1', entry, entry + 4) === tag) return icc.readUInt32BE(entry + 4)
  }
  return undefined
}
