/** What lies in the lake for many images at once: taken before they are deleted, and again to verify that they have gone. */
import { layout } from '../../platform.ts'
import { recipeInUse, recipes } from '../process/recipes.ts'
import { addressOfKey, type ImageAddress, imagePrefix, metadataKey } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import type { Page, StoredVersion, UnfinishedUpload } from '../shared/versions.ts'
import { walk } from './walk.ts'

export type Found = {
  /** Versions and markers below the image's prefix. */
  readonly objects: StoredVersion[]
  /** Versions and markers of its metadata file. */
  readonly metadata: StoredVersion[]
  readonly uploads: UnfinishedUpload[]
}

/** A handful is normal. An image with more is left to the erasure by itself, so that memory stays the same. */
export const mostEntries = 100

/** What an image has as a rule: its original and its renditions. Where it has more, pages follow. */
const usualObjects = 1 + recipes[recipeInUse].length

/** Entries beyond the expected ones, at which a walk sees that it is past its images. Behind a deletion, they are all. */
const beyond = 10

export type Listings = Pick<Lake, 'versionsPage' | 'uploadsPage'>

/**
 * Lists images and their metadata, in any order and of any days.
 * @param hint `expectsNothing` where they have just been deleted
 * @returns what was found of each image that the listings show whole: one that is absent has to be looked at by itself
 * @throws UnavailableError where the lake does not answer
 */
export async function inventory<Image extends ImageAddress>(
  lake: Listings,
  images: readonly Image[],
  { expectsNothing = false } = {},
): Promise<Map<Image, Found>> {
  const found = new Map<Image, Found>()
  for (const [date, ofDay] of byDay(images.filter(isRecognised))) {
    const page = (usual: number) => firstPageOf(lake, beyond + (expectsNothing ? 0 : usual * ofDay.length))
    const [objectsPage, metadataPage] = [page(usualObjects), page(1)]
    const [objects, metadata, uploads] = await Promise.all([
      whole(ofDay, imagePrefix, (after) => objectsPage(`${layout.images}date=${date}/`, after)),
      whole(ofDay, metadataKey, (after) => metadataPage(`${layout.metadata}date=${date}/`, after)),
      whole(ofDay, imagePrefix, (after) => lake.uploadsPage(`${layout.images}date=${date}/`, after)),
    ])
    for (const image of ofDay) {
      const of = { objects: objects.get(image), metadata: metadata.get(image), uploads: uploads.get(image) }
      if (isWhole(of)) found.set(image, of)
    }
  }
  return found
}

/** Entries are told apart by their keys: an image whose keys do not say whose they are would always seem to have none. */
function isRecognised(image: ImageAddress): boolean {
  const address = addressOfKey(metadataKey(image))
  return address?.id === image.id && address.date === image.date
}

const isWhole = (of: { readonly [Name in keyof Found]: Found[Name] | undefined }): of is Found =>
  Object.values(of).every((entries) => entries !== undefined && entries.length <= mostEntries)

export const isNothing = ({ objects, metadata, uploads }: Found): boolean =>
  objects.length + metadata.length + uploads.length === 0

function byDay<Image extends ImageAddress>(images: readonly Image[]): Map<string, Image[]> {
  const days = Map.groupBy(images, ({ date }) => date)
  for (const ofDay of days.values()) ofDay.sort((a, b) => (a.id < b.id ? -1 : 1))
  return days
}

/**
 * S3 takes as long as a page has entries, and those beyond one's own images are of no use: so the first page has as many as
 * are expected. Where that does not do, whole ones follow.
 */
function firstPageOf(lake: Listings, expected: number) {
  let most: number | undefined = expected
  return (prefix: string, after: string): Promise<Page<StoredVersion>> => {
    const page = lake.versionsPage(prefix, after, most)
    most = undefined
    return page
  }
}

/** The entries of the images that a walk covers; the first `mostEntries` and one of those that have more. */
async function whole<Image extends ImageAddress, Entry extends { readonly key: string }>(
  images: readonly Image[],
  ownKey: (image: Image) => string,
  readPage: (after: string) => Promise<Page<Entry>>,
): Promise<Map<Image, Entry[]>> {
  const found = new Map<Image, Entry[]>()
  for await (const { covered, entries } of walk(images, ownKey, readPage)) {
    for (const image of covered) found.set(image, [])
    for (const [image, entry] of entries) {
      const own = found.get(image)
      if (own && own.length <= mostEntries) own.push(entry)
    }
  }
  return found
}
