/**
 * The outbox sweep. Where Kafka does not take an event, the producer puts the row into the outbox, a part of the pending
 * index, before it acknowledges the image; this sends it. And an event that is in Kafka may be given up by the trigger
 * during a long outage; its row stays in another part of that index until the image is settled, and its event is sent
 * again.
 */
import pMap from 'p-map'
import { republishAfter, resendAfter } from '../../platform.ts'
import { UnavailableError } from '../shared/errors.ts'
import type { ImageRow, Status } from '../shared/image.ts'
import { isUncertain, pendingShards, unsettledShards } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'

export type RepublishParts = {
  readonly ledger: Pick<Ledger, 'pending' | 'get'>
  readonly lake: Pick<Lake, 'exists'>
  /** Puts the event into Kafka and records it; throws UnavailableError where that has to wait. */
  readonly publish: (row: ImageRow) => Promise<unknown>
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Whether there is time for another image before the function's time is up. */
  readonly hasTime: () => boolean
}

export type RepublishResult = {
  readonly published: number
  /** Rows that had moved on since the index was read. */
  readonly settled: number
  /** Rows of uploads that ended before their original was stored; the purge's search for orphan rows removes them. */
  readonly abandoned: number
  readonly failed: number
  /** False where rows are left for the next run. */
  readonly complete: boolean
}

/** Events in flight at once: enough to clear a backlog, few enough for one small function. */
const concurrency = 10
/** At 10 in flight and some 5 ms each this takes a few seconds of the 55 that the function has. */
const mostPerRun = 5_000
/** So many failures mean that Kafka or the ledger is away, and the next minute will do. */
const failuresToStop = 3

/** What waits for what: shards of the pending index, the status of rows that really wait, and for how long they may. */
const queues: readonly { shards: readonly string[]; statuses: readonly Status[]; after: number }[] = [
  { shards: pendingShards, statuses: ['received'], after: republishAfter },
  { shards: unsettledShards, statuses: ['received', 'published'], after: resendAfter },
]

/**
 * `POST /images` records an image while its original is on its way, and says so to nobody before it has arrived. The
 * processor would take its absence for a loss, and an image in quarantine would be acknowledged to a repetition.
 */
const mayLackOriginal = (row: ImageRow): boolean =>
  isUncertain(row) && row.versionId === undefined && row.attempts === 0

/** Publishes what has waited for too long. @param now epoch milliseconds, from the schedule's event */
export async function republishPending(parts: RepublishParts, now: number): Promise<RepublishResult> {
  const { ledger, lake, publish, logger, hasTime } = parts
  const result = { published: 0, settled: 0, abandoned: 0, failed: 0, complete: true }
  const mayGoOn = () => {
    const goesOn = hasTime() && result.failed < failuresToStop && result.published < mostPerRun
    if (!goesOn) result.complete = false
    return goesOn
  }

  async function republish(id: string, statuses: readonly Status[]): Promise<void> {
    if (!mayGoOn()) return
    try {
      const row = await ledger.get(id)
      if (!row || !statuses.includes(row.status)) {
        result.settled += 1
        return
      }
      if (mayLackOriginal(row) && !(await lake.exists(row.key))) {
        result.abandoned += 1
        return
      }
      await publish(row)
      result.published += 1
      logger.info('event republished', { imageId: id })
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      result.failed += 1
      result.complete = false
      logger.warn('event still waits', { imageId: id, error })
    }
  }

  for (const { shards, statuses, after } of queues) {
    for (const shard of shards) {
      if (!mayGoOn()) return result
      for await (const page of ledger.pending(shard, now - after)) {
        await pMap(page, ({ id }) => republish(id, statuses), { concurrency })
        if (!mayGoOn()) break
      }
    }
  }
  return result
}
