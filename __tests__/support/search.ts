/** Searches folders byte by byte: names and contents of files, and their extended attributes. */
import { execFile } from 'node:child_process'
import { open, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'

/** What is looked for, under a name for people; any of the forms counts. */
export type Needle = { readonly name: string; readonly forms: readonly Buffer[] }
export type Hit = { readonly needle: string; readonly place: string; readonly where: 'name' | 'content' | 'attribute' }

/** As base64 holds the bytes, wherever they begin in what is encoded. */
const base64Of = (bytes: Buffer): Buffer[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // The first and the last characters hang together with what stands beside the bytes.
    return Buffer.from(text.slice(4, -4))
  })

/** Words in the forms in which platforms keep them: as they are, two bytes a character, and base64 at any offset. */
export function wordsNeedle(name: string, words: string): Needle {
  const bytes = Buffer.from(words)
  return { name, forms: [bytes, Buffer.from(words, 'utf16le'), Buffer.from(bytes.toString('hex')), ...base64Of(bytes)] }
}

export type StretchOptions = {
  /** Files of which no stretch may be part: encoders put the same tables into all that they write. */
  readonly unlike?: readonly Buffer[]
  /** Also as base64, in which pages hold pictures. */
  readonly base64?: boolean
}

/** A few stretches out of a file: wherever a part of it lies, one of them does. @throws Error where there is none */
export function bytesNeedle(
  name: string,
  bytes: Buffer,
  { unlike = [], base64 = false }: StretchOptions = {},
  length = 24,
): Needle {
  const stretches: Buffer[] = []
  // Heads are alike; of a small file only the first quarter is passed over.
  const first = Math.min(512, bytes.length >> 2)
  for (let at = first; at + length < bytes.length; at += Math.max(2 * length, Math.floor(bytes.length / 24))) {
    const stretch = bytes.subarray(at, at + length)
    // What is all alike is in every file.
    if (new Set(stretch).size > length / 3 && !unlike.some((other) => other.includes(stretch))) stretches.push(stretch)
  }
  if (stretches.length === 0) throw new Error(`Nothing in ${name} is its own: it could not be found anywhere`)
  return { name, forms: base64 ? stretches.flatMap((stretch) => [stretch, ...base64Of(stretch)]) : stretches }
}

const chunkBytes = 4 * 1024 * 1024
/** As long as a chunk with what is kept of the one before. */
const zeros = Buffer.alloc(chunkBytes + 64 * 1024)

/** @returns the first hit of each needle in each file below the folder, links not followed */
export async function searchFolder(root: string, needles: readonly Needle[]): Promise<Hit[]> {
  const hits: Hit[] = []
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const place = relative(root, path)
    for (const { name, forms } of needles) {
      if (forms.some((form) => Buffer.from(place).includes(form))) hits.push({ needle: name, place, where: 'name' })
    }
    // A file may go while we look: then there is nothing in it.
    if (entry.isFile()) hits.push(...(await searchFile(path, place, needles).catch(() => [])))
  }
  return [...hits, ...(await searchAttributes(root, needles))]
}

async function searchFile(path: string, place: string, needles: readonly Needle[]): Promise<Hit[]> {
  const overlap = Math.max(...needles.flatMap(({ forms }) => forms.map(({ length }) => length)))
  const left = new Set(needles)
  const hits: Hit[] = []
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(chunkBytes + overlap)
    let kept = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, kept, chunkBytes)
      if (bytesRead === 0) return hits
      const chunk = buffer.subarray(0, kept + bytesRead)
      // Kafka's indexes are made of holes: gigabytes in which there is nothing.
      const hole = chunk.equals(zeros.subarray(0, chunk.length))
      for (const needle of hole ? [] : left) {
        if (!needle.forms.some((form) => chunk.includes(form))) continue
        hits.push({ needle: needle.name, place, where: 'content' })
        left.delete(needle)
      }
      kept = Math.min(overlap, chunk.length)
      buffer.copyWithin(0, chunk.length - kept, chunk.length)
    }
  } finally {
    await file.close()
  }
}

const listing = `
import os, sys
for folder, folders, files in os.walk(sys.argv[1]):
    for name in folders + files:
        path = os.path.join(folder, name)
        try:
            for attribute in os.listxattr(path, follow_symlinks=False):
                value = os.getxattr(path, attribute, follow_symlinks=False)
                print(os.path.relpath(path, sys.argv[1]), attribute.encode().hex() + '00' + value.hex(), sep='\\t')
        except OSError:
            pass
`

/** versitygw keeps what it knows about an object in extended attributes, which Node cannot read. */
async function searchAttributes(root: string, needles: readonly Needle[]): Promise<Hit[]> {
  const { stdout } = await promisify(execFile)('python3', ['-c', listing, root], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.split('\n').flatMap((line) => {
    const [place = '', hex = ''] = line.split('\t')
    const bytes = Buffer.from(hex, 'hex')
    return needles
      .filter(({ forms }) => forms.some((form) => bytes.includes(form)))
      .map(({ name }) => ({ needle: name, place, where: 'attribute' as const }))
  })
}
