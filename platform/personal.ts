/** What one person may keep at once, show to others by a link, and erase in one go. */
import { day, GiB, hour, second } from './units.ts'

/**
 * Originals that one person keeps at once, unfinished uploads included; renditions are not counted. Twenty thousand
 * also bounds what one question to the index of a person's images has to read: some 40 MB.
 */
export const quota = { images: 20_000, bytes: 100 * GiB } as const

/** How the use of the quota is measured for uploads: by reading the index, and not by a counter that each would write. */
export const quotaMeasure = {
  /** A measurement is relied upon so long, with what this process accepts added to it. */
  relaxedMs: 60 * second,
  /** The same where less than a fifth of the quota is left. */
  carefulMs: 5 * second,
  carefulFrom: 0.8,
  /** Nobody is refused by an older measurement: they may just have erased something. */
  refusalMs: 1 * second,
} as const

/** Links by which somebody without an account sees one rendition. */
export const sharing = {
  /** What a person may choose from, in seconds; never beyond the image's purge. */
  seconds: [hour, day, 3 * day, 7 * day].map((length) => length / second),
  /** Links of one image at once. */
  perImage: 10,
  /** The picture behind a link is fetched from the lake with an address that holds so long: a revoked link's tail. */
  pictureSeconds: 60,
  /** Requests from one address for shared links: a second, and at once. People open them one by one. */
  requestRate: 5,
  requestBurst: 40,
} as const

/** Erasing many at once. */
export const bulkErasure = {
  /** Ids in one request; each erasure takes up to some 100 ms and a request 29 s at most. */
  most: 50,
  atOnce: 4,
  /** A round of erasing everything ends after this, and says what is left. */
  roundMs: 15 * second,
} as const

/** Ways in which a person's images are ordered. The first two follow the index; the others read all of it. */
export const imageOrders = ['newest', 'oldest', 'largest', 'smallest', 'name'] as const
export type ImageOrder = (typeof imageOrders)[number]

/** Rows that one request for a page looks at, at most, where a filter leaves few of them. */
export const listScan = 4_000
