/** Consumer groups: members, lag, and putting one back or forward. */
import type { StreamGroup, StreamGroupPage, StreamReset, StreamResetDone } from '../../contract/stream-schemas.ts'
import type { StreamTrigger } from '../../contract/stream-work-schemas.ts'
import { RequestError } from '../shared/errors.ts'
import { readConsumers, topicsOf } from './consumers.ts'
import { lagOf, totalOf } from './lag.ts'
import type { StreamAdminParts } from './parts.ts'
import type { Values } from './records.ts'
import { planReset, type ResetPlan, type ResetTarget, resetWarnings } from './reset-plan.ts'

export async function listGroups(parts: StreamAdminParts): Promise<StreamGroupPage> {
  const { groups, consumers, triggers } = await readConsumers(parts, await parts.kafka.topics(), [])
  return {
    items: groups.map(({ view }) => {
      const reads = consumers.filter(({ group }) => group === view.id)
      const trigger = triggers.find(({ consumer_group }) => consumer_group === view.id)
      return {
        id: view.id,
        state: view.state,
        members: view.members.length,
        lag: totalOf(reads),
        topics: reads.map(({ topic }) => topic),
        ...(trigger && { trigger: trigger.name }),
      }
    }),
  }
}

export async function showGroup({ kafka, triggers }: StreamAdminParts, id: string): Promise<StreamGroup> {
  const [[view], committed, known, topics] = await Promise.all([
    kafka.describeGroups([id]),
    kafka.committed(id),
    triggers.list().catch(() => []),
    kafka.topics(),
  ])
  // Kafka describes groups that it does not know as dead.
  if (!view || (view.state === 'Dead' && committed.length === 0)) throw unknownGroup(id)
  const present = topicsOf(view, committed, known).filter((topic) => topics.some(({ name }) => name === topic))
  const offsets = await Promise.all(
    present.map(async (topic) =>
      lagOf(await kafka.offsets(topic), committed.find((one) => one.topic === topic)?.partitions ?? []).map((one) => ({
        topic,
        partition: one.partition,
        first_offset: String(one.low),
        ...(one.committed !== undefined && { committed: String(one.committed) }),
        next_offset: String(one.high),
        lag: one.lag,
      })),
    ),
  )
  const trigger = known.find(({ consumer_group }) => consumer_group === id)
  return {
    id,
    state: view.state,
    ...(trigger && { trigger: trigger.name }),
    members: view.members.map(({ id: member, client, host, assigned }) => ({
      id: member,
      client,
      host,
      assigned: Object.entries(assigned).map(([topic, partitions]) => ({ topic, partitions: [...partitions] })),
    })),
    lag: totalOf(offsets.flat()),
    offsets: offsets.flat(),
  }
}

const unknownGroup = (id: string) => new RequestError(404, 'unknown-group', `There is no consumer group ${id}`)

/** API Gateway waits 29 s; what is left is for the brokers. */
const pauseLimitMs = 15_000
const pauseStepMs = 200

export type AuditReset = (
  before: Values,
  after: Values,
  work: () => Promise<StreamResetDone>,
) => Promise<StreamResetDone>

/**
 * Moves a group. Where a trigger reads as this group, it is paused first, and resumed afterwards whatever happened.
 * @throws RequestError 409 where the group has members that are no trigger's, or its trigger does not pause in time
 */
