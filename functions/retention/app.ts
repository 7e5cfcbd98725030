/** What is due, what is overdue (nothing must be), and what the runs counted. Counts only: no image is named here. */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { PurgeRun, RetentionState } from '../../contract/schemas.ts'
import { limits, retention, schedules } from '../../platform.ts'
import { createApp, type HttpEnvironment, personOf } from '../shared/http.ts'
import { expiryShards } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { parseRate } from '../shared/rate.ts'
import type { Runs } from '../shared/runs.ts'

export type RetentionParts = {
  readonly ledger: Pick<Ledger, 'countExpiring' | 'firstToExpire'>
  readonly runs: Pick<Runs, 'newest' | 'list'>
  readonly clock: () => number
  readonly logger: Logger
}

const day = 86_400_000

/**
 * The purge runs hourly, so an image may be due for up to an hour before it goes, and a little longer while the run
 * works. It counts as overdue only when a whole run has passed it by.
 */
const overdueAfter = 2 * 3_600_000

const runsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.pageSize.most).default(limits.pageSize.default),
})

export function createRetentionApp(parts: RetentionParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)

  app.get('/retention', async (context) => {
    personOf(context)
    return context.json(await retentionState(parts))
  })

  app.get('/retention/runs', async (context) => {
    personOf(context)
    const { limit } = runsQuery.parse(context.req.query())
    return context.json({ items: await parts.runs.list(limit) })
  })

  return app
}

const everyMs = parseRate(schedules.purge)

/** Runs follow one another at a steady rate; a run that is late is due now. */
const nextRun = ({ started_at: startedAt }: PurgeRun, now: number): string =>
  new Date(Math.max(now, Date.parse(startedAt) + everyMs)).toISOString()

/** Sums over all shards of the expiry index; counting reads keys only. */
export async function retentionState({ ledger, runs, clock }: RetentionParts): Promise<RetentionState> {
  const now = clock()
  const count = async (from: number, to: number) => {
    const perShard = await Promise.all(expiryShards.map((shard) => ledger.countExpiring(shard, from, to)))
    return perShard.reduce((sum, some) => sum + some, 0)
  }
  const [dueWithinADay, overdue, first, [lastRun]] = await Promise.all([
    count(0, now + day),
    count(0, now - overdueAfter),
    Promise.all(expiryShards.map((shard) => ledger.firstToExpire(shard))),
    runs.newest('purge', 1),
  ])
  const times = first.flatMap((entry) => (entry ? [entry.at] : []))
  return {
    due_within_a_day: dueWithinADay,
    overdue,
    ...(times.length > 0 && { oldest_expires_at: new Date(Math.min(...times)).toISOString() }),
    retention_days: retention.images / day,
    ...(lastRun && { last_run: lastRun, next_run_at: nextRun(lastRun, now) }),
  }
}
