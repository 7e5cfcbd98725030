/** Which groups read which topics, and how far each is behind; for the overview, the topics and the groups. */
import pMap from 'p-map'
import type { StreamConsumer } from '../../contract/stream-schemas.ts'
import type { StreamTrigger } from '../../contract/stream-work-schemas.ts'
import type { CommittedTopic, GroupView, OffsetRange, TopicView } from './kafka-views.ts'
import { endOf, lagOf, totalOf } from './lag.ts'
import type { StreamAdminParts } from './parts.ts'

/** Questions to the brokers that wait at once. */
const concurrency = 8

export type Consumers = {
  readonly groups: readonly { readonly view: GroupView; readonly committed: readonly CommittedTopic[] }[]
  readonly ranges: ReadonlyMap<string, readonly OffsetRange[]>
  readonly triggers: readonly StreamTrigger[]
  readonly consumers: readonly StreamConsumer[]
}

/**
 * @param existing all topics: of those that groups have read, some may be gone
 * @param wanted names of topics whose ranges are needed whether or not somebody reads them
 */
export async function readConsumers(
  { kafka, triggers, meter }: Pick<StreamAdminParts, 'kafka' | 'triggers' | 'meter'>,
  existing: readonly Pick<TopicView, 'name'>[],
  wanted: readonly string[],
): Promise<Consumers> {
  const [ids, known] = await Promise.all([kafka.groups(), triggers.list().catch(() => [])])
  const [views, committed] = await Promise.all([
    kafka.describeGroups(ids),
    pMap(ids, async (id) => [id, await kafka.committed(id)] as const, { concurrency }),
  ])
  const byGroup = new Map(committed)
  const present = new Set(existing.map(({ name }) => name))
  const read = views.flatMap((view) => topicsOf(view, byGroup.get(view.id) ?? [], known))
  const ranges = await kafka.offsetsOf([...new Set([...wanted, ...read])].filter((topic) => present.has(topic)))

  const groups = views.map((view) => ({ view, committed: byGroup.get(view.id) ?? [] }))
  const consumers = groups.flatMap(({ view, committed: of }) =>
    topicsOf(view, of, known)
      // A topic that has been deleted leaves its commits behind for a while.
      .filter((topic) => ranges.has(topic))
      .map((topic) => {
        const partitions = of.find((one) => one.topic === topic)?.partitions ?? []
        const rate = meter(`group ${view.id} ${topic}`, endOf(partitions.map(({ offset }) => ({ high: offset }))))
        return {
          group: view.id,
          topic,
          state: view.state,
          lag: totalOf(lagOf(ranges.get(topic) ?? [], partitions)),
          ...(rate !== undefined && { rate }),
        }
      }),
  )
  return { groups, ranges, triggers: known, consumers }
}

/** What a group reads or has read; one that has committed nothing yet is told by its members, or by its trigger. */
export const topicsOf = (
  { id, members }: GroupView,
  committed: readonly CommittedTopic[],
  triggers: readonly StreamTrigger[],
): string[] => [
  ...new Set([
    ...committed.map(({ topic }) => topic),
    ...members.flatMap(({ assigned }) => Object.keys(assigned)),
    ...triggers.filter(({ consumer_group }) => consumer_group === id).map(({ topic }) => topic),
  ]),
]
