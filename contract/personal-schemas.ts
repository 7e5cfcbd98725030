/** Bodies about what one person keeps: use of the quota, links, bulk erasure, and what is known of the person. */
import { z } from 'zod'
import { statuses } from '../functions/shared/image.ts'
import { bulkErasure, sharing } from '../platform.ts'

const time = z.string().meta({ format: 'date-time' })
const amount = z.object({ images: z.int(), bytes: z.int() })

const facet = z.object({ value: z.string(), images: z.int() })

export const usage = z
  .object({
    /** Originals, unfinished uploads included. */
    images: z.int(),
    bytes: z.int(),
    quota: amount,
    /** Those that the filter lets through; all where there is none. */
    matching: amount,
    /** What there is to choose from, most frequent first; of all images, whatever the filter. */
    statuses: z.array(facet),
    types: z.array(facet),
    cameras: z.array(facet),
    /** When the next one is purged. */
    next_expires_at: time.optional(),
  })
  .meta({ id: 'Usage' })

export const linkRequest = z
  .strictObject({
    /** Name of a rendition; originals are never shared, because they may tell where and by whom they were taken. */
    rendition: z.string().min(1).max(64),
    /** How long the link holds; it ends with the image in any case. */
    seconds: z
      .int()
      .min(Math.min(...sharing.seconds))
      .max(Math.max(...sharing.seconds)),
  })
  .meta({ id: 'LinkRequest' })

export const link = z
  .object({
    id: z.string(),
    rendition: z.string(),
    created_at: time,
    expires_at: time,
    /** Only in the answer that made it: the platform keeps a hash of it. */
    url: z.string().optional(),
  })
  .meta({ id: 'Link' })

export const revoked = z.object({ id: z.string(), revoked: z.boolean() }).meta({ id: 'Revoked' })

export const bulkErasureRequest = z
  .strictObject({ ids: z.array(z.string().min(36).max(36)).min(1).max(bulkErasure.most) })
  .meta({ id: 'BulkErasureRequest' })

const refusedErasure = z.object({ id: z.string(), code: z.string(), detail: z.string() })

export const bulkErased = z
  .object({
    /** Gone now, or gone before. */
    erased: z.array(z.string()),
    failed: z.array(refusedErasure),
  })
  .meta({ id: 'BulkErasure' })

export const everythingErased = z
  .object({
    erased: z.int(),
    failed: z.array(refusedErasure),
    /** Images that are still there, those that failed included. The same request goes on with them. */
    left: z.int(),
  })
  .meta({ id: 'EverythingErased' })

/** Where something about a person or their images may stand, and for how long at most. */
export const traceStores = [
  'images',
  'unfinished-uploads',
  'idempotency-keys',
  'links',
  'events',
  'quarantine',
  'failures',
  'logs',
  'backups',
  'receipt-keys',
  'counts',
] as const

export const profile = z
  .object({
    person: z.object({ id: z.string(), groups: z.array(z.string()), scopes: z.array(z.string()) }),
    images: z.int(),
    bytes: z.int(),
    statuses: z.array(z.object({ status: z.enum(statuses), images: z.int() })),
    /** Rows of the ledger: the images', and those of their idempotency keys. */
    rows: z.int(),
    links: z.int(),
    /** Erasures that were interrupted; the hourly purge ends them. */
    being_erased: z.int(),
    next_expires_at: time.optional(),
    last_expires_at: time.optional(),
    traces: z.array(z.object({ store: z.enum(traceStores), days: z.number() })),
  })
  .meta({ id: 'Profile' })

export const personalSchemas = [
  usage,
  linkRequest,
  link,
  revoked,
  bulkErasureRequest,
  bulkErased,
  everythingErased,
  profile,
] as const

export type Usage = z.infer<typeof usage>
export type LinkRequest = z.infer<typeof linkRequest>
export type LinkView = z.infer<typeof link>
export type Revoked = z.infer<typeof revoked>
export type BulkErased = z.infer<typeof bulkErased>
export type EverythingErased = z.infer<typeof everythingErased>
export type Profile = z.infer<typeof profile>
export type TraceStore = (typeof traceStores)[number]
