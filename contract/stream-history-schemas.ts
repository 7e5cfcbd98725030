/** Bodies of the console's charts: how the stream was before the page was opened. */
import { z } from 'zod'
import { type HistorySpan, historySpans } from '../platform.ts'

const time = z.string().meta({ format: 'date-time' })
export const spanNames = Object.keys(historySpans) as [HistorySpan, ...HistorySpan[]]

export const history = z
  .object({
    span: z.enum(spanNames),
    /** Seconds between two points; where nothing was measured, points are missing. */
    step_seconds: z.int(),
    /** The partitions that a group reads, in the order of `partitions` in each point; only where a group is asked for. */
    partitions: z.array(z.object({ topic: z.string(), partition: z.int() })).optional(),
    points: z.array(
      z.object({
        at: time,
        /** Of the processor's trigger; the highest within the step. */
        lag: z.int(),
        /** Events a second since the point before. Absent where that is too long ago. */
        rate_in: z.number().optional(),
        rate_out: z.number().optional(),
        quarantine: z.int(),
        under_replicated: z.int(),
        partitions: z.array(z.int()).optional(),
      }),
    ),
  })
  .meta({ id: 'StreamHistory' })

export const historySchemas = [history] as const
export type StreamHistory = z.infer<typeof history>
export type StreamHistoryPoint = StreamHistory['points'][number]
