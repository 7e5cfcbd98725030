/** Bodies about legal holds. */
import { z } from 'zod'
import { retention } from '../platform.ts'

const time = z.string().meta({ format: 'date-time' })

export const holdRequest = z
  .strictObject({
    /** Kept with the image, and in the record of holds: no names of people belong here. */
    why: z.string().min(3).max(500),
    until: z.iso.datetime({ offset: true }),
  })
  .meta({ id: 'HoldRequest' })

export const hold = z
  .object({
    id: z.string(),
    /** Subject of the token of whoever placed it. */
    by: z.string(),
    why: z.string(),
    placed_at: time,
    until: time,
    /** When the image would go without the hold; once that is past, it goes as soon as the hold ends. */
    expires_without: time,
  })
  .meta({ id: 'Hold' })

/** One line of the record, which outlives the image and names it only by an HMAC, as receipts do. */
export const holdChange = z
  .object({
    at: time,
    by: z.string(),
    action: z.enum(['placed', 'released']),
    why: z.string().optional(),
    until: time.optional(),
    item: z.string(),
    item_key: z.string(),
  })
  .meta({ id: 'HoldChange' })

export const holdPage = z.object({ items: z.array(hold), changes: z.array(holdChange) }).meta({ id: 'HoldPage' })
export const holdReleased = z.object({ id: z.string(), expires_at: time }).meta({ id: 'HoldReleased' })

export const holdSchemas = [holdRequest, hold, holdChange, holdPage, holdReleased] as const

/** Longest hold in milliseconds; it may be placed anew. */
export const longestHold = retention.hold

export type HoldRequest = z.infer<typeof holdRequest>
export type Hold = z.infer<typeof hold>
export type HoldChange = z.infer<typeof holdChange>
export type HoldReleased = z.infer<typeof holdReleased>
export type HoldPage = z.infer<typeof holdPage>
