/** Records that outlive images but not for ever: copies of failed batches, and the counts of old runs. */
import { layout, retention } from '../../platform.ts'
import { StillThereError } from '../shared/erase.ts'
import { dateOf } from '../shared/keys.ts'
import { emptyCount } from '../shared/versions.ts'
import { groupsIn } from './groups.ts'
import { tryAndCount, type Work } from './work.ts'

/** Deletes the copies of batches that a trigger gave up on, once they are older than `retention.failures`. */
export async function purgeFailureCopies(work: Work): Promise<void> {
  const cutOff = work.now - retention.failures
  for await (const { groups } of groupsIn((after) => work.failures.versionsPage('', after))) {
    if (!work.mayGoOn()) return
    const old = groups.flatMap(({ entries }) => entries).filter(({ modifiedAt }) => modifiedAt <= cutOff)
    await tryAndCount(work, async () => {
      const count = emptyCount()
      await work.failures.deleteVersions(old, count)
      work.counts.failure_records += count.versions
      if (count.errors.length > 0) throw new StillThereError('A copy of a failed batch could not be deleted')
    })
  }
}

/** Deletes the files of runs that are older than `retention.runs`; their rows go by TTL. */
export async function purgeOldRuns(work: Work): Promise<void> {
  const oldest = `${layout.runs}date=${dateOf(work.now - retention.runs)}/`
  for (const folder of await work.lake.folders(layout.runs)) {
    if (folder < oldest) await tryAndCount(work, () => work.lake.deleteEverything(folder))
  }
}
