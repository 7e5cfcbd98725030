/** Bodies of the console's everyday work: messages, quarantine, triggers, and the record of changes. */
import { z } from 'zod'
import { statuses } from '../functions/shared/image.ts'
import { consoleLimits, consoleRoles, limits } from '../platform.ts'

const time = z.string().meta({ format: 'date-time' })
const settings = z.record(z.string(), z.string())
const dryRun = z.boolean().optional()

const image = z.object({ id: z.string(), status: z.enum([...statuses, 'gone']), expires_at: time.optional() })

export const messagePage = z
  .object({
    items: z.array(
      z.object({
        partition: z.int(),
        offset: z.string(),
        timestamp: time,
        key: z.string().optional(),
        /** Absent for a tombstone. */
        value: z.string().optional(),
        /** `base64` where key, value or a header is no text. */
        encoding: z.enum(['text', 'base64']),
        headers: z.record(z.string(), z.string()),
        bytes: z.int(),
        /** The image behind the record, as the ledger knows it. */
        image: image.optional(),
      }),
    ),
    /** How many records were looked at; more than are shown where something was searched for. */
    scanned: z.int(),
    /** Whether there are records, or for a search unsearched ones, that this page does not hold. */
    more: z.boolean(),
    /** Where the next page begins: older records, or after `offset` and `from` newer ones. */
    next_cursor: z.string().optional(),
  })
  .meta({ id: 'StreamMessagePage' })

export const quarantinePage = z
  .object({
    items: z.array(
      z.object({
        /** The image's id; the record's position where it names no image. */
        id: z.string(),
        image: image.optional(),
        code: z.string(),
        reason: z.string(),
        times: z.int(),
        first_at: time,
        last_at: time,
        /** Newest last: `partition-offset` in the quarantine topic. */
        positions: z.array(z.string()),
        /** Where the record came from: `topic-partition-offset`. */
        source: z.string(),
        redrives: z.int(),
        redrivable: z.boolean(),
        why_not: z.string().optional(),
      }),
    ),
    /** By reason, over everything that is shown. */
    reasons: z.array(z.object({ code: z.string(), count: z.int() })),
    discarded: z.int(),
    more: z.boolean(),
  })
  .meta({ id: 'StreamQuarantinePage' })

