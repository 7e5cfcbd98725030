/**
 * Purges a made-up ledger and prints by how much the heap, after collection, has grown at most. Argument: rows.
 * Pages of the index are made when they are asked for, and stores answer at once, so that what grows is the purge's.
 */
import { randomUUID } from 'node:crypto'
import { runPurge } from '../functions/purge/purge.ts'
import type { PurgeParts } from '../functions/purge/work.ts'
import { dateOf, expiryOf, expiryShards, newImageId, originalKey } from '../functions/shared/keys.ts'
import type { IndexEntry, Standing } from '../functions/shared/ledger-queries.ts'
import { retention } from '../platform.ts'

const rows = Number(process.argv[2])
/** What fits into DynamoDB's page of 1 MB, at some 100 bytes an entry. */
const pageLength = 10_000
/** Images between two looks at the heap. */
const lookEvery = 10_000

const perShard = Math.ceil(rows / expiryShards.length)

const collect = globalThis.gc as () => void
const now = Date.now()
const receivedAt = now - retention.images
const date = dateOf(receivedAt)
const gone = new Set<string>()

let removed = 0
let most = 0
const heap = () => {
  collect()
  return process.memoryUsage().heapUsed
}

async function* due(shard: string): AsyncGenerator<IndexEntry[]> {
  // A second look, at the end of a run, finds nothing any more.
  for (let left = gone.has(shard) ? 0 : perShard; left > 0; left -= pageLength) {
    gone.add(shard)
    yield Array.from({ length: Math.min(pageLength, left) }, () => ({ id: newImageId(), at: now }))
  }
}

const standingOf = (id: string): Standing => ({
  id,
  kind: 'image',
  status: 'processed',
  date,
  key: originalKey({ id, date }, 'jpg'),
  receivedAt,
  ...expiryOf(id, now),
})
const nothing = async () => ({ entries: [], more: false })
const counted = async (_: unknown, count: unknown) => count
const lake = {
  versionsPage: nothing,
  uploadsPage: nothing,
  deleteEverything: counted,
  deleteKey: counted,
  isEmpty: async () => true,
  isKeyEmpty: async () => true,
  folders: async () => [],
  put: async () => {},
}
const parts = {
  ledger: {
    due,
    async *expiring() {},
    standing: async (ids: readonly string[]) => new Map(ids.map((id) => [id, standingOf(id)])),
    markPurged: async () => ({ ok: true }),
    forget: async () => true,
  },
  lake,
  failures: lake,
  runs: { cursor: async () => undefined, saveCursor: async () => {}, record: async () => {} },
  holds: { listed: async () => [] },
  receipts: {
    async removeRow() {
      removed += 1
      if (removed % lookEvery === 0) most = Math.max(most, heap())
      return randomUUID()
    },
    open: () => ({
      begin: async () => {},
      issue: async () => {},
      watch() {},
      holding() {},
      summaryOf: () => ({ number: 1, sha256: '' }),
    }),
    destroyItemKeys: async () => [],
  },
  clock: Date.now,
  logger: { info() {}, warn() {} },
  codeVersion: 'bench',
}

const start = heap()
const run = await runPurge(parts as unknown as PurgeParts, now, () => true)
const wanted = perShard * expiryShards.length
if (run.images !== wanted || !run.complete) throw new Error(`The purge was not complete: ${JSON.stringify(run)}`)
console.log(JSON.stringify({ grownBytes: most - start }))
