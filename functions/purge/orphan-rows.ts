/**
 * Rows whose objects are gone: somebody deleted them past the platform. Such a row promises what no longer exists,
 * so it is closed and counted. Each costs a request to S3, so a run looks at some and the next goes on from there.
 */
import pMap from 'p-map'
import { retention } from '../../platform.ts'
import { chunks } from '../shared/chunks.ts'
import type { Status } from '../shared/image.ts'
import { expiryShards, imagePrefix, isImageId } from '../shared/keys.ts'
import type { IndexEntry, Standing } from '../shared/ledger-queries.ts'
import { concurrency, eraseOrCount, tryAndCount, type Work } from './work.ts'

/** Rows looked at in one run: a million are seen within some two days, for the price of a few cents. */
export const rowsPerRun = 20_000

const chunkSize = 100
const scan = 'orphan rows'

/** Statuses that promise an original. A quarantined image stays, with its reason, until it is due. */
const promising: readonly Status[] = ['received', 'published', 'processed']

/** Erases rows none of whose objects is left. @param most rows to look at */
export async function purgeOrphanRows(work: Work, most = rowsPerRun): Promise<void> {
  const [startShard = expiryShards[0] ?? '', startAt = '0'] = (await work.runs.cursor(scan))?.split('/') ?? []
  let looked = 0
  for (const shard of expiryShards.filter((name) => name >= startShard)) {
    const from = shard === startShard ? Number(startAt) : 0
    for await (const page of work.ledger.expiring(shard, from, Number.MAX_SAFE_INTEGER)) {
      for (const chunk of chunks(page, chunkSize)) {
        if (looked >= most || !work.mayGoOn()) return work.runs.saveCursor(scan, `${shard}/${chunk[0]?.at}`)
        await treatRows(work, chunk)
        looked += chunk.length
      }
    }
  }
  await work.runs.saveCursor(scan, undefined)
}

async function treatRows(work: Work, entries: readonly IndexEntry[]): Promise<void> {
  const standing = await work.ledger.standing(entries.map(({ id }) => id).filter(isImageId))
  const old = [...standing.values()].filter(
    ({ status, receivedAt }) => promising.includes(status) && receivedAt <= work.now - retention.orphanGrace,
  )
  await pMap(old, (row) => treatRow(work, row), { concurrency })
}

async function treatRow(work: Work, row: Standing): Promise<void> {
  if (!work.mayGoOn() || !(await tryAndCount(work, () => hasLostEverything(work, row)))) return
  const erasure = await eraseOrCount(work, row, { reason: 'orphan' })
  if (erasure?.outcome === 'erased') work.counts.orphan_rows += 1
}

/** The original that was accepted is gone, and no rendition is left either: nothing that a person could still see. */
async function hasLostEverything({ lake }: Work, row: Standing): Promise<boolean> {
  if (await lake.exists(row.key, row.versionId)) return false
  for await (const objects of lake.list(imagePrefix(row))) if (objects.length > 0) return false
  return true
}
