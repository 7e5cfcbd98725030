/** What the steps of a purge share: the parts they work with, the run they add to, and how they try again. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Erasure, type ErasureOptions, eraseImage, IncompleteErasureError } from '../shared/erase.ts'
import { DarkroomError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Lake } from '../shared/lake.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { addErasure, type RunCounts, type Runs } from '../shared/runs.ts'

export type PurgeParts = {
  readonly ledger: Ledger
  readonly lake: Lake
  /** Bucket of the batches that a trigger gave up on. */
  readonly failures: Lake
  readonly runs: Runs
  /** The real time; what is due follows from the event's time instead. */
  readonly clock: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Which code did it, for the record. */
  readonly codeVersion: string
}

/** One run under way. */
export type Work = PurgeParts & {
  /** Epoch milliseconds, from the schedule's event: whatever is due by then goes. */
  readonly now: number
  readonly counts: RunCounts
  /** Whether the run may begin something more: there is time, and not everything fails. */
  readonly mayGoOn: () => boolean
}

/** Images in work at once: listing and deleting wait for S3 most of the time, and DynamoDB is hardly loaded. */
export const concurrency = 8

/** Failures in one run after which a store counts as down; the next run goes on. */
export const failuresToStop = 50

const attempts = 3
const firstPauseMs = 200

/**
 * Erases one image, trying again where a store fails. What is left after that is counted as failed; its row stays,
 * closed and due, so the next run takes it up.
 * @returns what the last attempt did, or undefined where it failed
 */
export async function eraseOrCount(
  work: Work,
  row: Pick<ImageRow, 'id' | 'date' | 'expiresAt' | 'idempotencyId'>,
  options: ErasureOptions = {},
): Promise<Erasure | undefined> {
  // Brought forward to the real past, so that a run as of the future leaves nothing that only the future would find.
  const expiresAt = Math.min(row.expiresAt, work.now, work.clock())
  return tryAndCount(work, async () => {
    try {
      const erasure = await eraseImage(work, row, { ...options, expiresAt })
      addErasure(work.counts, erasure)
      return erasure
    } catch (error) {
      if (error instanceof IncompleteErasureError) addErasure(work.counts, error.count)
      throw error
    }
  })
}

/** Runs a deletion up to three times; then it is counted as failed, and undefined. Mistakes of our own are thrown. */
export async function tryAndCount<T>({ counts, logger }: Work, deletion: () => Promise<T>): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deletion()
    } catch (error) {
      if (!(error instanceof DarkroomError && error.retriable)) throw error
      if (attempt === attempts) {
        counts.failed += 1
        logger.warn('deletion failed', { code: error.code, reason: error.message })
        return undefined
      }
      await pause(firstPauseMs * 2 ** (attempt - 1))
    }
  }
}
