/** One part of the canary: its words, what became of it, and how to search for it. */
import { randomBytes } from 'node:crypto'
import type { ImageView } from '../../../contract/schemas.ts'
import { bytesNeedle, type Needle, type StretchOptions, wordsNeedle } from '../search.ts'

export type Sought = {
  readonly kind: string
  readonly words: { readonly name: string; readonly inside: string; readonly key: string }
  /** Of everything that was begun, also where nothing arrived. */
  readonly ids: string[]
  /** Those of them that arrived, as their owner last saw them. */
  images: ImageView[]
  /** Originals and renditions by what they are called in results. */
  readonly files: Map<string, Buffer>
  /** Addresses at which bytes of it have been seen. */
  readonly links: string[]
}

export function sought(kind: string): Sought {
  const word = (of: string) => `zq${of}${randomBytes(12).toString('hex')}`
  return {
    kind,
    words: { name: word('name'), inside: word('inside'), key: word('key') },
    ids: [],
    images: [],
    files: new Map(),
    links: [],
  }
}

/** Names, metadata and pixels. @param others what is there as well, and must not be taken for it */
export function personalNeedles(one: Sought, others: readonly Sought[], options: StretchOptions = {}): Needle[] {
  const unlike = others.flatMap(({ files }) => [...files.values()])
  return [
    wordsNeedle('the file name', one.words.name),
    wordsNeedle('the words inside', one.words.inside),
    wordsNeedle('the Idempotency-Key', one.words.key),
    ...[...one.files].map(([name, bytes]) => bytesNeedle(name, bytes, { ...options, unlike })),
  ]
}

export const idNeedles = ({ ids }: Sought): Needle[] => ids.map((id, n) => wordsNeedle(`id ${n}`, id))
