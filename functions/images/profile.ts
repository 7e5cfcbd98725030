/** What the platform knows about a person, and for how long at most each trace of it stands. */
import type { Profile, TraceStore } from '../../contract/personal-schemas.ts'
import { retention, sharing } from '../../platform.ts'
import type { Status } from '../shared/image.ts'
import type { Ledger } from '../shared/ledger.ts'

const day = 86_400_000
/** A Kafka segment is deleted whole: its records live up to one roll of it longer than the topic keeps. */
const segment = 6 * 3_600_000

/** In milliseconds; erasing an image ends the first four at once. */
const traces: Readonly<Record<TraceStore, number>> = {
  images: retention.images,
  'unfinished-uploads': retention.unfinishedUploads,
  'idempotency-keys': retention.idempotency,
  links: Math.max(...sharing.seconds) * 1000,
  events: retention.events + segment,
  quarantine: retention.quarantine + segment,
  failures: retention.failures,
  logs: retention.logs,
  backups: retention.backups,
  'receipt-keys': retention.itemKeys,
  counts: retention.runs,
}

export type Asking = { readonly id: string; readonly groups: readonly string[]; readonly scopes: readonly string[] }

export async function profileOf(ledger: Pick<Ledger, 'ownerSummaries'>, person: Asking, now: number): Promise<Profile> {
  const statuses = new Map<Status, number>()
  let [bytes, keys, links] = [0, 0, 0]
  let [next, last] = [Number.POSITIVE_INFINITY, 0]
  for await (const rows of ledger.ownerSummaries(person.id)) {
    for (const row of rows) {
      statuses.set(row.status, (statuses.get(row.status) ?? 0) + 1)
      if (row.idempotencyId) keys += 1
      if (row.status === 'purged') continue
      bytes += row.bytes
      links += Object.values(row.links ?? {}).filter(({ expiresAt }) => expiresAt > now).length
      next = Math.min(next, row.expiresAt)
      last = Math.max(last, row.expiresAt)
    }
  }
  const closed = statuses.get('purged') ?? 0
  statuses.delete('purged')
  const images = [...statuses.values()].reduce((sum, count) => sum + count, 0)
  return {
    person: { id: person.id, groups: [...person.groups], scopes: [...person.scopes] },
    images,
    bytes,
    statuses: [...statuses].map(([status, count]) => ({ status, images: count })),
    rows: images + closed + keys,
    links,
    being_erased: closed,
    ...(images > 0 && {
      next_expires_at: new Date(next).toISOString(),
      last_expires_at: new Date(last).toISOString(),
    }),
    traces: Object.entries(traces).map(([store, length]) => ({ store: store as TraceStore, days: length / day })),
  }
}
