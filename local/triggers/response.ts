/** What a function's answer to a batch means, as AWS documents it under ReportBatchItemFailures for Kafka. Pure. */
import { z } from 'zod'
import type { InvokeResult } from '../lambda/result.ts'
import { partitionName, type TriggerRecord } from './record.ts'

export type Outcome =
  | { readonly kind: 'success' }
  /** Partition number → offset from which it must be delivered again; all other records are done. */
  | { readonly kind: 'partial'; readonly resume: ReadonlyMap<number, number> }
  /** Nothing of the batch counts as done. */
  | { readonly kind: 'failure'; readonly functionError: boolean; readonly reason: string }
  /** The batch did not reach the function, which does not count as an attempt. */
  | { readonly kind: 'throttled'; readonly reason: string }

const success: Outcome = { kind: 'success' }
const malformed = (reason: string): Outcome => ({ kind: 'failure', functionError: false, reason })

const itemFailure = z.object({
  itemIdentifier: z.object({ partition: z.string(), offset: z.int().nonnegative() }),
})
const response = z.object({ batchItemFailures: z.array(itemFailure).nullish() })

/**
 * @param records the batch that the function was given; an identifier outside it makes the whole batch fail
 * @param reportBatchItemFailures without it every answer that is no error is a success
 */
export function interpret(
  result: InvokeResult,
  records: readonly TriggerRecord[],
  reportBatchItemFailures: boolean,
): Outcome {
  if (!result.ok) {
    const reason = `${result.error.errorType}: ${result.error.errorMessage}`
    if (result.kind === 'Throttled') return { kind: 'throttled', reason }
    return { kind: 'failure', functionError: true, reason }
  }
  if (!reportBatchItemFailures || isEmpty(result.payload)) return success
  const parsed = response.safeParse(result.payload)
  if (!parsed.success) return malformed(`The response is malformed: ${z.prettifyError(parsed.error)}`)
  return resumption(parsed.data.batchItemFailures ?? [], records)
}

function resumption(failures: readonly z.infer<typeof itemFailure>[], records: readonly TriggerRecord[]): Outcome {
  if (failures.length === 0) return success
  const known = new Map(records.map((record) => [`${partitionName(record)} ${record.offset}`, record.partition]))
  const resume = new Map<number, number>()
  for (const { itemIdentifier } of failures) {
    const partition = known.get(`${itemIdentifier.partition} ${itemIdentifier.offset}`)
    if (partition === undefined) {
      return malformed(`The response names ${JSON.stringify(itemIdentifier)}, which is not in the batch`)
    }
    resume.set(partition, Math.min(resume.get(partition) ?? Number.POSITIVE_INFINITY, itemIdentifier.offset))
  }
  return { kind: 'partial', resume }
}

/** null, `{}` and `[]`: "an empty valid JSON or null". */
function isEmpty(payload: unknown): boolean {
  return payload === null || payload === undefined || (Array.isArray(payload) && payload.length === 0)
}
