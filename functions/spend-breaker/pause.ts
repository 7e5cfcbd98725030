/**
 * Pauses event source mappings. Nothing is lost by it: events wait in Kafka for as long as their retention, uploads
 * go on, and the purge, which nothing may hold up, is no event source mapping.
 */
import { DarkroomError } from '../shared/errors.ts'

/** A trigger's state as AWS names it: Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting. */
export type TriggerControl = {
  state(id: string): Promise<string | undefined>
  disable(id: string): Promise<void>
}

export type Paused = { readonly id: string; readonly outcome: 'paused' | 'already paused' }

/** At least one trigger goes on running; the notice is delivered again. */
export class StillRunningError extends DarkroomError {
  readonly code = 'trigger-still-running'
  readonly retriable = true
}

/**
 * Pauses every trigger, each for itself, so that one that fails keeps no other running.
 * @throws StillRunningError naming those that could not be paused
 */
export async function pauseTriggers(ids: readonly string[], control: TriggerControl): Promise<Paused[]> {
  const results = await Promise.allSettled(ids.map((id) => pause(id, control)))
  const failed = results.flatMap((result, n) => (result.status === 'rejected' ? [{ id: ids[n], ...result }] : []))
  if (failed.length > 0) {
    throw new StillRunningError(`Could not pause ${failed.map(({ id }) => id).join(', ')}`, {
      cause: failed[0]?.reason,
    })
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

async function pause(id: string, control: TriggerControl): Promise<Paused> {
  const state = await control.state(id)
  if (state === 'Disabled' || state === 'Disabling') return { id, outcome: 'already paused' }
  await control.disable(id)
  return { id, outcome: 'paused' }
}

/** @returns the ids in a comma-separated variable */
export const triggerIds = (variable: string): string[] =>
  variable
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')

/** An alarm that has calmed down is told too; only going off pauses. Budgets send plain text, and only going off. */
export function isAllClear(message: string): boolean {
  try {
    const notice: unknown = JSON.parse(message)
    return (
      typeof notice === 'object' && notice !== null && 'NewStateValue' in notice && notice.NewStateValue !== 'ALARM'
    )
  } catch {
    return false
  }
}
