/**
 * Brings topics in line with their definitions: creates what is missing, adds partitions, puts settings right. It
 * never deletes, and what it cannot change (fewer partitions, other replication) it says instead.
 */
import kafkajs, { type Admin } from 'kafkajs'
import { z } from 'zod'
import type { TopicDefinition } from '../../platform.ts'
import { DarkroomError } from '../shared/errors.ts'

// CommonJS whose exports Node cannot tell by name.
const { ConfigResourceTypes, ConfigSource } = kafkajs

/** The part of kafkajs's admin that is needed here. */
export type TopicAdmin = Pick<
  Admin,
  'listTopics' | 'createTopics' | 'fetchTopicMetadata' | 'createPartitions' | 'describeConfigs' | 'alterConfigs'
>

/** What was done, a line each, and what was left undone, with the reason. */
export type EnsuredTopics = { readonly changes: readonly string[]; readonly warnings: readonly string[] }

/** What the deployment sends is no list of topics. */
export class TopicRequestError extends DarkroomError {
  readonly code = 'malformed-topic-request'
  readonly retriable = false
}

const requestSchema = z.strictObject({
  topics: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[\w.-]+$/, 'must be a topic name')
          .max(249),
        partitions: z.int().min(1),
        replicationFactor: z.int().min(1),
        settings: z.record(z.string(), z.string()),
      }),
    )
    .min(1),
})

/** @throws TopicRequestError naming the first thing that does not fit */
export function parseTopicRequest(event: unknown): readonly TopicDefinition[] {
  const result = requestSchema.safeParse(event)
  if (result.success) return result.data.topics
  const [issue] = result.error.issues
  throw new TopicRequestError(`${issue?.path.join('.') || 'event'}: ${issue?.message}`, { cause: result.error })
}

/** Repeating it changes nothing. */
export async function ensureTopics(admin: TopicAdmin, definitions: readonly TopicDefinition[]): Promise<EnsuredTopics> {
  const existing = new Set(await admin.listTopics())
  const outcomes: EnsuredTopics[] = []
  for (const definition of definitions) {
    outcomes.push(await (existing.has(definition.name) ? bringInLine(admin, definition) : create(admin, definition)))
  }
  return {
    changes: outcomes.flatMap(({ changes }) => changes),
    warnings: outcomes.flatMap(({ warnings }) => warnings),
  }
}

async function create(admin: TopicAdmin, definition: TopicDefinition): Promise<EnsuredTopics> {
  const { name, partitions, replicationFactor } = definition
  await admin.createTopics({
    // Returns when the partitions have leaders, so that the first producer finds them.
    waitForLeaders: true,
    topics: [
      { topic: name, numPartitions: partitions, replicationFactor, configEntries: entriesOf(definition.settings) },
    ],
  })
  return { changes: [`${name}: created with ${partitions} partitions`], warnings: [] }
}

async function bringInLine(admin: TopicAdmin, definition: TopicDefinition): Promise<EnsuredTopics> {
  const partitions = await ensurePartitions(admin, definition)
  const settings = await ensureSettings(admin, definition)
  return { changes: [...partitions.changes, ...settings], warnings: partitions.warnings }
}

async function ensurePartitions(
  admin: TopicAdmin,
  { name, partitions, replicationFactor }: TopicDefinition,
): Promise<EnsuredTopics> {
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [name] })
  const present = described[0]?.partitions ?? []
  const copies = Math.min(...present.map(({ replicas }) => replicas.length))
  const warnings = [
    ...(present.length > partitions
      ? [`${name}: has ${present.length} partitions, ${partitions} are wanted; Kafka cannot take partitions away`]
      : []),
    ...(present.length > 0 && copies !== replicationFactor
      ? [`${name}: has ${copies} copies, ${replicationFactor} are wanted; reassign its partitions by hand`]
      : []),
  ]
  if (present.length >= partitions) return { changes: [], warnings }
  await admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }] })
  return { changes: [`${name}: ${present.length} → ${partitions} partitions`], warnings }
}

/** Reads, merges and writes: Kafka's AlterConfigs replaces the whole set, so what others have set goes along. */
async function ensureSettings(admin: TopicAdmin, { name, settings }: TopicDefinition): Promise<string[]> {
  const resource = { type: ConfigResourceTypes.TOPIC, name }
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false })
  const entries = resources[0]?.configEntries ?? []
  const present = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
  const different = Object.entries(settings).filter(([setting, value]) => present[setting] !== value)
  if (different.length === 0) return []
  const setOnTopic = entries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
  const merged = {
    ...Object.fromEntries(setOnTopic.map(({ configName, configValue }) => [configName, configValue])),
    ...settings,
  }
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: entriesOf(merged) }] })
  return different.map(([setting, value]) => `${name}: ${setting} ${present[setting] ?? 'unset'} → ${value}`)
}

const entriesOf = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).map(([name, value]) => ({ name, value }))
