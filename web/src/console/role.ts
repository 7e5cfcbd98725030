/** What somebody may do here; the API refuses the rest anyway, this only leaves out what would be refused. */
import type { StreamOverview } from '../../../contract/stream-schemas.ts'

export type Can = {
  readonly operate: boolean
  readonly administer: boolean
  /** Thumbnails; looking is allowed in a read-only console, too. */
  readonly seeImages: boolean
}

export const may = (overview: Pick<StreamOverview, 'role' | 'read_only'> | undefined): Can => ({
  operate: overview !== undefined && !overview.read_only && overview.role !== 'viewer',
  seeImages: overview !== undefined && overview.role !== 'viewer',
  administer: overview !== undefined && !overview.read_only && overview.role === 'admin',
})
