import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it } from 'vitest'
import { purgeRunPage, retentionState } from '../../../contract/schemas.ts'
import { createRetentionApp, type RetentionParts } from '../../../functions/retention/app.ts'
import { expiryShards } from '../../../functions/shared/keys.ts'
import { createLogger } from '../../../functions/shared/log.ts'
import { newRunId, noCounts } from '../../../functions/shared/runs.ts'
import { type ApiCall, apiEvent } from '../../support/api-event.ts'

const now = Date.UTC(2026, 10, 23, 12)
const hour = 3_600_000
const at = new Date(now).toISOString()
const run = {
  id: newRunId(now),
  kind: 'purge' as const,
  started_at: at,
  finished_at: at,
  cut_off: at,
  ...noCounts(),
  complete: true,
}

/** Images by when they expire, spread over the shards. */
function partsWith(expiries: readonly number[], runs = [run]): RetentionParts {
  const inShard = (shard: string) => expiries.filter((_, n) => expiryShards[n % expiryShards.length] === shard)
  return {
    ledger: {
      get: async () => undefined,
      hold: async () => ({ ok: false, row: undefined }),
      endHold: async () => ({ ok: false, row: undefined }),
      countExpiring: async (shard, from, to) => inShard(shard).filter((time) => time >= from && time <= to).length,
      firstToExpire: async (shard) => {
        const [first] = inShard(shard).sort((a, b) => a - b)
        return first === undefined ? undefined : { id: 'any', at: first }
      },
    },
    runs: { newest: async (_kind, limit) => runs.slice(0, limit), list: async (limit) => runs.slice(0, limit) },
    lake: { async *list() {}, get: async () => undefined },
    heads: { read: async () => undefined },
    holds: { listed: async () => [], list: async () => {}, recordChange: async () => {}, changes: async () => [] },
    itemKey: async () => ({ id: '2026-11-23-00000000', secret: Buffer.alloc(32) }),
    clock: () => now,
    logger: createLogger(),
  }
}

async function call(parts: RetentionParts, request: Omit<ApiCall, 'method'>) {
  const handler = handle(createRetentionApp(parts))
  const answer = (await handler(
    apiEvent({ method: 'GET', ...request }) as unknown as LambdaEvent,
    {} as LambdaContext,
  )) as {
    statusCode: number
    body: string
  }
  return { status: answer.statusCode, body: JSON.parse(answer.body) }
}

describe('GET /retention', () => {
  it('sums over every shard what is due within a day and what is overdue', async () => {
    const expiries = Array.from({ length: 40 }, (_, n) => now + (n - 5) * hour)
    const { status, body } = await call(partsWith(expiries), { path: '/retention' })
    expect(status).toBe(200)
    expect(retentionState.parse(body)).toEqual({
      due_within_a_day: 30,
      overdue: 4,
      oldest_expires_at: new Date(now - 5 * hour).toISOString(),
      retention_days: 7,
      last_run: run,
      next_run_at: new Date(Math.max(now, Date.parse(run.started_at) + hour)).toISOString(),
    })
  })

  it('does not call overdue what the next hourly run will take', async () => {
    const { body } = await call(partsWith([now - hour]), { path: '/retention' })
    expect(body).toMatchObject({ overdue: 0, due_within_a_day: 1 })
  })

  it('copes with an empty ledger and no run', async () => {
    const { status, body } = await call(partsWith([], []), { path: '/retention' })
    expect(status).toBe(200)
    expect(retentionState.parse(body)).toEqual({ due_within_a_day: 0, overdue: 0, retention_days: 7 })
  })
})

describe('GET /retention/runs', () => {
  it('answers as many as asked for', async () => {
    const { body } = await call(partsWith([], [run, run, run]), { path: '/retention/runs', query: { limit: '2' } })
    expect(purgeRunPage.parse(body).items).toHaveLength(2)
  })

  it.each(['0', '-1', 'ten', '100000'])('refuses a limit of %s', async (limit) => {
    const { status, body } = await call(partsWith([]), { path: '/retention/runs', query: { limit } })
    expect([status, body.code]).toEqual([400, 'invalid-request'])
  })
})

it.each(['/retention', '/retention/runs'])('%s wants an authenticated person', async (path) => {
  expect(await call(partsWith([]), { path, person: null })).toMatchObject({ status: 401 })
})