export const redrive = z
  .strictObject({
    /** Ids as the list has them; everything redrivable where neither ids nor code are given and `all` is true. */
    ids: z.array(z.string().max(100)).max(consoleLimits.redriveMost).optional(),
    code: z.string().max(50).optional(),
    all: z.literal(true).optional(),
    /** Images a second at most. */
    per_second: z.int().min(1).max(consoleLimits.redrivePerSecond).optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamRedrive' })

export const redriven = z
  .object({
    dry_run: z.boolean(),
    redriven: z.array(z.string()),
    refused: z.array(z.object({ id: z.string(), why: z.string() })),
    /** Redrivable, and left for another call. */
    left: z.int(),
  })
  .meta({ id: 'StreamRedriven' })

export const discard = z
  .strictObject({
    ids: z.array(z.string().max(100)).min(1).max(consoleLimits.redriveMost),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamDiscard' })

export const discarded = z
  .object({
    dry_run: z.boolean(),
    receipts: z.array(z.object({ id: z.string(), positions: z.array(z.string()), at: time })),
    refused: z.array(z.object({ id: z.string(), why: z.string() })),
  })
  .meta({ id: 'StreamDiscarded' })

const triggerSettings = {
  batch_size: z.int().min(1).max(10_000),
  /** Milliseconds; AWS takes 0, 500, and whole seconds. */
  batch_window_ms: z.int().min(0).max(300_000),
  /** −1 is for ever. */
  maximum_retry_attempts: z.int().min(-1).max(10_000),
  /** −1: no record is too old. */
  maximum_record_age_seconds: z.int().min(-1).max(604_800),
  bisect_batch_on_function_error: z.boolean(),
  report_batch_item_failures: z.boolean(),
  maximum_pollers: z.int().min(1).max(2_000),
}
export const trigger = z
  .object({
    name: z.string(),
    /** AWS's names: Enabling, Enabled, Disabling, Disabled, Updating, … */
    state: z.string(),
    topic: z.string(),
    consumer_group: z.string(),
    function: z.string(),
    settings: z.object(triggerSettings),
    /** Names of settings that differ from the platform's definition. */
    changed: z.array(z.string()),
    lag: z.int().optional(),
    /** Invocations at this moment, where that can be known. */
    running: z.int().optional(),
    last_error: z.string().optional(),
  })
  .meta({ id: 'StreamTrigger' })
export const triggerPage = z.object({ items: z.array(trigger) }).meta({ id: 'StreamTriggerPage' })
const triggerValues = z.strictObject({ enabled: z.boolean(), ...triggerSettings }).partial()
export const triggerChange = triggerValues
  .extend({
    /** What the person saw of what they change; the change is refused where it is not so. */
    expected: triggerValues.optional(),
  })
  .meta({ id: 'StreamTriggerChange' })

export const change = z
  .object({
    id: z.string(),
    at: time,
    /** Subject of the token. */
    by: z.string(),
    role: z.enum(consoleRoles),
    action: z.string(),
    target: z.string(),
    outcome: z.enum(['begun', 'done', 'failed']),
    before: settings,
    after: settings,
    request: z.string(),
  })
  .meta({ id: 'StreamChange' })
export const thumbnailRequest = z
  .strictObject({ ids: z.array(z.string().max(100)).min(1).max(limits.pageSize.most) })
  .meta({ id: 'StreamThumbnailRequest' })
export const thumbnails = z
  .object({
    /** Images without one, or gone, are left out. */
    items: z.array(z.object({ id: z.string(), url: z.string(), width: z.int(), height: z.int() })),
    /** Until then the links hold. */
    valid_until: time,
  })
  .meta({ id: 'StreamThumbnails' })

export const reprocess = z.strictObject({ dry_run: dryRun }).meta({ id: 'StreamReprocess' })
export const reprocessed = z
  .object({
    dry_run: z.boolean(),
    id: z.string(),
    /** The image's status before. */
    before: z.enum(statuses),
    /** `again`: it is made anew. `resent`: only its event is sent once more. */
    way: z.enum(['again', 'resent']),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'StreamReprocessed' })

export const testEvent = z
  .strictObject({
    /** The record's value; left out, an event of an image that has never been. */
    value: z.string().max(consoleLimits.testEventBytes).optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamTestEvent' })
export const testEventSent = z
  .object({
    dry_run: z.boolean(),
    value: z.string(),
    key: z.string().optional(),
    topic: z.string(),
    /** Where it stands; absent in a dry run. */
    partition: z.int().optional(),
    offset: z.string().optional(),
    /** What the processor makes of it. */
    outcome: z.enum(['dropped', 'unchanged', 'processed', 'quarantined']),
    why: z.string(),
  })
  .meta({ id: 'StreamTestEventSent' })

export const changePage = z.object({ items: z.array(change) }).meta({ id: 'StreamChangePage' })

/** In the order of the document. */
export const workSchemas = [
  messagePage,
  quarantinePage,
  redrive,
  redriven,
  discard,
  discarded,
  trigger,
  triggerPage,
  triggerChange,
  thumbnailRequest,
  thumbnails,
  reprocess,
  reprocessed,
  testEvent,
  testEventSent,
  change,
  changePage,
] as const

export type StreamMessagePage = z.infer<typeof messagePage>
export type StreamMessage = StreamMessagePage['items'][number]
export type StreamQuarantinePage = z.infer<typeof quarantinePage>
export type StreamQuarantined = StreamQuarantinePage['items'][number]
export type StreamRedrive = z.infer<typeof redrive>
export type StreamRedriven = z.infer<typeof redriven>
export type StreamDiscard = z.infer<typeof discard>
export type StreamDiscarded = z.infer<typeof discarded>
export type StreamTrigger = z.infer<typeof trigger>
export type StreamTriggerPage = z.infer<typeof triggerPage>
export type StreamTriggerChange = z.infer<typeof triggerChange>
export type StreamThumbnails = z.infer<typeof thumbnails>
export type StreamReprocess = z.infer<typeof reprocess>
export type StreamReprocessed = z.infer<typeof reprocessed>
export type StreamTestEvent = z.infer<typeof testEvent>
export type StreamTestEventSent = z.infer<typeof testEventSent>
export type StreamChange = z.infer<typeof change>
