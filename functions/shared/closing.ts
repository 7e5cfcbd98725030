/** The transition that closes an image for good, alone or together with others. Pure. */
import { statuses } from './image.ts'
import { expiryOf } from './keys.ts'
import type { Change, Premise } from './transition.ts'

/** Which images may be closed; see `markPurged`. */
export type ClosingOnly = {
  readonly owner?: string | undefined
  readonly dueBy?: number | undefined
  readonly unfinished?: boolean
}

/** What must hold of an image at the moment at which it is closed. @param at epoch milliseconds */
export const closable = (at: number, { unfinished, ...only }: ClosingOnly = {}): Premise => ({
  // DynamoDB takes time to read a condition, in each action of a transaction: whatever has a time may be closed.
  from: unfinished ? ['uploading'] : only.dueBy === undefined ? statuses : undefined,
  ...only,
  notHeldAt: only.dueBy ?? at,
})

/** @param at and `expiresAt` are epoch milliseconds */
export const closing = (id: string, at: number, expiresAt: number, only: ClosingOnly = {}): Change => ({
  ...closable(at, only),
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
