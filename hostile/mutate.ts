/** Seeded damage: the same seed and number always make the same bytes. Pure. */
import { crc32 } from 'node:zlib'
import { type Random, seeded } from '../__tests__/support/corpus/random.ts'
import { tokens } from './dictionary.ts'
import { type Piece, piecesOf } from './pieces.ts'
import type { Seed } from './seeds.ts'

export type Mutant = {
  readonly name: string
  readonly seed: Seed
  readonly bytes: Buffer
  /** What was done to it, in order. */
  readonly how: readonly string[]
}

/** No mutant grows beyond this. */
const mostBytes = 64 * 1024

export function mutant(seeds: readonly Seed[], seed: number, number: number): Mutant {
  const random = seeded(seed * 1_000_003 + number)
  const from = weighted(seeds, random)
  const how: string[] = []
  let bytes: Buffer = Buffer.from(from.bytes)
  for (let left = random.pick([1, 1, 1, 2, 2, 3, 5]); left > 0 && bytes.length > 0; left -= 1) {
    const [name, change] = random.pick(changes)
    bytes = change(bytes, { random, from, seeds }).subarray(0, mostBytes)
    how.push(name)
  }
  return { name: `${seed}-${number}`, seed: from, bytes, how }
}

function weighted(seeds: readonly Seed[], random: Random): Seed {
  let at = random.between(
    0,
    seeds.reduce((sum, { weight }) => sum + weight, 0),
  )
  for (const seed of seeds) {
    at -= seed.weight
    if (at < 0) return seed
  }
  return seeds[0] as Seed
}

type Context = { readonly random: Random; readonly from: Seed; readonly seeds: readonly Seed[] }
type Change = (bytes: Buffer, context: Context) => Buffer

const place = (bytes: Buffer, random: Random) => random.integer(0, Math.max(0, bytes.length - 1))
/** Half of all damage goes to the first part, where headers are. */
const early = (bytes: Buffer, random: Random) =>
  random.chance(0.5) ? random.integer(0, Math.min(bytes.length - 1, 64)) : place(bytes, random)

const flips: Change = (bytes, { random }) => {
  for (let left = random.integer(1, 16); left > 0; left -= 1) {
    const at = early(bytes, random)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7))
  }
  return bytes
}

const extremes: Change = (bytes, { random }) => {
  for (let left = random.integer(1, 4); left > 0; left -= 1) {
    bytes[early(bytes, random)] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff])
  }
  return bytes
}

const numbers = [0, 1, 2, 3, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff]

function writeNumber(bytes: Buffer, at: number, size: 1 | 2 | 4, little: boolean, value: number): void {
  if (at + size > bytes.length) return
  const part = Buffer.alloc(4)
  if (little) part.writeUInt32LE(value >>> 0)
  else part.writeUInt32BE(value >>> 0)
  part.copy(bytes, at, little ? 0 : 4 - size, little ? size : 4)
}

const lyingNumbers: Change = (bytes, { random }) => {
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    writeNumber(bytes, early(bytes, random), random.pick([2, 4]), random.chance(0.5), random.pick(numbers))
  }
  return bytes
}

/** A length that its own structure will follow: a little off, or absurd. */
const lyingLengths: Change = (bytes, { random, from }) => {
  const { length } = onePiece(bytes, from, random) ?? {}
  if (!length) return lyingNumbers(bytes, { random, from, seeds: [] })
  const now = bytes.readUIntBE(length.at, length.bytes)
  const value = random.chance(0.5) ? now + random.pick([-8, -4, -2, -1, 1, 2, 4, 8, 1000]) : random.pick(numbers)
  writeNumber(bytes, length.at, length.bytes, length.little, value)
  return bytes
}

function onePiece(bytes: Buffer, { type }: Seed, random: Random): Piece | undefined {
  const pieces = piecesOf(bytes, type)
  return pieces.length === 0 ? undefined : random.pick(pieces)
}

