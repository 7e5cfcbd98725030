/** Notices a process that is there and does nothing any more: stopped, deadlocked, or lost in a collection of garbage. */
import { setTimeout as pause } from 'node:timers/promises'

export type LivenessLimits = {
  /** Between two questions. */
  readonly everyMs: number
  /** A question without an answer for so long has failed. */
  readonly answerMs: number
  /** So many failures in a row, and the process counts as hung. */
  readonly failures: number
}

/**
 * Well over a minute without a single answer. A busy machine has kept a part from answering for half a minute, and
 * ending one that would have come back costs more than it helps.
 */
export const patientLimits: LivenessLimits = { everyMs: 10_000, answerMs: 15_000, failures: 4 }

/**
 * Asks again and again.
 * @param alive throws, or does not settle, where there is no answer; an answer that says "not now" is one
 * @returns true once the process counts as hung, false when the signal ends the watch
 */
export async function isHung(
  alive: () => Promise<void>,
  limits: LivenessLimits,
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; failures < limits.failures; ) {
    await pause(limits.everyMs, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return false
    failures = (await answers(alive, limits.answerMs)) ? 0 : failures + 1
  }
  return !signal.aborted
}

async function answers(alive: () => Promise<void>, limitMs: number): Promise<boolean> {
  const late = new AbortController()
  const silence = pause(limitMs, false, { signal: late.signal, ref: false }).catch(() => false)
  const answer = alive().then(
    () => true,
    () => false,
  )
  return Promise.race([answer, silence]).finally(() => late.abort())
}
