/** What the steps of a purge share: the parts they work with, the run they add to, and how they try again. */
import { setTimeout as pause } from 'node:timers/promises'
import { countOf, type Erasure, type ErasureOptions, eraseImage, nothingRemoved } from '../shared/erase.ts'
import { DarkroomError, UnavailableError } from '../shared/errors.ts'
import type { Holds } from '../shared/holds.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Lake } from '../shared/lake.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import type { Receipts } from '../shared/receipts/receipts.ts'
import { addErasure, type RunCounts, type Runs } from '../shared/runs.ts'

export type PurgeParts = {
  readonly ledger: Ledger
  readonly lake: Lake
  /** Bucket of the batches that a trigger gave up on. */
  readonly failures: Lake
  readonly runs: Runs
  readonly receipts: Receipts
  readonly holds: Holds
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
  /** The run's id, which its items in the receipts bear. */
  readonly runId: string
  /** Writes receipts when enough items wait for one. */
  readonly toldOf: (entries: number) => Promise<void>
  readonly counts: RunCounts
  /** Deletions in a row that failed because a store did not answer. */
  readonly outages: { inARow: number }
  /** Whether the run may begin something more: there is time, and the stores answer. */
  readonly mayGoOn: () => boolean
}

/** Images in work at once: listing and deleting wait for S3 most of the time, and DynamoDB is hardly loaded. */
export const concurrency = 8

/**
 * After so many a store counts as down, and the next run goes on. Objects that S3 refuses to delete do not count:
 * a few of them must not keep all the others alive.
 */
export const outagesToStop = 20

/** An erasure tries several times on its own. */
const attempts = 2
const pauseMs = 200

/** Brought forward to the real past, so that a run as of the future leaves nothing that only the future would find. */
export const expiryWhenClosed = ({ now, clock }: Work, { expiresAt }: Pick<ImageRow, 'expiresAt'>): number =>
  Math.min(expiresAt, now, clock())

/**
 * Erases one image, trying again where a store fails. What is left after that is counted as failed; its row stays,
 * closed and due, so the next run takes it up.
 * @returns what was done over all attempts, or undefined where the last one failed
 */
export async function eraseOrCount(
  work: Work,
  row: Pick<ImageRow, 'id' | 'date' | 'expiresAt' | 'idempotencyId'>,
  options: ErasureOptions = {},
): Promise<Erasure | undefined> {
  const removed = options.removed ?? nothingRemoved()
  const expiresAt = expiryWhenClosed(work, row)
  const own = { reason: 'due', run: work.runId, ...options, expiresAt, removed } as const
  const erasure = await tryAndCount(work, () => eraseImage(work, row, own))
  addErasure(work.counts, countOf(removed))
  if (erasure?.entry) await work.toldOf(1)
  return erasure
}

/** Runs a deletion twice at most; then it is counted as failed, and undefined. Mistakes of our own are thrown. */
export async function tryAndCount<T>(work: Work, deletion: () => Promise<T>): Promise<T | undefined> {
  const { counts, outages, logger } = work
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await deletion()
      outages.inARow = 0
      return result
    } catch (error) {
      if (!(error instanceof DarkroomError && error.retriable)) throw error
      if (attempt < attempts && work.mayGoOn()) {
        await pause(pauseMs)
        continue
      }
      counts.failed += 1
      outages.inARow = isOutage(error) ? outages.inARow + 1 : 0
      logger.warn('deletion failed', { code: error.code, reason: error.message })
      return undefined
    }
  }
}

const isOutage = (error: Error): boolean => error instanceof UnavailableError || error.cause instanceof UnavailableError