const movedPieces: Change = (bytes, { random, from }) => {
  const [one, two] = [onePiece(bytes, from, random), onePiece(bytes, from, random)]
  if (!one || !two) return bytes
  const part = Buffer.from(bytes.subarray(one.from, one.to))
  if (random.chance(0.4)) return Buffer.concat([bytes.subarray(0, two.from), part, bytes.subarray(two.from)])
  const without = Buffer.concat([bytes.subarray(0, one.from), bytes.subarray(one.to)])
  if (random.chance(0.4)) return without
  const at = Math.min(two.from, without.length)
  return Buffer.concat([without.subarray(0, at), part, without.subarray(at)])
}

const damagedPiece: Change = (bytes, { random, from }) => {
  const piece = onePiece(bytes, from, random)
  if (!piece) return bytes
  for (let left = random.integer(1, 8); left > 0; left -= 1) {
    bytes[random.integer(piece.from, piece.to - 1)] = random.integer(0, 255)
  }
  return bytes
}

/** PNG decoders stop at a wrong checksum; with the right one they go on to the damage. */
const checksums: Change = (bytes, { from }) => {
  if (from.type !== 'image/png') return bytes
  for (const { from: at, to } of piecesOf(bytes, from.type)) {
    if (to - at >= 12) bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, to - 4)), to - 4)
  }
  return bytes
}

const cutOff: Change = (bytes, { random }) => bytes.subarray(0, random.integer(0, bytes.length))

const removed: Change = (bytes, { random }) => {
  const at = place(bytes, random)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 64))])
}

const repeated: Change = (bytes, { random }) => {
  const at = place(bytes, random)
  const part = bytes.subarray(at, at + random.integer(1, 256))
  return Buffer.concat([bytes.subarray(0, at), ...Array(random.integer(1, 20)).fill(part), bytes.subarray(at)])
}

const blanked: Change = (bytes, { random }) => {
  const at = place(bytes, random)
  bytes.subarray(at, at + random.integer(1, 64)).fill(random.pick([0, 0xff, random.integer(0, 255)]))
  return bytes
}

const spliced: Change = (bytes, { random, from, seeds }) => {
  const kin = seeds.filter(({ type }) => type === from.type)
  const other = random.pick(random.chance(0.7) ? kin : seeds)
  return Buffer.concat([bytes.subarray(0, place(bytes, random)), other.bytes.subarray(place(other.bytes, random))])
}

const token: Change = (bytes, { random, from }) => {
  const word = random.pick(random.chance(0.8) ? tokens[from.type] : Object.values(tokens).flat())
  const at = early(bytes, random)
  if (random.chance(0.5)) return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)])
  word.copy(bytes, at)
  return bytes
}

const trailer: Change = (bytes, { random, seeds }) =>
  Buffer.concat([
    bytes,
    random.pick([
      Buffer.from('PK\x03\x04canary-4711'),
      Buffer.from('<html><script>canary-4711</script>'),
      Buffer.from('%PDF-1.7 canary-4711'),
      random.pick(seeds).bytes,
      Buffer.alloc(random.integer(1, 4096), random.integer(0, 255)),
    ]),
  ])

const changes: readonly (readonly [string, Change])[] = [
  ['flipped bits', flips],
  ['flipped bits', flips],
  ['extreme bytes', extremes],
  ['lying numbers', lyingNumbers],
  ['lying length', lyingLengths],
  ['lying length', lyingLengths],
  ['moved pieces', movedPieces],
  ['damaged piece', damagedPiece],
  ['damaged piece, right checksums', (bytes, context) => checksums(damagedPiece(bytes, context), context)],
  ['flipped bits, right checksums', (bytes, context) => checksums(flips(bytes, context), context)],
  ['cut off', cutOff],
  ['removed bytes', removed],
  ['repeated bytes', repeated],
  ['blanked bytes', blanked],
  ['spliced', spliced],
  ['word of the format', token],
  ['trailer', trailer],
]
