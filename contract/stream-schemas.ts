/** Bodies of the engineers' console: `/stream`. Offsets are text, because Kafka's are 64 bits long. */
import { z } from 'zod'
import { consoleLimits, consoleRoles } from '../platform.ts'

const time = z.string().meta({ format: 'date-time' })
/** What API Gateway is told of an offset; the functions read it again. */
const offset = z.string().regex(/^\d{1,19}$/, 'must be a whole number')
const topicName = z
  .string()
  .min(1)
  .max(249)
  .regex(/^[a-zA-Z0-9._-]+$/, 'may hold letters, digits, dot, underscore and hyphen')
const settings = z.record(z.string(), z.string())
const dryRun = z.boolean().optional()

const consumer = z
  .object({
    group: z.string(),
    topic: z.string(),
    state: z.string(),
    /** Records at the group's disposal that it has not committed. */
    lag: z.int(),
    /** Records committed in a second, since the last look. */
    rate: z.number().optional(),
  })
  .meta({ id: 'StreamConsumer' })

export const overview = z
  .object({
    at: time,
    cluster: z.string(),
    controller: z.int().optional(),
    brokers: z.array(
      z.object({
        id: z.int(),
        host: z.string(),
        port: z.int(),
        /** On its disks, where the brokers tell. */
        bytes: z.int().optional(),
        /** Partitions that it leads, copies that it holds, and those of them that are in sync. */
        leads: z.int(),
        replicas: z.int(),
        in_sync: z.int(),
      }),
    ),
    topics: z.int(),
    partitions: z.int(),
    /** Partitions with fewer replicas in sync than they have. */
    under_replicated: z.int(),
    /** Partitions that nobody leads: they take and give nothing. */
    offline: z.int(),
    /** Of the processor's trigger. */
    lag: z.int(),
    /** Events a second that come into `images`, and that the processor commits. Absent at the first look. */
    rate_in: z.number().optional(),
    rate_out: z.number().optional(),
    /** Records in the quarantine topic. */
    quarantine: z.int(),
    consumers: z.array(consumer),
    trigger_state: z.string().optional(),
    role: z.enum(consoleRoles),
    read_only: z.boolean(),
  })
  .meta({ id: 'StreamOverview' })

const topicSummary = z.object({
  name: z.string(),
  internal: z.boolean(),
  /** Defined in `platform.ts`; the next deployment puts its settings back. */
  defined: z.boolean(),
  partitions: z.int(),
  replicas: z.int(),
  under_replicated: z.int(),
  records: z.int(),
  bytes: z.int().optional(),
  rate: z.number().optional(),
  consumers: z.array(consumer),
})
export const topicPage = z.object({ items: z.array(topicSummary) }).meta({ id: 'StreamTopicPage' })

const setting = z
  .object({
    name: z.string(),
    value: z.string(),
    /** What holds where the topic does not say otherwise. */
    default_value: z.string().optional(),
    /** The topic itself says so. */
    set: z.boolean(),
    read_only: z.boolean(),
    sensitive: z.boolean(),
  })
  .meta({ id: 'StreamSetting' })

export const topic = topicSummary
  .extend({
    partition_list: z.array(
      z.object({
        partition: z.int(),
        leader: z.int(),
        replicas: z.array(z.int()),
        in_sync: z.array(z.int()),
        first_offset: z.string(),
        next_offset: z.string(),
        bytes: z.int().optional(),
      }),
    ),
    settings: z.array(setting),
  })
  .meta({ id: 'StreamTopic' })

export const newTopic = z
  .strictObject({
    name: topicName,
    partitions: z.int().min(1).max(consoleLimits.partitions),
    replicas: z.int().min(1).max(10),
    settings: settings.optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamNewTopic' })

export const topicChange = z
  .strictObject({
    /** New values; settings that are not named stay as they are. */
    set: settings.optional(),
    /** Settings that go back to the default. */
    unset: z.array(z.string()).max(100).optional(),
    /** The new number of partitions; it can only grow. */
    partitions: z.int().min(1).max(consoleLimits.partitions).optional(),
    /** What the person saw of what they change, by name (and `partitions`); the change is refused where it is not so. */
    expected: settings.optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamTopicChange' })

const difference = z.object({ name: z.string(), before: z.string().optional(), after: z.string().optional() })
export const topicChanged = z
  .object({
    dry_run: z.boolean(),
    name: z.string(),
    /** What is different afterwards; empty where nothing is. */
    differences: z.array(difference),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'StreamTopicChanged' })

export const groupPage = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        state: z.string(),
        members: z.int(),
        lag: z.int(),
        topics: z.array(z.string()),
        /** The trigger that reads as this group. */
        trigger: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'StreamGroupPage' })

export const group = z
  .object({
    id: z.string(),
    state: z.string(),
    trigger: z.string().optional(),
    members: z.array(
      z.object({
        id: z.string(),
        client: z.string(),
        host: z.string(),
        assigned: z.array(z.object({ topic: z.string(), partitions: z.array(z.int()) })),
      }),
    ),
    lag: z.int(),
    offsets: z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        first_offset: z.string(),
        /** Absent where the group has committed nothing. */
        committed: z.string().optional(),
        next_offset: z.string(),
        lag: z.int(),
      }),
    ),
  })
  .meta({ id: 'StreamGroup' })

export const reset = z
  .strictObject({
    topic: topicName,
    to: z.enum(['earliest', 'latest', 'timestamp', 'offset']),
    timestamp: z.iso.datetime({ offset: true }).optional(),
    offset: offset.optional(),
    /** Only these partitions; all where it is absent. */
    partitions: z.array(z.int().min(0)).max(consoleLimits.partitions).optional(),
    /** Whether the trigger runs afterwards; by default as before. */
    resume: z.boolean().optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'StreamReset' })

export const resetDone = z
  .object({
    dry_run: z.boolean(),
    partitions: z.array(
      z.object({
        partition: z.int(),
        before: z.string().optional(),
        after: z.string(),
        /** Records that come once more. */
        again: z.int(),
        /** Records that will not come. */
        skipped: z.int(),
      }),
    ),
    again: z.int(),
    skipped: z.int(),
    /** The trigger that is paused meanwhile. */
    trigger: z.string().optional(),
    /** Its state at the end. */
    trigger_state: z.string().optional(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'StreamResetDone' })

/** In the order of the document. */
export const topicSchemas = [
  consumer,
  overview,
  topicPage,
  setting,
  topic,
  newTopic,
  topicChange,
  topicChanged,
  groupPage,
  group,
  reset,
  resetDone,
] as const

export type StreamOverview = z.infer<typeof overview>
export type StreamConsumer = z.infer<typeof consumer>
export type StreamTopicPage = z.infer<typeof topicPage>
export type StreamTopicSummary = z.infer<typeof topicSummary>
export type StreamTopic = z.infer<typeof topic>
export type StreamSetting = z.infer<typeof setting>
export type StreamNewTopic = z.infer<typeof newTopic>
export type StreamTopicChange = z.infer<typeof topicChange>
export type StreamTopicChanged = z.infer<typeof topicChanged>
export type StreamDifference = z.infer<typeof difference>
export type StreamGroupPage = z.infer<typeof groupPage>
export type StreamGroup = z.infer<typeof group>
export type StreamReset = z.infer<typeof reset>
export type StreamResetDone = z.infer<typeof resetDone>
