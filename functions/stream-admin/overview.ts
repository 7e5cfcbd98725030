/** The stream at a glance. */
import type { StreamOverview } from '../../contract/stream-schemas.ts'
import { type ConsoleRole, processTrigger } from '../../platform.ts'
import { readConsumers } from './consumers.ts'
import type { SizeOfPartition, TopicView } from './kafka-views.ts'
import { endOf, isUnderReplicated, lagOf, recordsOf, totalOf } from './lag.ts'
import type { StreamAdminParts } from './parts.ts'

/** Sizes are shown where the brokers tell them; MSK Serverless does not. */
export const sizesOf = (kafka: StreamAdminParts['kafka']): Promise<SizeOfPartition[] | undefined> =>
  kafka.sizes().catch(() => undefined)

/** What a broker carries: partitions that it leads, copies that it holds, and those of them that are in sync. */
function shareOf(broker: number, topics: readonly TopicView[]) {
  const partitions = topics.flatMap((topic) => topic.partitions)
  return {
    leads: partitions.filter(({ leader }) => leader === broker).length,
    replicas: partitions.filter(({ replicas }) => replicas.includes(broker)).length,
    in_sync: partitions.filter(({ inSync }) => inSync.includes(broker)).length,
  }
}

export async function overviewOf(parts: StreamAdminParts, role: ConsoleRole): Promise<StreamOverview> {
  const { kafka, meter, imagesTopic, quarantineTopic } = parts
  const [cluster, topics, sizes] = await Promise.all([kafka.cluster(), kafka.topics(), sizesOf(kafka)])
  // Only what is shown here and what somebody reads: a cluster may hold thousands of topics.
  const { consumers, groups, ranges, triggers } = await readConsumers(parts, topics, [imagesTopic, quarantineTopic])
  const images = ranges.get(imagesTopic) ?? []
  const processor = groups.find(({ view }) => view.id === processTrigger.consumerGroup)
  const committed = processor?.committed.find(({ topic }) => topic === imagesTopic)?.partitions ?? []
  const rateIn = meter('in', endOf(images))
  const rateOut = consumers.find(({ group, topic }) => group === processor?.view.id && topic === imagesTopic)?.rate
  const partitions = topics.flatMap((topic) => topic.partitions)
  const trigger = triggers.find(({ consumer_group }) => consumer_group === processTrigger.consumerGroup)
  return {
    at: new Date(parts.clock()).toISOString(),
    cluster: cluster.id,
    ...(cluster.controller !== undefined && { controller: cluster.controller }),
    brokers: cluster.brokers.map((broker) => {
      const own = sizes?.filter((size) => size.broker === broker.id)
      return {
        ...broker,
        ...(own && { bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) }),
        ...shareOf(broker.id, topics),
      }
    }),
    topics: topics.length,
    partitions: partitions.length,
    under_replicated: partitions.filter(isUnderReplicated).length,
    offline: partitions.filter(({ leader }) => leader < 0).length,
    lag: totalOf(lagOf(images, committed)),
    ...(rateIn !== undefined && { rate_in: rateIn }),
    ...(rateOut !== undefined && { rate_out: rateOut }),
    quarantine: recordsOf(ranges.get(quarantineTopic) ?? []),
    consumers: [...consumers],
    ...(trigger && { trigger_state: trigger.state }),
    role,
    read_only: parts.mode === 'read-only',
  }
}
