/** How much a person keeps, how many of it a filter means, and what there is to filter by: one reading of the index. */
import type { Usage } from '../../contract/personal-schemas.ts'
import { quota } from '../../platform.ts'
import { cameraName } from '../shared/camera.ts'
import type { Ledger } from '../shared/ledger.ts'
import { type ImageFilter, matches } from './filter.ts'

/** More would not fit into a list to choose from. */
const mostCameras = 50

export async function measureUsage(
  ledger: Pick<Ledger, 'ownerSummaries'>,
  ownerId: string,
  filter: ImageFilter,
): Promise<Usage> {
  const kept = { images: 0, bytes: 0 }
  const matching = { images: 0, bytes: 0 }
  const statuses = new Map<string, number>()
  const types = new Map<string, number>()
  const cameras = new Map<string, number>()
  let next = Number.POSITIVE_INFINITY
  for await (const rows of ledger.ownerSummaries(ownerId)) {
    for (const row of rows) {
      if (row.status === 'purged') continue
      add(kept, row.bytes)
      if (matches(row, filter)) add(matching, row.bytes)
      countUp(statuses, row.status)
      countUp(types, row.contentType)
      countUp(cameras, cameraName(row.metadata?.camera))
      next = Math.min(next, row.expiresAt)
    }
  }
  return {
    ...kept,
    quota: { ...quota },
    matching,
    statuses: facets(statuses),
    types: facets(types),
    cameras: facets(cameras).slice(0, mostCameras),
    ...(Number.isFinite(next) && { next_expires_at: new Date(next).toISOString() }),
  }
}

function add(to: { images: number; bytes: number }, bytes: number): void {
  to.images += 1
  to.bytes += bytes
}

function countUp(counts: Map<string, number>, value: string | undefined): void {
  if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
}

const facets = (counts: ReadonlyMap<string, number>): Usage['cameras'] =>
  [...counts]
    .map(([value, images]) => ({ value, images }))
    .sort((a, b) => b.images - a.images || a.value.localeCompare(b.value))
