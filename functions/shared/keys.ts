/** Keys in the lake, and the path that an event carries. Pure; the layout's prefixes come from the platform. */
import { randomUUID } from 'node:crypto'
import { type ImageExtension, imageTypes, layout, retention, shards } from '../../platform.ts'
import type { ImageRow } from './image.ts'

/** Where an image lives. Everything else about its keys follows. */
export type ImageAddress = {
  readonly id: string
  /** UTC day on which it was received, `YYYY-MM-DD`. */
  readonly date: string
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
const extensions = [...new Set(Object.values(imageTypes))].join('|')
const idPattern = new RegExp(`^${uuid}$`)
const pathPattern = new RegExp(
  `^/${layout.images}date=(\\d{4}-\\d{2}-\\d{2})/(${uuid})/${layout.originalName}\\.(${extensions})$`,
)

/** A random id (UUID version 4): it says nothing about person, time or content. */
export const newImageId = (): string => randomUUID()

export const isImageId = (text: string): boolean => idPattern.test(text)

/** @param at epoch milliseconds */
export const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** The one prefix that holds the original and all renditions, with a closing slash. */
export const imagePrefix = ({ id, date }: ImageAddress): string => `${layout.images}date=${date}/${id}/`

export const originalKey = (image: ImageAddress, extension: ImageExtension): string =>
  `${imagePrefix(image)}${layout.originalName}.${extension}`

export const renditionKey = (image: ImageAddress, rendition: string, extension: string): string =>
  `${imagePrefix(image)}${rendition}.${extension}`

export const metadataKey = ({ id, date }: ImageAddress): string => `${layout.metadata}date=${date}/${id}.json`

/** The event's `image_path`: the key, as an absolute path below the lake's root. */
export const imagePath = (key: string): string => `/${key}`

/**
 * The address behind an `image_path`, or undefined where this platform could not have written it.
 * Renditions do not match, so our own output can never trigger us.
 */
export function parseImagePath(path: string): (ImageAddress & { key: string; extension: ImageExtension }) | undefined {
  const match = pathPattern.exec(path)
  if (!match) return undefined
  const [, date, id, extension] = match as unknown as [string, string, string, ImageExtension]
  if (Number.isNaN(Date.parse(date)) || dateOf(Date.parse(date)) !== date) return undefined
  return { id, date, extension, key: path.slice(1) }
}

const keyPattern = new RegExp(
  `^(?:${layout.images}date=(\\d{4}-\\d{2}-\\d{2})/(${uuid})/|${layout.metadata}date=(\\d{4}-\\d{2}-\\d{2})/(${uuid})\\.json$)`,
)

/** Whose key this is: something below an image's prefix, or its metadata file. Undefined where it is neither. */
export function addressOfKey(key: string): ImageAddress | undefined {
  const [, imagesDate, imagesId, metadataDate, metadataId] = keyPattern.exec(key) ?? []
  const date = imagesDate ?? metadataDate
  const id = imagesId ?? metadataId
  return date && id ? { date, id } : undefined
}

const shardOf = (id: string, count: number): string =>
  String(Number.parseInt(id.replaceAll('-', '').slice(-6), 16) % count).padStart(2, '0')

export const expiryShard = (id: string): string => `e${shardOf(id, shards.expiry)}`
/** Shard of an image whose event is not in Kafka yet. */
export const pendingShard = (id: string): string => `p${shardOf(id, shards.pending)}`
/** Shard of an image whose event is in Kafka, or on its way there, and which is neither processed nor quarantined yet. */
export const unsettledShard = (id: string): string => `u${shardOf(id, shards.pending)}`
export const expiryShards = Array.from({ length: shards.expiry }, (_, n) => `e${String(n).padStart(2, '0')}`)
export const pendingShards = Array.from({ length: shards.pending }, (_, n) => `p${String(n).padStart(2, '0')}`)
export const unsettledShards = Array.from({ length: shards.pending }, (_, n) => `u${String(n).padStart(2, '0')}`)
/** Received, and nobody has looked at it since: its event, and after an interrupted `POST /images` its original, may be missing. */
export const isUncertain = ({ status, pendingShard = '' }: Pick<ImageRow, 'status' | 'pendingShard'>): boolean =>
  status === 'received' && unsettledShards.includes(pendingShard)

/** How long an image is kept. @returns milliseconds */
export const termOf = ({ retentionMs = retention.images }: { readonly retentionMs?: number | undefined }): number =>
  Math.min(retentionMs, retention.images)

/** Attributes that follow from the id and the time of expiry. */
export const expiryOf = (id: string, expiresAt: number) => ({
  expiresAt,
  expiryShard: expiryShard(id),
  ttl: Math.ceil((expiresAt + retention.backstop) / 1000),
})

/** Attributes of a row whose event is to be sent by the sweep: they put it into the outbox, a part of the pending index. */
export const pendingOf = (id: string, since: number) => ({ pendingShard: pendingShard(id), pendingSince: since })

/** Attributes of a row whose event is in Kafka, or is about to be: it is looked after only when it stays unsettled for long. */
export const unsettledOf = (id: string, since: number) => ({ pendingShard: unsettledShard(id), pendingSince: since })

/** Idempotency rows share the ledger with images; their ids start with this. */
export const idempotencyPrefix = 'idempotency#'

/** Value of the index that finds the same bytes from the same person. */
export const ownerContentOf = (ownerId: string, sha256: string) => `${ownerId}#${sha256}`
