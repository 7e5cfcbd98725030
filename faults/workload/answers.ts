/** What clients make of answers, and how often they try. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Maybe } from './client.ts'
import { note, type Upload, vanished } from './history.ts'

/** A client gives up after so many attempts; its upload is then indeterminate. */
export const attempts = 8
const pauseMs = { first: 150, most: 2_000 }

/** @param attempt answers whether there is nothing more to try */
export async function untilAnswered(about: readonly Upload[], attempt: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < attempts; n += 1) {
    await pauseBefore(n)
    if (await attempt()) return
  }
  for (const upload of about) note(upload, 'gives up')
}

/** @param n number of the attempt, from 0 */
export const pauseBefore = (n: number): Promise<void> =>
  n === 0 ? Promise.resolve() : pause(Math.min(pauseMs.first * 2 ** n, pauseMs.most))

/**
 * Takes down what an answer says.
 * @param certain whether the request can only be refused by a fault: the client knows that the bytes have arrived
 * @returns whether it is final
 */
export function settled(upload: Upload, answer: Maybe<Answer>, certain = true): boolean {
  upload.refused = undefined
  if (answer === undefined) {
    upload.unanswered = true
    return false
  }
  const { status, json } = answer
  if (status === 202) {
    upload.acknowledged.add(String(json.id))
    return true
  }
  // The function may have done its work and died before it could say so.
  if (status >= 500) upload.unanswered = true
  if (status < 400 || status >= 500 || status === 429) return false
  if (status === 404) note(upload, `${vanished}: an upload that was begun is not known`)
  if (certain) upload.refused = `${status} ${json.code}`
  return status !== 409
}
