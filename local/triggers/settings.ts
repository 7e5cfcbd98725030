/** A trigger's settings: what the platform defines, and what engineers changed, checked against AWS's ranges. Pure. */
import { z } from 'zod'
import { functions, processTrigger } from '../../platform.ts'

const maximumRetryAttempts = z.int().min(-1).max(10_000)
const maximumRecordAgeSeconds = z.union([z.literal(-1), z.int().min(60).max(604_800)])

/** What may be changed while a trigger exists; topic, group and starting position are set when it is created. */
export const changesSchema = z.strictObject({
  enabled: z.boolean().optional(),
  /** Records in a batch at most. */
  batchSize: z.int().min(1).max(10_000).optional(),
  /** Longest wait for a fuller batch in milliseconds. AWS takes whole seconds, or its default of 500 ms. */
  batchWindowMs: z.int().min(0).max(300_000).optional(),
  /** Retries after the first attempt; −1 is for ever (10 where there is a failure destination). */
  maximumRetryAttempts: maximumRetryAttempts.optional(),
  /** −1: no record is too old. */
  maximumRecordAgeSeconds: maximumRecordAgeSeconds.optional(),
  bisectBatchOnFunctionError: z.boolean().optional(),
  reportBatchItemFailures: z.boolean().optional(),
  maximumPollers: z.int().min(1).max(2_000).optional(),
})
export type TriggerChanges = z.infer<typeof changesSchema>

/** What the state file keeps: only what differs from the platform's definition. */
export const savedSchema = z.object({
  uuid: z.uuid(),
  enabled: z.boolean(),
  changes: changesSchema.omit({ enabled: true }),
})
export type SavedTrigger = z.infer<typeof savedSchema>

export type TriggerSettings = {
  readonly [Name in keyof Omit<TriggerChanges, 'enabled'>]-?: NonNullable<TriggerChanges[Name]>
}

export const definedSettings: TriggerSettings = {
  batchSize: processTrigger.batchSize,
  batchWindowMs: processTrigger.batchWindowMs,
  maximumRetryAttempts: processTrigger.maximumRetryAttempts,
  maximumRecordAgeSeconds: processTrigger.maximumRecordAgeSeconds,
  bisectBatchOnFunctionError: processTrigger.bisectBatchOnFunctionError,
  reportBatchItemFailures: processTrigger.reportBatchItemFailures,
  maximumPollers: processTrigger.pollers.maximum,
}

/** The settings in force. */
export const effectiveSettings = (saved: Pick<SavedTrigger, 'changes'>): TriggerSettings => ({
  ...definedSettings,
  ...saved.changes,
})

/** The saved state after a change. A setting that is put back to what the platform defines is no longer kept. */
export function applyChanges(saved: SavedTrigger, { enabled, ...changes }: TriggerChanges): SavedTrigger {
  const merged = { ...saved.changes, ...changes }
  const kept = Object.entries(merged).filter(
    ([name, value]) => definedSettings[name as keyof TriggerSettings] !== value,
  )
  return { ...saved, enabled: enabled ?? saved.enabled, changes: Object.fromEntries(kept) }
}

/** "When you configure both infinite retries and an on-failure destination, Lambda applies a maximum of 10". */
const retriesWithDestination = 10

/** Retries after the first attempt; our triggers always have a failure destination. */
export const retryLimit = ({ maximumRetryAttempts }: TriggerSettings): number =>
  maximumRetryAttempts < 0 ? retriesWithDestination : maximumRetryAttempts

/** AWS: an event poller handles up to five invocations at once. */
const invocationsPerPoller = 5

/**
 * How many pollers share the partitions, and how many invocations run at once. AWS caps pollers at the number of
 * partitions, and a function's concurrency caps both.
 */
export function parallelism(
  settings: TriggerSettings,
  partitions: number,
  functionConcurrency: number = functions.process.concurrency.local,
): { readonly pollers: number; readonly invocations: number } {
  const pollers = Math.max(1, Math.min(settings.maximumPollers, partitions, functionConcurrency))
  return { pollers, invocations: Math.min(functionConcurrency, pollers * invocationsPerPoller) }
}
