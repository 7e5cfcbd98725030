/** Two people at once: a change says what its maker saw, and is refused where it is not so any more. Pure. */
import { RequestError } from '../shared/errors.ts'

type Values = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Between this look and the change lies a moment in which somebody else can still be faster; it is milliseconds instead
 * of the minutes for which a form stands open.
 * @param now as it is, by name
 * @param expected as the person saw it; names that are not given are not compared
 * @throws RequestError 409 naming what is different, and what it is
 */
export function refuseWhereChanged(now: Values, expected: Values | undefined): void {
  for (const [name, seen] of Object.entries(expected ?? {})) {
    if (seen === undefined || String(now[name]) === String(seen)) continue
    throw new RequestError(
      409,
      'changed-meanwhile',
      `${name}: somebody else has changed it meanwhile, from ${seen} to ${now[name] ?? 'nothing'}`,
      { hint: 'Nothing has been changed. Look at it as it is now, then decide again.' },
    )
  }
}
