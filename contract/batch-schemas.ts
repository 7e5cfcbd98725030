/** Bodies of batches: many uploads announced, and completed, in one request each. */
import { z } from 'zod'
import { limits } from '../platform.ts'
import { accepted, problem, time, uploadRequest } from './schemas.ts'

export const batchRequest = z
  .strictObject({ images: z.array(uploadRequest).min(1).max(limits.batchImages) })
  .meta({ id: 'BatchRequest' })

export const batchTicket = z
  .object({
    id: z.string(),
    /** Takes one PUT of exactly the announced length and type, with these headers. */
    url: z.string(),
    headers: z.record(z.string(), z.string()),
  })
  .meta({ id: 'BatchTicket' })

/** In the order of the request. */
export const batchTickets = z
  .object({ uploads: z.array(batchTicket), complete_url: z.string(), expires_at: time })
  .meta({ id: 'BatchTickets' })

export const batchCompletion = z
  .strictObject({ ids: z.array(z.uuid()).min(1).max(limits.batchImages) })
  .meta({ id: 'BatchCompletion' })

/** Each image by itself: one that cannot be taken in keeps none of the others back. */
export const batchOutcome = z
  .object({
    images: z.array(z.object({ id: z.string(), accepted: accepted.optional(), problem: problem.optional() })),
  })
  .meta({ id: 'BatchOutcome' })

export const batchSchemas = [batchRequest, batchTicket, batchTickets, batchCompletion, batchOutcome] as const

export type BatchRequest = z.infer<typeof batchRequest>
export type BatchTickets = z.infer<typeof batchTickets>
export type BatchOutcome = z.infer<typeof batchOutcome>
