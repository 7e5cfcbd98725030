/**
 * A run of the purge: everything that is due goes, then everything that should not be there at all. A run that is
 * stopped, by its time or by a store that is away, loses nothing: the next one finds what is left.
 */
import type { PurgeRun } from '../../contract/schemas.ts'
import { UnavailableError } from '../shared/errors.ts'
import { itemsPerReceipt } from '../shared/receipts/chain.ts'
import { newRunId, noCounts, recordRun } from '../shared/runs.ts'
import { isNothingDue, purgeDue } from './due.ts'
import { keepHeld } from './held.ts'
import { purgeOrphanObjects, purgeUnfinishedUploads } from './orphan-objects.ts'
import { purgeOrphanRows } from './orphan-rows.ts'
import { purgeFailureCopies, purgeOldRuns } from './records.ts'
import { outagesToStop, type PurgeParts, tryAndCount, type Work } from './work.ts'

/** What has been promised comes first; what may take all the time that is left, and goes on in the next run, last. */
const steps = {
  held: keepHeld,
  due: purgeDue,
  'failure copies': purgeFailureCopies,
  'old runs': purgeOldRuns,
  'unfinished uploads': purgeUnfinishedUploads,
  'orphan rows': purgeOrphanRows,
  'orphan objects': purgeOrphanObjects,
}

/**
 * Purges as of a moment and records the run.
 * @param now epoch milliseconds, from the schedule's event
 * @param hasTime whether the function may begin something more
 * @returns the counts; `complete` says that every step came to its end, nothing failed and nothing is due any more
 * @throws UnavailableError where the run could not be recorded
 */
export async function runPurge(parts: PurgeParts, now: number, hasTime: () => boolean): Promise<PurgeRun> {
  const startedAt = parts.clock()
  const runId = newRunId(startedAt)
  const chain = parts.receipts.open()
  const counts = noCounts()
  const outages = { inARow: 0 }
  let stopped = false
  const mayGoOn = () => {
    stopped ||= !hasTime() || outages.inARow >= outagesToStop
    return !stopped
  }
  let untold = 0
  let issuing = false
  /** One at a time: two that extend one chain from here would take each other's receipts for somebody else's. */
  async function toldOf(entries: number): Promise<void> {
    untold += entries
    if (untold < itemsPerReceipt || issuing) return
    untold = 0
    issuing = true
    await tryAndCount(work, () => chain.issue())
    issuing = false
  }
  const work: Work = { ...parts, now, runId, toldOf, counts, outages, mayGoOn }
  await tryAndCount(work, chain.begin)
  for (const [name, step] of Object.entries(steps)) {
    if (mayGoOn()) await runStep(work, name, step)
  }
  const nothingDue = !stopped && counts.failed === 0 && (await isNothingDue(work))
  const destroyed = (await tryAndCount(work, () => parts.receipts.destroyItemKeys(now))) ?? []

  const finishedAt = parts.clock()
  const statement = {
    id: runId,
    started_at: new Date(startedAt).toISOString(),
    finished_at: new Date(finishedAt).toISOString(),
    cut_off: new Date(now).toISOString(),
    ...counts,
    complete: !stopped && nothingDue,
  }
  await tryAndCount(work, () => chain.issue(statement, destroyed))
  const receipt = chain.summaryOf(runId)
  const run: PurgeRun = {
    ...statement,
    kind: 'purge',
    // A run whose receipt could not be written is not complete, though all that was due may be gone.
    failed: counts.failed,
    complete: statement.complete && receipt !== undefined,
    duration_ms: finishedAt - startedAt,
    code_version: parts.codeVersion,
    ...(receipt && { receipt }),
  }
  await recordRun(parts, run)
  return run
}

/** A step whose store does not answer must not keep the others, which may need another store, from their work. */
async function runStep(work: Work, name: string, step: (work: Work) => Promise<void>): Promise<void> {
  try {
    await step(work)
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    work.counts.failed += 1
    work.logger.warn('purge step failed', { step: name, code: error.code, cause: causeOf(error) })
  }
}

/** Names and messages of S3's and DynamoDB's errors; they name no keys. */
const causeOf = ({ cause }: Error): string => (cause instanceof Error ? cause.name : 'unknown')
