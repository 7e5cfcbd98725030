/** The pieces that a file is made of, as far as its own structure can be followed: segments, chunks, boxes, blocks. */
import type { ImageType } from '../platform.ts'

export type Piece = {
  readonly from: number
  readonly to: number
  /** Where its length is written, and how many bytes that takes. */
  readonly length?: { readonly at: number; readonly bytes: 1 | 2 | 4; readonly little: boolean }
}

/** @returns the pieces in order, up to where the structure can no longer be followed */
export function piecesOf(bytes: Buffer, type: ImageType): Piece[] {
  const pieces: Piece[] = []
  try {
    for (const piece of walkers[type](bytes)) {
      if (piece.to <= piece.from || piece.to > bytes.length) break
      pieces.push(piece)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return pieces
}

const walkers: Record<ImageType, (bytes: Buffer) => Generator<Piece>> = {
  'image/jpeg': segments,
  'image/png': (bytes) => chunks(bytes, 8, 12, false, 0),
  'image/webp': (bytes) => chunks(bytes, 12, 8, true, 4),
  'image/gif': blocks,
  'image/avif': (bytes) => boxes(bytes, 0, bytes.length),
  'image/heic': (bytes) => boxes(bytes, 0, bytes.length),
  'image/tiff': entries,
}

function* segments(bytes: Buffer): Generator<Piece> {
  for (let at = 2; bytes.readUInt8(at) === 0xff; ) {
    const to = at + 2 + bytes.readUInt16BE(at + 2)
    yield { from: at, to, length: { at: at + 2, bytes: 2, little: false } }
    at = to
  }
}

/** PNG and RIFF: length and type in either order, then data, in RIFF filled up to even. */
function* chunks(bytes: Buffer, start: number, overhead: number, little: boolean, lengthAt: number): Generator<Piece> {
  for (let at = start; at + 8 <= bytes.length; ) {
    const length = little ? bytes.readUInt32LE(at + lengthAt) : bytes.readUInt32BE(at + lengthAt)
    const to = at + overhead + length + (little ? length % 2 : 0)
    yield { from: at, to, length: { at: at + lengthAt, bytes: 4, little } }
    at = to
  }
}

/** A box, then what is in it where it is one of those that hold boxes. */
function* boxes(bytes: Buffer, start: number, end: number): Generator<Piece> {
  for (let at = start; at + 8 <= end; ) {
    const to = at + bytes.readUInt32BE(at)
    yield { from: at, to, length: { at, bytes: 4, little: false } }
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (name === 'meta') yield* boxes(bytes, at + 12, Math.min(to, end))
    if (/^(iprp|ipco|dinf)$/.test(name)) yield* boxes(bytes, at + 8, Math.min(to, end))
    if (to <= at) return
    at = to
  }
}

function* blocks(bytes: Buffer): Generator<Piece> {
  const colours = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  for (let at = 13 + colours(bytes.readUInt8(10)); ; ) {
    const from = at
    const introducer = bytes.readUInt8(at)
    if (introducer === 0x21) at += 2
    else if (introducer === 0x2c) at += 11 + colours(bytes.readUInt8(at + 9))
    else return
    const length = { at, bytes: 1, little: true } as const
    while (bytes.readUInt8(at) !== 0) at += 1 + bytes.readUInt8(at)
    at += 1
    yield { from, to: at, length }
  }
}

/** The entries of the first directory, each with its count as the length. */
function* entries(bytes: Buffer): Generator<Piece> {
  const little = bytes.readUInt8(0) === 0x49
  const directory = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)
  const count = little ? bytes.readUInt16LE(directory) : bytes.readUInt16BE(directory)
  for (let n = 0; n < Math.min(count, 100); n += 1) {
    const from = directory + 2 + n * 12
    yield { from, to: from + 12, length: { at: from + 4, bytes: 4, little } }
  }
}
