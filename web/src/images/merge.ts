/** Joining what the platform answers with what is on the screen. Pure. */
import type { ImagePage, ImageView } from '../../../contract/schemas.ts'

/** An image as the list keeps it. */
export type ListedImage = ImageView & {
  /** When its links were made, epoch milliseconds; they are kept while they hold, so that pictures do not flicker. */
  readonly linkedAt: number
  /** When this window learnt that its upload was accepted. */
  readonly acceptedAt?: number
  /** Known from that answer only: its times are this window's. */
  readonly unconfirmed?: boolean
}

/** An upload that was accepted appears in the list's index within this time. */
const settleMs = 10_000
/** Links hold an hour; they are replaced well before. */
const relinkMs = 45 * 60_000

export const isInFlight = (image: ImageView): boolean => image.status === 'received' || image.status === 'published'

/** A presigned upload younger than this may still be on its way, from here or from another window. */
const unfinishedMs = 60 * 60_000

/** What the list shows: not what is being sent, which the queue shows. */
const isListed = ({ status, received_at }: ImageView, now: number) =>
  status !== 'uploading' || now - Date.parse(received_at) > unfinishedMs

/** Both are ASCII; comparing by a language's rules takes many times as long, for each pair of thousands. */
const descending = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0)
const newestFirst = (a: ImageView, b: ImageView) => descending(a.received_at, b.received_at) || descending(a.id, b.id)

/** Everything else about an image follows from these, or never changes. */
const isSame = (known: ListedImage, fresh: ImageView) =>
  !known.unconfirmed &&
  known.status === fresh.status &&
  known.timeline.length === fresh.timeline.length &&
  known.renditions.length === fresh.renditions.length

/** The fresh view, with the links of the known one where those still hold; the known one itself where nothing changed. */
export function refresh(known: ListedImage | undefined, fresh: ImageView, now: number): ListedImage {
  if (!known) return { ...fresh, linkedAt: now }
  const accepted = known.acceptedAt === undefined ? {} : { acceptedAt: known.acceptedAt }
  if (now - known.linkedAt > relinkMs || known.unconfirmed) return { ...fresh, ...accepted, linkedAt: now }
  if (isSame(known, fresh)) return known
  const links = new Map(known.renditions.flatMap(({ name, url }) => (url ? [[name, url]] : [])))
  return {
    ...fresh,
    ...accepted,
    renditions: fresh.renditions.map((rendition) => ({ ...rendition, ...urlOf(links.get(rendition.name)) })),
    linkedAt: known.linkedAt,
  }
}

const urlOf = (url: string | undefined) => (url === undefined ? {} : { url })

/**
 * Lays a page over the known list. What the page should contain and does not has been erased or purged.
 * @param from `received_at` of the oldest image of the page before; undefined for the first page
 */
export function mergePage(known: readonly ListedImage[], page: ImagePage, now: number, from?: string): ListedImage[] {
  const byId = new Map(known.map((image) => [image.id, image]))
  const listed = page.items.filter((image) => isListed(image, now))
  const fresh = listed.map((image) => refresh(byId.get(image.id), image, now))
  const freshIds = new Set(fresh.map(({ id }) => id))
  const oldest = page.next_cursor ? page.items.at(-1)?.received_at : undefined
  // At the very edges lie rows of the page before and of the next one, all the more where a batch came in at one time.
  const covered = ({ received_at }: ImageView) =>
    (from === undefined || received_at < from) &&
    (page.next_cursor === undefined || (oldest !== undefined && received_at > oldest))
  const kept = known.filter((image) => {
    if (freshIds.has(image.id)) return false
    const settling = image.acceptedAt !== undefined && now - image.acceptedAt < settleMs
    return image.unconfirmed || settling || !covered(image)
  })
  return [...fresh, ...kept].sort(newestFirst)
}
