/** How long things live, and when what runs by the clock runs. */
import { day, hour, minute } from './units.ts'

/** How long each kind of trace may live. Durations are in milliseconds. */
export const retention = {
  /** The promise: an image and all that was made from it is gone seven days after it was received. */
  images: 7 * day,
  /** An uploader may ask for less, but not for less than this: what is made of an image must have time to be seen. */
  least: 1 * hour,
  /** The longest legal hold; it may be placed anew. */
  hold: 366 * day,
  /** A presigned upload that was never completed is forgotten after this. */
  unfinishedUploads: 1 * day,
  /** An `Idempotency-Key` is remembered this long. */
  idempotency: 1 * day,
  /** Records that could not be processed; below `images` by more than the roll time of a segment. */
  quarantine: 6 * day,
  /** Full copies of batches that a trigger gave up on (the failure destination). */
  failures: 6 * day,
  /** Events name an image; three days are enough to replay after a long week-end. */
  events: 3 * day,
  /** Logs name image ids only, and not beyond the image by more than this. CloudWatch takes 1, 3, 5, 7, … days. */
  logs: 3 * day,
  /** DynamoDB's point-in-time recovery: the least that AWS takes, so that no backup outlives the promise by more. */
  backups: 1 * day,
  /** How the stream was, for the console's charts: counts only. */
  measurements: 8 * day,
  /** Counts of purge runs and receipts, which hold nothing personal. */
  runs: 400 * day,
  /** Keys under which receipts name images: until then an owner can be shown which item was theirs, afterwards nobody. */
  itemKeys: 7 * day,
  /** An object without a row (or a row without an object) is an orphan only after this; before, it may be on its way. */
  orphanGrace: 1 * hour,
  /** TTL and S3 lifecycle are backstops that act this long after the purge should have. */
  backstop: 1 * day,
} as const

/** EventBridge expressions; `local/schedule` understands `rate(…)`. */
export const schedules = {
  republish: 'rate(1 minute)',
  purge: 'rate(1 hour)',
  measure: 'rate(1 minute)',
} as const

/** A row whose event is not in Kafka after this is republished. */
export const republishAfter = 1 * minute

/**
 * An image whose event is in Kafka but which has not been settled after this is sent again: the trigger may have given
 * up on its batch during a long outage. Longer than all retries of one batch, so that a mere backlog is left alone.
 */
export const resendAfter = 30 * minute
