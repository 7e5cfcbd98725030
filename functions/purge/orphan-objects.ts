/**
 * Objects that no row stands for: an upload that never got its row, something written while its image was being
 * erased, or a copy from elsewhere. Whatever lies in the lake is gone through once a run, where time allows.
 */
import pMap from 'p-map'
import { layout, retention } from '../../platform.ts'
import { emptyPrefix, StillThereError } from '../shared/erase.ts'
import { dateOf, type ImageAddress } from '../shared/keys.ts'
import type { Standing } from '../shared/ledger-queries.ts'
import { emptyCount, type StoredVersion, type UnfinishedUpload } from '../shared/versions.ts'
import { purgeImage } from './due.ts'
import { type Group, groupsIn, positionBefore } from './groups.ts'
import { concurrency, eraseOrCount, tryAndCount, type Work } from './work.ts'

const roots = [layout.images, layout.metadata]

/** The day before which a partition must be empty: even what came in its last second is due. */
const firstLivingDate = (now: number): string => dateOf(now - retention.images)

/**
 * Deletes orphaned objects. A scan that ran out of time goes on where it stopped, but dates beyond the retention,
 * which must be empty, are looked at in every run.
 */
export async function purgeOrphanObjects(work: Work): Promise<void> {
  for (const root of roots) {
    const scan = `orphans of ${root}`
    const position = await work.runs.cursor(scan)
    if (position) await scanObjects(work, root, undefined, firstLivingDate(work.now))
    await work.runs.saveCursor(scan, await scanObjects(work, root, position))
  }
}

/** @returns where to go on; undefined where the end, or a group as of `untilDate`, has been reached */
async function scanObjects(work: Work, root: string, after?: string, untilDate?: string): Promise<string | undefined> {
  let position = after
  for await (const { groups, end } of groupsIn((from) => work.lake.versionsPage(root, from), after)) {
    if (!work.mayGoOn()) return position ?? root
    const standing = await rowsOf(work, groups)
    await pMap(groups, (group) => treatObjects(work, group, standing), { concurrency })
    if (!work.mayGoOn()) return position ?? root
    position = positionBefore(end)
    if (untilDate && groups.some(({ address }) => address && address.date >= untilDate)) return undefined
  }
  return undefined
}

const rowsOf = ({ ledger }: Work, groups: readonly Group<unknown>[]): Promise<Map<string, Standing>> =>
  ledger.standing(groups.flatMap(({ address }) => (address ? [address.id] : [])))

async function treatObjects(work: Work, group: Group<StoredVersion>, standing: Map<string, Standing>): Promise<void> {
  if (!work.mayGoOn()) return
  const { address } = group
  const row = address && standing.get(address.id)
  if (row && isRowOf(row, address)) return purgeMissed(work, row)
  if (isOnItsWay(work, address, Math.max(...group.entries.map(({ modifiedAt }) => modifiedAt)))) return
  if (!address) return deleteUnknown(work, group)
  if (row) return deleteCopy(work, address)
  return eraseOrphan(work, address)
}

/** A row that is due but that the index did not show. One that is closed has had its turn in this run. */
async function purgeMissed(work: Work, row: Standing): Promise<void> {
  if (row.expiresAt <= work.now && row.status !== 'purged') await purgeImage(work, row)
}

const isRowOf = (row: Standing, address: ImageAddress) => row.date === address.date

/** An object may be there a little before its row; but never on a day whose images are all due. */
const isOnItsWay = ({ now }: Work, address: ImageAddress | undefined, since: number): boolean =>
  since > now - retention.orphanGrace && !(address && address.date < firstLivingDate(now))

/**
 * Closes the id first: were the upload repeated at this very moment under its Idempotency-Key, it would be refused
 * instead of being acknowledged and losing its object.
 */
async function eraseOrphan(work: Work, address: ImageAddress): Promise<void> {
  const now = work.clock()
  const expiresAt = Math.min(now, work.now)
  const closed = await tryAndCount(work, () => work.ledger.insertClosed(address, now, expiresAt))
  if (!closed) return
  const erasure = await eraseOrCount(work, { ...address, expiresAt }, { dueBy: work.now, reason: 'orphan' })
  if (erasure?.outcome !== 'erased') return
  work.counts.orphan_objects += erasure.versions + erasure.metadataFiles
  // The row that was written for this is none that a run should boast of.
  work.counts.rows -= erasure.rows
}

/** Something under an image's id but on another day than the image's: it is not the image, and its row stays. */
async function deleteCopy(work: Work, address: ImageAddress): Promise<void> {
  await tryAndCount(work, async () => {
    const images = emptyCount()
    const metadata = emptyCount()
    try {
      await emptyPrefix(work.lake, address, images, metadata)
    } finally {
      work.counts.versions += images.versions
      work.counts.metadata_files += metadata.versions
      work.counts.markers += images.markers + metadata.markers
      work.counts.uploads += images.uploads + metadata.uploads
      work.counts.orphan_objects += images.versions + metadata.versions
    }
  })
}

/** A key that this platform does not write. */
async function deleteUnknown(work: Work, { entries }: Group<StoredVersion>): Promise<void> {
  const key = entries[0]?.key
  if (key === undefined) return
  await tryAndCount(work, async () => {
    const count = await work.lake.deleteKey(key)
    work.counts.versions += count.versions
    work.counts.markers += count.markers
    work.counts.uploads += count.uploads
    work.counts.orphan_objects += count.versions
    if (!(await work.lake.isKeyEmpty(key))) throw new StillThereError('An unknown object is still there')
  })
}

/** Aborts multipart uploads without a row, and those that nobody has finished in time. */
export async function purgeUnfinishedUploads(work: Work): Promise<void> {
  for (const root of roots) {
    for await (const { groups } of groupsIn((after) => work.lake.uploadsPage(root, after))) {
      if (!work.mayGoOn()) return
      const standing = await rowsOf(work, groups)
      await pMap(groups, (group) => abortUploads(work, group, standing), { concurrency })
    }
  }
}

async function abortUploads(
  work: Work,
  { address, entries }: Group<UnfinishedUpload>,
  standing: Map<string, Standing>,
): Promise<void> {
  const row = address && standing.get(address.id)
  const hasRow = row !== undefined && address !== undefined && isRowOf(row, address)
  const abandoned = entries.filter(({ startedAt }) =>
    hasRow ? startedAt <= work.now - retention.unfinishedUploads : !isOnItsWay(work, address, startedAt),
  )
  await tryAndCount(work, async () => {
    const count = emptyCount()
    await work.lake.abortUploads(abandoned, count)
    work.counts.uploads += count.uploads
    if (count.errors.length > 0) throw new StillThereError('An unfinished upload could not be aborted')
  })
}
