/**
 * How far somebody has been told of changes. Changes become visible a little out of the order of their times, so a
 * position is a time, and the changes shortly before it that have been told already. Pure.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { RequestError } from '../shared/errors.ts'

/** An image that has changed, and when (epoch milliseconds). */
export type ChangeEntry = { readonly id: string; readonly at: number }

export type Position = {
  readonly at: number
  /** Marks of changes within `overlapMs` before `at`. */
  readonly told: ReadonlySet<string>
}

/** A change is visible to everybody, and clocks agree, within this time. */
export const overlapMs = 1_500
/** Of marks in a position: more come only in a bulk upload, whose pages look at the list as well. */
const marksMost = 200
const markLength = 6

/** Distinguishes changes of one moment; a chance meeting (1 in 16 million) is mended by the next look at the list. */
const markOf = ({ id, at }: ChangeEntry): string =>
  createHash('sha256').update(`${id} ${at}`).digest('base64url').slice(0, markLength)

/** Whoever has just looked at the list has seen nearly everything; what came meanwhile is told. */
export const firstPosition = (now: number): Position => ({ at: now, told: new Set() })

export const isFresh = ({ told }: Position, change: ChangeEntry): boolean => !told.has(markOf(change))

/** @param changes in the order of their times, all that were seen from `overlapMs` before the position on */
export function advanced(position: Position, changes: readonly ChangeEntry[]): Position {
  const at = Math.max(position.at, ...changes.map((change) => change.at))
  const recent = changes.filter((change) => change.at > at - overlapMs).map(markOf)
  return { at, told: new Set(recent.slice(-marksMost)) }
}

const form = z.string().regex(/^\d{1,15}\.(?:[\w-]{6})*$/)

export const encodePosition = ({ at, told }: Position): string => `${at}.${[...told].join('')}`

/** @throws RequestError 400 */
export function decodePosition(cursor: string): Position {
  const parsed = form.safeParse(cursor)
  if (!parsed.success) {
    throw new RequestError(400, 'invalid-cursor', 'The cursor is not one that this platform gave', {
      hint: 'Leave it out to begin with what changes from now on.',
    })
  }
  const [at = '', marks = ''] = parsed.data.split('.')
  return { at: Number(at), told: new Set(marks.match(/.{6}/g) ?? []) }
}
