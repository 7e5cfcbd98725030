/**
 * Goes through everything that lies in the lake, grouped by image, a page at a time: memory stays the same however
 * much there is. Between two pages stands a key, so anything may be deleted or written meanwhile.
 */
import { addressOfKey, type ImageAddress, imagePrefix } from '../shared/keys.ts'
import type { Page } from '../shared/versions.ts'

/** Entries that belong together: all below one image's prefix, or one metadata file, or one key that nobody knows. */
export type Group<Entry> = {
  /** Undefined where the key is none that this platform writes. */
  readonly address: ImageAddress | undefined
  readonly entries: Entry[]
  /** Every key of the group sorts before this one. */
  readonly end: string
}

/** Sorts behind every key that continues the prefix. */
const lastCharacter = '\u{10FFFF}'

/** @param entries in the order of their keys */
export function groupByImage<Entry extends { readonly key: string }>(entries: readonly Entry[]): Group<Entry>[] {
  const groups: Group<Entry>[] = []
  for (const entry of entries) {
    const address = addressOfKey(entry.key)
    const below = address && entry.key.startsWith(imagePrefix(address))
    const end = below ? `${imagePrefix(address)}${lastCharacter}` : `${entry.key} `
    const last = groups.at(-1)
    if (last?.end === end) last.entries.push(entry)
    else groups.push({ address, entries: [entry], end })
  }
  return groups
}

/**
 * Pages of groups in the order of their keys. A group that a page cuts is shown whole with the next page, unless it
 * alone fills a page.
 * @param readPage reads the entries behind a key
 * @param after where to start
 */
export async function* groupsIn<Entry extends { readonly key: string }>(
  readPage: (after: string | undefined) => Promise<Page<Entry>>,
  after?: string,
): AsyncGenerator<{ groups: Group<Entry>[]; end: string }> {
  let start = after
  for (;;) {
    const { entries, more } = await readPage(start)
    const groups = groupByImage(entries)
    if (more && groups.length > 1) groups.pop()
    const last = groups.at(-1)
    if (!last) return
    yield { groups, end: last.end }
    if (!more) return
    start = last.end
  }
}

/** Where a later run may start again: not behind `end`, and cut so short that it names no image. */
export function positionBefore(end: string): string | undefined {
  const [root, date, name] = end.split('/')
  return name === undefined ? undefined : `${root}/${date}/${name.slice(0, 4)}`
}
