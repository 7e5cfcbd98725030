/**
 * Keeps what is under a legal hold from S3's lifecycle rules, which know nothing of rows: they count from the day on
 * which a version was made. So each object of a held image is written anew in time, which makes a new version.
 */

import { retention } from '../../platform.ts'
import type { ImageRow } from '../shared/image.ts'
import { imagePrefix, metadataKey } from '../shared/keys.ts'
import type { StoredVersion } from '../shared/versions.ts'
import { tryAndCount, type Work } from './work.ts'

/** Two days before the promise, three before the rule: the purge has many hours to get it done. */
const renewAfter = retention.images - 2 * retention.backstop

/** Renews the objects of images that are held, and forgets images that are not any more. */
export async function keepHeld(work: Work): Promise<void> {
  for (const id of await work.holds.listed()) {
    if (!work.mayGoOn()) return
    await tryAndCount(work, async () => {
      const row = await work.ledger.get(id)
      if (row?.hold && (row.heldUntil ?? 0) > work.now) await renew(work, row)
      else if (!row) await work.holds.unlist(id)
    })
  }
}

async function renew(work: Work, row: ImageRow): Promise<void> {
  for (const version of await livingVersions(work, row)) {
    if (version.modifiedAt > work.now - renewAfter) continue
    const versionId = await work.lake.renew(version.key, version.versionId)
    // The row says which version of the original was accepted: it must not name one that the lifecycle rule ends.
    if (versionId && version.key === row.key) await work.ledger.moveVersion(row, versionId)
  }
}

/** What readers see: the accepted version of the original, and the newest of everything else. */
async function livingVersions({ lake }: Work, row: ImageRow): Promise<StoredVersion[]> {
  const pages = await Promise.all([lake.versionsPage(imagePrefix(row)), lake.versionsPage(metadataKey(row))])
  const living = new Map<string, StoredVersion>()
  for (const version of pages.flatMap(({ entries }) => entries)) {
    const { key, marker, versionId, modifiedAt } = version
    const isTheOne = key === row.key && row.versionId !== undefined ? versionId === row.versionId : !marker
    const other = living.get(key)
    if (isTheOne && (!other || other.modifiedAt < modifiedAt)) living.set(key, version)
  }
  return [...living.values()]
}
