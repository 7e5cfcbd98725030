/** What is due, what is overdue (nothing must be), what the runs counted, and the receipts. No image is named here. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { holdRequest } from '../../contract/hold-schemas.ts'
import type { ReceiptPage } from '../../contract/receipts.ts'
import type { PurgeRun, RetentionState } from '../../contract/schemas.ts'
import { layout, limits, retention, schedules } from '../../platform.ts'
import { createApp, type HttpEnvironment, personOf, readJson } from '../shared/http.ts'
import { expiryShards } from '../shared/keys.ts'
import type { Lake } from '../shared/lake.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { parseRate } from '../shared/rate.ts'
import { canonical, numberOfName, receiptKey } from '../shared/receipts/form.ts'
import type { Heads } from '../shared/receipts/heads.ts'
import type { Runs } from '../shared/runs.ts'
import { type HoldParts, placeHold, releaseHold, showHolds } from './holds.ts'

export type RetentionParts = HoldParts & {
  readonly ledger: Pick<Ledger, 'countExpiring' | 'firstToExpire'>
  readonly runs: Pick<Runs, 'newest' | 'list'>
  readonly lake: Pick<Lake, 'list' | 'get'>
  readonly heads: Pick<Heads, 'read'>
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

/** An answer of Lambda holds 6 MB, and a receipt of five hundred items some 300 kB. */
const receiptBytes = 3 * 1024 * 1024

const receiptsQuery = runsQuery.extend({ after: z.coerce.number().int().min(0).default(0) })

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

  app.get('/retention/receipts', async (context) => {
    personOf(context)
    const { after, limit } = receiptsQuery.parse(context.req.query())
    return context.json(await receiptsAfter(parts, after, limit))
  })

  app.get('/retention/holds', async (context) => {
    personOf(context)
    const { limit } = runsQuery.parse(context.req.query())
    return context.json(await showHolds(parts, limit))
  })

  app.put('/retention/holds/:id', async (context) => {
    const { id: by } = personOf(context)
    return context.json(await placeHold(parts, by, context.req.param('id'), await readJson(context, holdRequest)))
  })

  app.delete('/retention/holds/:id', async (context) => {
    const { id: by } = personOf(context)
    return context.json(await releaseHold(parts, by, context.req.param('id')))
  })

  return app
}

/** Receipts in the order of their numbers, as they lie in the lake. The head is read last: it is never behind them. */
async function receiptsAfter(
  { lake, heads }: Pick<RetentionParts, 'lake' | 'heads'>,
  after: number,
  limit: number,
): Promise<ReceiptPage> {
  const items: { name: string; content: string }[] = []
  let bytes = 0
  let more = false
  listing: for await (const page of lake.list(layout.receipts, receiptKey(after))) {
    for (const { key } of page) {
      more = items.length === limit || bytes > receiptBytes
      if (more) break listing
      const content = Buffer.from((await lake.get(key)) ?? []).toString()
      bytes += content.length
      items.push({ name: key.slice(layout.receipts.length), content })
    }
  }
  const last = numberOfName(items.at(-1)?.name ?? '')
  const head = await heads.read()
  return {
    items,
    ...(head && { head: canonical(head) }),
    ...(more && last !== undefined && { next_after: last }),
  }
}

const everyMs = parseRate(schedules.purge)

/** Runs follow one another at a steady rate; a run that is late is due now. */
const nextRun = ({ started_at: startedAt }: PurgeRun, now: number): string =>
  new Date(Math.max(now, Date.parse(startedAt) + everyMs)).toISOString()

/** Sums over all shards of the expiry index; counting reads keys only. */
export async function retentionState({
  ledger,
  runs,
  clock,
}: Pick<RetentionParts, 'ledger' | 'runs' | 'clock'>): Promise<RetentionState> {
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
