/** One look at the stream, in numbers: counters that only grow, and how far every group is behind. */
import pMap from 'p-map'
import { consoleLimits, processTrigger } from '../../platform.ts'
import type { Sample } from '../stream-admin/history-points.ts'
import type { KafkaAdmin } from '../stream-admin/kafka-admin.ts'
import { endOf, isUnderReplicated, lagOf, recordsOf, totalOf } from '../stream-admin/lag.ts'

type Brokers = Pick<KafkaAdmin, 'topics' | 'groups' | 'committed' | 'offsetsOf'>
/** Groups that are asked for at once. */
const concurrency = 8

/** @param at epoch milliseconds, the sample's time */
export async function measure(
  kafka: Brokers,
  topics: { readonly images: string; readonly quarantine: string },
  at: number,
): Promise<Sample> {
  const [known, ids] = await Promise.all([kafka.topics(), kafka.groups()])
  const names = new Set(known.map(({ name }) => name))
  const committed = await pMap(ids, async (group) => (await kafka.committed(group)).map((of) => ({ group, ...of })), {
    concurrency,
  })
  // The processor reads `images` from its beginning, also before it has committed anything.
  const own = { group: processTrigger.consumerGroup, topic: topics.images, partitions: [] }
  const all = committed.flat()
  const isOwn = ({ group, topic }: { group: string; topic: string }) => group === own.group && topic === own.topic
  // A topic that has been deleted leaves its commits behind for a while.
  const read = (all.some(isOwn) ? all : [own, ...all]).filter(({ topic }) => names.has(topic))
  const wanted = [topics.images, topics.quarantine, ...read.map(({ topic }) => topic)].filter((name) => names.has(name))
  const ranges = await kafka.offsetsOf([...new Set(wanted)])

  const groups = read
    // What is ours comes first: only so much is kept of a cluster with many groups.
    .sort((a, b) => Number(b.group === processTrigger.consumerGroup) - Number(a.group === processTrigger.consumerGroup))
    .map(({ group, topic, partitions }) => ({
      group,
      topic,
      lag: lagOf(ranges.get(topic) ?? [], partitions).map(({ lag }) => lag),
    }))
  const images = ranges.get(topics.images) ?? []
  const processor = read.find(isOwn)
  const partitions = known.flatMap((topic) => topic.partitions)
  return {
    at,
    in: endOf(images),
    out: endOf((processor?.partitions ?? []).map(({ offset }) => ({ high: offset }))),
    lag: totalOf(lagOf(images, processor?.partitions ?? [])),
    quarantine: recordsOf(ranges.get(topics.quarantine) ?? []),
    underReplicated: partitions.filter(isUnderReplicated).length,
    groups: withinLimit(groups),
  }
}

function withinLimit(groups: Sample['groups']): Sample['groups'] {
  let left: number = consoleLimits.measuredPartitions
  return groups.filter(({ lag }) => {
    left -= lag.length
    return left >= 0
  })
}