export async function resetGroup(
  parts: StreamAdminParts,
  id: string,
  reset: StreamReset,
  audit: AuditReset,
): Promise<StreamResetDone> {
  const { kafka, triggers } = parts
  const topic = await kafka.topic(reset.topic)
  const unknown = reset.partitions?.find((partition) => !topic.partitions.some((one) => one.partition === partition))
  if (unknown !== undefined)
    throw new RequestError(400, 'unknown-partition', `partitions: there is no partition ${unknown}`)
  const target = await targetOf(
    parts,
    reset,
    topic.partitions.map(({ partition }) => partition),
  )
  const plan = async () => planReset(await lagsOf(parts, id, reset.topic), target, reset.partitions)
  const [[group], trigger] = await Promise.all([kafka.describeGroups([id]), triggerOf(parts, id)])
  const first = await plan()
  const isKnown = group && (group.state !== 'Dead' || first.partitions.some(({ before }) => before !== undefined))
  if (!isKnown && !trigger) throw unknownGroup(id)

  const answer = (made: ResetPlan, dryRun: boolean, state?: string): StreamResetDone => ({
    dry_run: dryRun,
    ...made,
    ...(trigger && { trigger: trigger.name }),
    ...(state && { trigger_state: state }),
    warnings: resetWarnings(made, trigger?.topic === reset.topic),
  })
  if (reset.dry_run) return answer(first, true, trigger?.state)

  const values = (side: 'before' | 'after') =>
    Object.fromEntries(first.partitions.map((one) => [`${reset.topic}-${one.partition}`, one[side] ?? 'none']))
  return audit(values('before'), values('after'), async () => {
    if (!trigger) {
      const made = await move(parts, id, reset.topic, await plan())
      return answer(made, false)
    }
    const resume = reset.resume ?? isRunning(trigger)
    try {
      await paused(parts, trigger)
      // The trigger has gone on until now.
      const made = await move(parts, id, reset.topic, await plan())
      return answer(made, false, resume ? 'Enabling' : 'Disabled')
    } finally {
      if (resume) await triggers.change(trigger.name, { enabled: true })
    }
  })
}

const isRunning = ({ state }: StreamTrigger): boolean => state !== 'Disabled' && state !== 'Disabling'

async function triggerOf({ triggers }: StreamAdminParts, group: string): Promise<StreamTrigger | undefined> {
  return (await triggers.list()).find(({ consumer_group }) => consumer_group === group)
}

async function lagsOf({ kafka }: StreamAdminParts, id: string, topic: string) {
  const [ranges, committed] = await Promise.all([kafka.offsets(topic), kafka.committed(id)])
  return lagOf(ranges, committed.find((one) => one.topic === topic)?.partitions ?? [])
}

async function targetOf(
  { kafka, clock }: StreamAdminParts,
  reset: StreamReset,
  partitions: number[],
): Promise<ResetTarget> {
  switch (reset.to) {
    case 'earliest':
    case 'latest':
      return reset.to
    case 'offset': {
      if (reset.offset === undefined) throw new RequestError(400, 'offset-missing', 'offset: is missing')
      const offset = BigInt(reset.offset)
      return { at: new Map(partitions.map((partition) => [partition, offset])) }
    }
    case 'timestamp': {
      const time = Date.parse(reset.timestamp ?? '')
      if (Number.isNaN(time))
        throw new RequestError(400, 'timestamp-missing', 'timestamp: must be a moment as in RFC 3339')
      if (time > clock()) throw new RequestError(400, 'timestamp-in-future', 'timestamp: lies in the future')
      const positions = await kafka.offsetsAt(reset.topic, time)
      return { at: new Map(positions.map(({ partition, offset }) => [partition, offset])) }
    }
  }
}

async function paused({ triggers, pause, clock }: StreamAdminParts, trigger: StreamTrigger): Promise<void> {
  const deadline = clock() + pauseLimitMs
  let { state } = isRunning(trigger) ? await triggers.change(trigger.name, { enabled: false }) : trigger
  while (state !== 'Disabled') {
    if (clock() > deadline) {
      throw new RequestError(409, 'trigger-still-pausing', `The trigger ${trigger.name} is still ${state}`, {
        hint: 'Pause it, wait until it is Disabled, then reset; it stays paused until you resume it.',
      })
    }
    await pause(pauseStepMs)
    state = (await triggers.get(trigger.name)).state
  }
}

/** Kafka sees the last member leave a moment after it has left; until then it refuses. */
const emptyWithinMs = 5_000

async function move(
  { kafka, pause, clock }: StreamAdminParts,
  id: string,
  topic: string,
  plan: ResetPlan,
): Promise<ResetPlan> {
  const deadline = clock() + emptyWithinMs
  for (;;) {
    const [group] = await kafka.describeGroups([id])
    if (!group || group.members.length === 0) break
    if (clock() > deadline) {
      throw new RequestError(409, 'group-in-use', `The group has ${group.members.length} members`, {
        hint: 'Stop whatever reads as this group, then try again.',
      })
    }
    await pause(pauseStepMs)
  }
  await kafka.commit(
    id,
    topic,
    plan.partitions.map(({ partition, after }) => ({ partition, offset: BigInt(after) })),
  )
  return plan
}
