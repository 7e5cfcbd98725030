/**
 * What has been read and waits for the function: one queue for each partition that is ours, shared out among pollers.
 * A partition is in at most one batch at a time, which keeps its order; partitions of one poller may share a batch.
 */
import { type BatchLimits, dueAt, gather } from './batching.ts'
import type { TriggerRecord } from './record.ts'

export type Lane = {
  readonly partition: number
  queue: { readonly record: TriggerRecord; readonly arrivedAt: number }[]
  bytes: number
  /** Part of a batch that is not done. */
  busy: boolean
  /** When its last batch was completed, in epoch milliseconds; a poller's window starts then. */
  completedAt: number
  /** The consumer has joined again while busy, and reads from the committed offset once more. */
  rejoined: boolean
  /** What that reading brings below this offset has been done by then. */
  doneBelow: number | undefined
}

export type LaneLimits = BatchLimits & { readonly windowMs: number; readonly pollers: number }
export type Taken = { readonly records: readonly TriggerRecord[]; readonly lanes: readonly Lane[] }

export type Lanes = {
  /** After the consumer has joined: reading starts again at the committed offsets. @returns lanes that are no longer ours */
  assign(partitions: readonly number[]): Lane[]
  /** The consumer is gone: what was read and not started will be read again. */
  clear(): void
  push(partition: number, records: readonly TriggerRecord[], now: number): Lane | undefined
  /** The next batch that is due, if any; its lanes are busy until they are released. */
  take(limits: LaneLimits, now: number): Taken | undefined
  /** @param next the offset after what is done; undefined where the batch was abandoned */
  release(lane: Lane, next: number | undefined, now: number): void
  has(lane: Lane): boolean
  /** Epoch milliseconds at which a batch will be due if nothing else happens. */
  nextDueAt(limits: LaneLimits): number | undefined
  waiting(): number
}

export function createLanes(): Lanes {
  let lanes = new Map<number, Lane>()

  const empty = (lane: Lane) => {
    lane.queue = []
    lane.bytes = 0
  }

  /** The batch that each poller could send now, with the moment at which it is due. */
  function candidates(limits: LaneLimits) {
    const sorted = [...lanes.values()].sort((a, b) => a.partition - b.partition)
    const groups = Map.groupBy(sorted.keys(), (index) => index % limits.pollers)
    return [...groups.values()].flatMap((indices) => {
      const group = indices.map((index) => sorted[index] as Lane)
      const idle = group.filter(({ busy, queue }) => !busy && queue.length > 0)
      if (idle.length === 0) return []
      idle.sort((a, b) => arrival(a) - arrival(b))
      const queues = idle.map(({ queue }) => queue.slice(0, limits.batchSize).map(({ record }) => record))
      const { records, full } = gather(queues, limits)
      const firstArrivalAt = Math.min(...idle.map(arrival))
      const completedAt = Math.max(...group.map((lane) => lane.completedAt))
      const due = full ? firstArrivalAt : dueAt({ firstArrivalAt, completedAt, windowMs: limits.windowMs })
      return [{ records, firstArrivalAt, due }]
    })
  }

  return {
    assign(partitions) {
      const before = lanes
      lanes = new Map(
        partitions.map((partition) => {
          const lane = before.get(partition) ?? newLane(partition)
          empty(lane)
          lane.rejoined = lane.busy
          lane.doneBelow = undefined
          return [partition, lane]
        }),
      )
      return [...before.values()].filter((lane) => !lanes.has(lane.partition))
    },

    clear() {
      for (const lane of lanes.values()) empty(lane)
    },

    push(partition, records, now) {
      const lane = lanes.get(partition)
      if (!lane) return undefined
      const { doneBelow } = lane
      for (const record of records) {
        if (doneBelow !== undefined && record.offset < doneBelow) continue
        // Only the reading after a join overlaps: a topic that is made anew starts at offset 0 again.
        lane.doneBelow = undefined
        lane.queue.push({ record, arrivedAt: now })
        lane.bytes += record.bytes
      }
      return lane
    },

    take(limits, now) {
      const ready = candidates(limits).filter(({ due }) => due <= now)
      const oldest = ready.sort((a, b) => a.firstArrivalAt - b.firstArrivalAt)[0]
      if (!oldest) return undefined
      const counts = Map.groupBy(oldest.records, ({ partition }) => partition)
      const taken = [...counts].map(([partition, records]) => {
        const lane = lanes.get(partition) as Lane
        lane.busy = true
        lane.rejoined = false
        lane.queue.splice(0, records.length)
        lane.bytes -= records.reduce((sum, { bytes }) => sum + bytes, 0)
        return lane
      })
      return { records: oldest.records, lanes: taken }
    },

    release(lane, next, now) {
      lane.busy = false
      if (lane.rejoined && next !== undefined) {
        lane.queue = lane.queue.filter(({ record }) => record.offset >= next)
        lane.bytes = lane.queue.reduce((sum, { record }) => sum + record.bytes, 0)
        if (lane.queue.length === 0) lane.doneBelow = next
      }
      lane.rejoined = false
      lane.completedAt = now
    },

    has: (lane) => lanes.get(lane.partition) === lane,
    nextDueAt: (limits) => {
      const times = candidates(limits).map(({ due }) => due)
      return times.length > 0 ? Math.min(...times) : undefined
    },
    waiting: () => [...lanes.values()].reduce((sum, { queue }) => sum + queue.length, 0),
  }
}

const newLane = (partition: number): Lane => ({
  partition,
  queue: [],
  bytes: 0,
  busy: false,
  completedAt: 0,
  rejoined: false,
  doneBelow: undefined,
})

const arrival = ({ queue }: Lane): number => queue[0]?.arrivedAt ?? Number.POSITIVE_INFINITY
