/**
 * Purges a made-up ledger and prints by how much the heap, after collection, has grown at most. Argument: rows.
 * Pages of the index are made when they are asked for, objects when a row is closed, and stores answer at once, so that
 * what grows is the purge's.
 */
import { randomUUID } from 'node:crypto'
import { runPurge } from '../functions/purge/purge.ts'
import type { PurgeParts } from '../functions/purge/work.ts'
import {
  addressOfKey,
  dateOf,
  expiryOf,
  expiryShards,
  type ImageAddress,
  imagePrefix,
  metadataKey,
  newImageId,
  originalKey,
} from '../functions/shared/keys.ts'
import type { ExpiryEntry, Standing } from '../functions/shared/ledger-queries.ts'
import type { IntendedImage, Intent } from '../functions/shared/receipts/intents.ts'
import type { DeletionCount, Page, StoredVersion } from '../functions/shared/versions.ts'
import { layout, retention } from '../platform.ts'

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

async function* due(shard: string): AsyncGenerator<ExpiryEntry[]> {
  // A second look, at the end of a run, finds nothing any more.
  for (let left = gone.has(shard) ? 0 : perShard; left > 0; left -= pageLength) {
    gone.add(shard)
    yield Array.from({ length: Math.min(pageLength, left) }, () => ({ id: newImageId(), date, at: now }))
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
const pageSize = 1000
const files = ['original.jpg', 'thumb.webp', 'small.webp', 'large.webp', 'large.avif']
/** Images whose rows are closed, and whose objects are still there. */
const lying = new Map<string, ImageAddress>()

/** Every image has its objects from the moment at which its row is closed until they are deleted. */
async function versionsPage(prefix: string, after = ''): Promise<Page<StoredVersion>> {
  const keysOf = (image: ImageAddress) =>
    prefix.startsWith(layout.metadata) ? [metadataKey(image)] : files.map((file) => `${imagePrefix(image)}${file}`)
  const keys = [...lying.values()]
    .flatMap(keysOf)
    .filter((key) => key.startsWith(prefix) && key > after)
    .sort()
  const entries = keys
    .slice(0, pageSize)
    .map((key) => ({ key, versionId: randomUUID(), marker: false, modifiedAt: receivedAt }))
  return { entries, more: keys.length > pageSize }
}

/** @param countOf the count to which each deletion is added */
async function deleteVersions(entries: readonly StoredVersion[], countOf: (entry: StoredVersion) => DeletionCount) {
  for (const entry of entries) {
    lying.delete(addressOfKey(entry.key)?.id ?? '')
    const count = countOf(entry)
    count.versions += 1
    count.versionIds.push(entry.versionId ?? '')
  }
  return entries.length
}

const alone = async () => {
  throw new Error('No image of these is erased by itself')
}
const lake = {
  versionsPage,
  uploadsPage: async () => ({ entries: [], more: false }),
  deleteVersions,
  deleteEverything: alone,
  deleteKey: alone,
  folders: async () => [],
  put: async () => {},
}
const parts = {
  ledger: {
    due,
    async *expiring() {},
    standing: async (ids: readonly string[]) => new Map(ids.map((id) => [id, standingOf(id)])),
  },
  lake,
  failures: { ...lake, versionsPage: lake.uploadsPage },
  runs: { cursor: async () => undefined, saveCursor: async () => {}, record: async () => {} },
  holds: { listed: async () => [] },
  receipts: {
    intents: {
      open: async () => [],
      async declare(id: string, images: readonly IntendedImage[]) {
        for (const image of images) lying.set(image.id, { id: image.id, date })
        return { id, images, forgotten: new Set() }
      },
      async fulfil(_intent: Intent, erased: ReadonlyMap<string, unknown>) {
        removed += erased.size
        if (removed % lookEvery < erased.size) most = Math.max(most, heap())
        return true
      },
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
