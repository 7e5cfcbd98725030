/**
 * Goes through what lies in the lake for some images of one day, by listings that neighbours share: a page shows all
 * images between two keys, and the next begins just before the first image of ours that it did not cover. So there are
 * never more pages than images, and one where the images are neighbours.
 */
import { addressOfKey, type ImageAddress } from '../shared/keys.ts'
import type { Page } from '../shared/versions.ts'

/** One page's share. What belongs to other images than ours is left out. */
export type Stretch<Image, Entry> = {
  /** Images of which the page shows everything. Where it can show nothing, there is nothing. */
  readonly covered: readonly Image[]
  readonly entries: readonly (readonly [Image, Entry])[]
}

/**
 * Images that a page cannot show whole, because they fill it, are in no stretch.
 * @param images of one day, in the order of their ids
 * @param ownKey the beginning of all keys of an image in this part of the lake, or its only key
 * @param readPage reads the entries behind a key, from that part and day
 */
export async function* walk<Image extends ImageAddress, Entry extends { readonly key: string }>(
  images: readonly Image[],
  ownKey: (image: Image) => string,
  readPage: (after: string) => Promise<Page<Entry>>,
): AsyncGenerator<Stretch<Image, Entry>> {
  for (let next = 0; next < images.length; ) {
    const { entries, more } = await readPage(ownKey(images[next] as Image).slice(0, -1))
    const last = entries.at(-1)?.key ?? ''
    const isBehind = (own: string) => own < last && !last.startsWith(own)
    let end = next
    while (end < images.length && (!more || isBehind(ownKey(images[end] as Image)))) end += 1
    const covered = images.slice(next, end)
    yield { covered, entries: ownEntries(covered, entries) }
    next = Math.max(end, next + 1)
  }
}

function ownEntries<Image extends ImageAddress, Entry extends { readonly key: string }>(
  images: readonly Image[],
  entries: readonly Entry[],
): [Image, Entry][] {
  const byId = new Map(images.map((image) => [image.id, image]))
  return entries.flatMap((entry): [Image, Entry][] => {
    const address = addressOfKey(entry.key)
    const image = address && byId.get(address.id)
    return image?.date === address?.date && image ? [[image, entry]] : []
  })
}
