/** The transition that closes an image for good, alone or together with others. Pure. */
import { statuses } from './image.ts'
import { expiryOf } from './keys.ts'
import type { Change } from './transition.ts'

/** Which images may be closed; see `markPurged`. */
export type ClosingOnly = {
  readonly owner?: string | undefined
  readonly dueBy?: number | undefined
  readonly unfinished?: boolean
}

/** @param at and `expiresAt` are epoch milliseconds */
export const closing = (
  id: string,
  at: number,
  expiresAt: number,
  { unfinished, ...only }: ClosingOnly = {},
): Change => ({
  from: unfinished ? ['uploading'] : statuses,
  ...only,
  notHeldAt: only.dueBy ?? at,
  set: { status: 'purged', purgedAt: at, ...expiryOf(id, expiresAt) },
  remove: [
    'pendingShard',
    'pendingSince',
    'changedAt',
    'name',
    'metadata',
    'ownerContent',
    'links',
    'hold',
    'heldUntil',
    'ownExpiresAt',
  ],
})
