/** Joining what the platform answers with what is on the screen. Pure. */
import type { ImagePage, ImageView } from '../../../contract/schemas.ts'

/** An image as the list keeps it. */
export type ListedImage = ImageView & {
  /** When its links were made, epoch milliseconds; they are kept while they hold, so that pictures do not flicker. */
  readonly linkedAt: number
  /** Known from the answer to its upload only; the list's index may follow a moment later. */
  readonly justAccepted?: boolean
}

/** An upload that was accepted appears in the index within this time. */
const settleMs = 10_000
/** Links hold an hour; they are replaced well before. */
const relinkMs = 45 * 60_000

export const isInFlight = (image: ImageView): boolean => image.status === 'received' || image.status === 'published'

const newestFirst = (a: ImageView, b: ImageView) =>
  b.received_at.localeCompare(a.received_at) || b.id.localeCompare(a.id)

/** The fresh view, with the links of the known one where those still hold. */
export function refresh(known: ListedImage | undefined, fresh: ImageView, now: number): ListedImage {
  if (!known || now - known.linkedAt > relinkMs || known.renditions.length !== fresh.renditions.length) {
    return { ...fresh, linkedAt: now }
  }
  const links = new Map(known.renditions.flatMap(({ name, url }) => (url ? [[name, url]] : [])))
  return {
    ...fresh,
    ...(known.original_url && { original_url: known.original_url }),
    renditions: fresh.renditions.map((rendition) => ({ ...rendition, ...urlOf(links.get(rendition.name)) })),
    linkedAt: known.linkedAt,
  }
}

const urlOf = (url: string | undefined) => (url === undefined ? {} : { url })

/**
 * Lays a page over the known list. What the page should contain and does not has been erased or purged.
 * @param from `received_at` of the newest image the page could hold; undefined for the first page
 */
export function mergePage(known: readonly ListedImage[], page: ImagePage, now: number, from?: string): ListedImage[] {
  const byId = new Map(known.map((image) => [image.id, image]))
  const fresh = page.items.map((image) => refresh(byId.get(image.id), image, now))
  const freshIds = new Set(fresh.map(({ id }) => id))
  const oldest = page.next_cursor ? page.items.at(-1)?.received_at : undefined
  const covered = ({ received_at }: ImageView) =>
    (from === undefined || received_at <= from) &&
    (page.next_cursor === undefined || (oldest !== undefined && received_at >= oldest))
  const kept = known.filter((image) => {
    if (freshIds.has(image.id)) return false
    const settling = image.justAccepted && now - Date.parse(image.received_at) < settleMs
    return settling || !covered(image)
  })
  return [...fresh, ...kept].sort(newestFirst)
}
